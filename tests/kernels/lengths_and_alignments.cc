// Every kernel of every instruction set that runs here: each element written once and none outside, for lengths around
// the loops' steps and every misalignment, in rows that lie apart, and in place too; and the results the same wherever
// an element stands.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "tests/kernels/parameters.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::Arguments;
using tfcustomact::DType;
using tfcustomact::Pass;
using tfcustomact::PassFacts;
using tfcustomact::Row;
using tfcustomact::SizeOf;
using Bytes = std::vector<unsigned char>;

constexpr std::size_t kLongest = 300, kGuard = 64;
constexpr unsigned char kUntouched = 0xA5;

// Numbers of both signs: near 1, which the fast models serve, or finite ones of all sizes, of which every fourth is too
// large for the fast models, so that these serve no step, however short. NaN payloads would make bitwise comparison say
// nothing.
enum class Numbers { kOrdinary, kWild };

Bytes Inputs(Numbers numbers, std::size_t element_size, std::uint32_t state) {
  Bytes bytes(kLongest * element_size);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>((state = state * 1664525 + 1013904223) >> 24);
  // A number's last byte has its sign and exponent, of which the second highest bit is not set if it is finite.
  constexpr unsigned char kSign = 0x80, kNearOne = 0x3F, kHuge = 0x7B, kFinite = 0xBF;
  for (std::size_t i = 0; i < kLongest; ++i) {
    unsigned char& last = bytes[(i + 1) * element_size - 1];
    if (numbers == Numbers::kOrdinary) {
      last = (last & kSign) | kNearOne;
    } else {
      last = i % 4 == 0 ? (last & kSign) | kHuge : last & kFinite;
    }
  }
  return bytes;
}

struct Case {
  cpu::Kernel kernel;
  PassFacts facts;
  DType dtype;
  double parameter;
  Numbers numbers;
  std::size_t element;
  Bytes inputs[tfcustomact::kMaxInputs];

  Case(const std::string& set, Activation activation, Pass pass, DType dtype, double parameter, Numbers numbers)
      : kernel(cpu::FindKernel(set, activation, pass, dtype)),
        facts(tfcustomact::FactsOf(pass)),
        dtype(dtype),
        parameter(parameter),
        numbers(numbers),
        element(SizeOf(dtype)) {
    for (int k = 0; k < facts.inputs; ++k) inputs[k] = Inputs(numbers, element, 12345 + k);
  }

  // The length of rows that the kernel is given for `count` elements: a single row without numbers is an array.
  std::size_t LengthOf(std::size_t count, std::size_t columns) const {
    return facts.row == Row::kNone && count == columns ? 0 : columns;
  }
};

// Arrays of `count` elements side by side in one memory: rows of `columns` elements of the first, of the second and so
// on, one element that belongs to none, and again.
struct Layout {
  int arrays;
  std::size_t count, columns, offset, element;

  std::size_t Pitch() const { return arrays * columns + 1; }
  std::size_t Rows() const { return columns == 0 ? 0 : (count + columns - 1) / columns; }
  std::size_t Place(int k) const { return kGuard + offset + k * columns * element; }
  Bytes Memory() const { return Bytes(kGuard + offset + Rows() * Pitch() * element + kGuard, kUntouched); }

  void Write(int k, const Bytes& array, Bytes* memory) const {
    for (std::size_t i = 0; i < count; i += columns) {
      const std::size_t bytes = std::min(columns, count - i) * element;
      std::memcpy(memory->data() + Place(k) + i / columns * Pitch() * element, array.data() + i * element, bytes);
    }
  }
};

// The numbers of a row, which the fast models serve: the element with index i has number i % columns.
struct RowNumbers {
  std::vector<float> floats;
  std::vector<double> doubles;

  RowNumbers(std::size_t size, std::size_t columns) {
    for (std::size_t i = 0; i < size; ++i) {
      doubles.push_back(1.5 + static_cast<double>(i % columns % 23) / 8);
      floats.push_back(static_cast<float>(doubles.back()));
    }
  }
  // The first of others, in memory of their own.
  RowNumbers(std::size_t size, const RowNumbers& of)
      : floats(of.floats.data(), of.floats.data() + size), doubles(of.doubles.data(), of.doubles.data() + size) {}
  const void* For(DType dtype) const {
    return dtype == DType::kFloat64 ? static_cast<const void*>(doubles.data()) : floats.data();
  }
};

