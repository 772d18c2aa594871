// The checks that NumPy arrays and device arrays have in common. Errors name what was given and what is accepted.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "csrc/passes/broadcast.h"
#include "csrc/passes/facts.h"
#include "csrc/passes/kinds.h"

namespace tfcustomact::python {

std::string TypeName(const pybind11::object& object);
std::string Text(const pybind11::handle& object);

// Numbers as a tuple of Python's.
std::string TupleText(const std::int64_t* numbers, std::size_t count);

// An activation's parameter: what it is called, or null if there is none, and what it is to the formula.
struct ParameterFacts {
  const char* name;
  Parameter kind;
};
template <class AnActivation>
constexpr ParameterFacts ParameterOf() {
  return {AnActivation::kParameterName, AnActivation::kParameter};
}

// What a Python function is given for it.
struct Argument {
  const char* name;
  Parameter kind;
  pybind11::object value;
};

// A number as a double. Raises TypeError if it is no real number, ValueError if it is too large for float64. Runs the
// code of the number's class, which may change any array that it can reach.
double RealNumber(const Argument& number);

// Raises ValueError if `value`, the number of `argument`, is not finite in the type that arrays of `dtype` are computed
// in, or if it is a divisor of x and not positive there.
void CheckFits(const Argument& argument, double value, DType dtype);

// Raises TypeError, for an array called `name` whose dtype is none of DType.
[[noreturn]] void RefuseDType(const char* name, const std::string& dtype);

struct DTypeAndShape {
  DType dtype;
  const std::int64_t* shape;
  std::size_t dimensions;
};

// Raises TypeError if the array called `name` has another dtype than what is expected of it, ValueError if it has
// another shape. `whose` is the array that it has to be like, in the genitive.
void CheckLike(const char* name, const DTypeAndShape& given, const DTypeAndShape& expected, const std::string& whose);

// Raises ValueError if the output called `name` cannot be written to.
void CheckWriteable(const char* name, bool is_writeable);

// An array's memory, and what it is called.
struct Memory {
  const char* name;
  const void* data;
  std::size_t bytes;
};

// Raises ValueError if `in` and `out` overlap in part: the same memory is accepted, and so is separate memory.
void CheckOverlap(const Memory& in, const Memory& out);

// Raises ValueError if the two share memory.
void CheckApart(const Memory& other, const Memory& out);

// How an array called `name`, which holds one number per channel, lies beside x. Raises TypeError unless it has x's
// dtype, or float32 beside a narrower one, and ValueError if it does not broadcast to x. `whose` is x in the genitive.
std::vector<AxisRun> CheckedAxisRuns(const char* name, const DTypeAndShape& given, const DTypeAndShape& x,
                                     const std::string& whose);

}  // namespace tfcustomact::python