struct Results {
  Bytes of[tfcustomact::kMaxOutputs];
  std::vector<double> terms;
};

// The results for kLongest elements in one row, with the numbers of a row of `columns` repeated.
Results ResultsOfOneRow(const Case& c, std::size_t columns) {
  const RowNumbers row(kLongest, columns);
  std::vector<double> errors(kLongest);
  Results results;
  results.terms.resize(kLongest);
  Arguments arguments = {{}, {}, c.parameter, {}};
  for (int k = 0; k < c.facts.inputs; ++k) arguments.in[k] = c.inputs[k].data();
  for (int k = 0; k < c.facts.outputs; ++k) {
    results.of[k].resize(kLongest * c.element);
    arguments.out[k] = results.of[k].data();
  }
  arguments.rows.length = c.LengthOf(kLongest, kLongest);
  arguments.rows.row = row.For(c.dtype);
  arguments.rows.sums = results.terms.data();
  arguments.rows.errors = errors.data();
  c.kernel(arguments, 0, kLongest, cpu::Access::kCached);
  return results;
}

bool AreNear(double a, double b, double distance) {
  return a == b || std::abs(a - b) <= distance || (std::isnan(a) && std::isnan(b));
}

// Whether the sums of columns are right, but for the rounding of up to three additions in float32 where several terms
// are float32 numbers, and the numbers around them are as they were.
bool AreSums(const Case& c, const std::vector<double>& sums, const Results& reference, std::size_t count,
             std::size_t columns) {
  const bool are_exact = c.dtype == DType::kFloat64 || count <= columns;
  const double rounding = are_exact ? 0 : 3 * 0x1p-24;
  std::vector<double> expected(columns), sizes(columns);
  for (std::size_t i = 0; c.facts.has_sum && i < count; i += columns) {
    for (std::size_t k = 0; k < std::min(columns, count - i); ++k) {
      expected[k] += reference.terms[i + k];
      sizes[k] += std::abs(reference.terms[i + k]);
    }
  }
  bool holds = sums.front() == kUntouched && sums.back() == kUntouched;
  for (std::size_t i = 0; i < columns; ++i) holds &= AreNear(sums[i + 1], expected[i], rounding * sizes[i]);
  return holds;
}

// `count` elements in rows of `columns`. In place, the outputs are the last of the inputs.
bool CheckOnce(const Case& c, cpu::Access access, const Results& reference, std::size_t count, std::size_t columns,
               std::size_t offset, bool in_place) {
  const Layout in = {c.facts.inputs, count, columns, offset, c.element};
  const Layout apart = {c.facts.outputs, count, columns, 2 * offset % kGuard, c.element};
  const int first_output = in_place ? c.facts.inputs - c.facts.outputs : 0;
  const Layout& out = in_place ? in : apart;
  Bytes in_memory = in.Memory(), out_memory = out.Memory();
  for (int k = 0; k < c.facts.inputs; ++k) in.Write(k, c.inputs[k], &in_memory);
  Bytes expected_in = in_memory, expected_out = out_memory;
  for (int k = 0; k < c.facts.outputs; ++k) {
    out.Write(first_output + k, reference.of[k], in_place ? &expected_in : &expected_out);
  }

  static const RowNumbers longest(kLongest, kLongest);
  const RowNumbers row(columns, longest);
  std::vector<double> sums(columns + 2), errors(columns + 2);
  for (std::vector<double>* each : {&sums, &errors}) each->front() = each->back() = kUntouched;
  Arguments arguments = {{}, {}, c.parameter, {}};
  for (int k = 0; k < c.facts.inputs; ++k) {
    arguments.in[k] = in_memory.data() + in.Place(k);
    arguments.rows.in_pitches[k] = in.Pitch();
  }
  for (int k = 0; k < c.facts.outputs; ++k) {
    arguments.out[k] = (in_place ? in_memory : out_memory).data() + out.Place(first_output + k);
    arguments.rows.out_pitches[k] = out.Pitch();
  }
  arguments.rows.length = c.LengthOf(count, columns);
  arguments.rows.row = row.For(c.dtype);
  arguments.rows.sums = sums.data() + 1;
  arguments.rows.errors = errors.data() + 1;
  // Where a thread ends and another begins, in the middle of a row: of the longest, so that a step ends within the last
  // vector of the row.
  const std::size_t cut = count == columns ? 0 : count * 164 / kLongest;
  c.kernel(arguments, 0, cut, access);
  c.kernel(arguments, cut, count, access);
  return in_memory == expected_in && out_memory == expected_out && AreSums(c, sums, reference, count, columns) &&
         errors.front() == kUntouched && errors.back() == kUntouched;
}

bool Check(const Case& c, cpu::Access access, bool has_rows, std::size_t stride) {
  const Results reference = ResultsOfOneRow(c, kLongest);
  // Where an array begins matters to non-temporal stores, which need aligned vectors; the others have few offsets.
  const std::size_t next_offset = (cpu::IsNonTemporal(access) ? 1 : 5) * c.element;
  for (std::size_t length = 0; length <= kLongest; length += stride) {
    for (std::size_t offset = 0; offset < 32; offset += next_offset) {
      for (const bool in_place : {false, true}) {
        if (!CheckOnce(c, access, reference, length, length, offset, in_place)) return false;
      }
    }
  }
  // In the rows, other elements share a step: only where one model computes all of them are the results the same.
  if (!has_rows || c.numbers != Numbers::kOrdinary) return true;
  for (const std::size_t columns : {1, 5, 64, 146}) {
    const Results of_rows = ResultsOfOneRow(c, columns);
    for (const std::size_t count : {kLongest - 1, kLongest}) {
      for (const std::size_t offset : {std::size_t{0}, c.element}) {
        for (const bool in_place : {false, true}) {
          if (!CheckOnce(c, access, of_rows, count, columns, offset, in_place)) return false;
        }
      }
    }
  }
  return true;
}

#define TFCUSTOMACT_HAS_ROWS(Name) tfcustomact::passes::kHasRows<tfcustomact::passes::Name>,
constexpr bool kHasRows[] = {TFCUSTOMACT_PASSES(TFCUSTOMACT_HAS_ROWS)};
#undef TFCUSTOMACT_HAS_ROWS

}  // namespace

int main(int argc, char** argv) {
  const std::size_t given = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1;
  if (given == 0) {
    std::printf("lengths_and_alignments [STRIDE], a positive integer\n");
    return 1;
  }
  int failures = 0, checked = 0;
  for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
    if (!set.runs_here) {
      std::printf("%s does not run here\n", set.name.c_str());
      continue;
    }
    for (int activation = 0; activation < tfcustomact::kActivations; ++activation) {
      // The loops do not depend on the activation: of those after the second, every tenth length is checked.
      const std::size_t stride = activation < 2 ? given : 10 * given;
      for (int pass = 0; pass < tfcustomact::kPasses; ++pass) {
        for (int dtype = 0; dtype < tfcustomact::kDTypes; ++dtype) {
          for (const cpu::Access access :
               {cpu::Access::kCached, cpu::Access::kFetchAhead, cpu::Access::kNonTemporal, cpu::Access::kFromMemory}) {
            for (const double parameter : tfcustomact::ParametersOf(Activation{activation})) {
              for (const Numbers numbers : {Numbers::kOrdinary, Numbers::kWild}) {
                const Case c(set.name, Activation{activation}, Pass{pass}, DType{dtype}, parameter, numbers);
                if (c.kernel == nullptr) continue;
                // The precise loops access arrays in one way.
                if (numbers == Numbers::kWild && access != cpu::Access::kCached) continue;
                ++checked;
                if (Check(c, access, kHasRows[pass], stride)) continue;
                ++failures;
                std::printf("%s: activation %d, pass %d, dtype %d, access %d, parameter %g, numbers %d fails\n",
                            set.name.c_str(), activation, pass, dtype, static_cast<int>(access), parameter,
                            static_cast<int>(numbers));
              }
            }
          }
        }
      }
    }
  }
  std::printf("%d kernels checked, %d failed\n", checked, failures);
  return failures == 0 && checked > 0 ? 0 : 1;
}
