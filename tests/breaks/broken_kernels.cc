// The kernels of which one thing can be broken, as a library for ctypes.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "csrc/cpu/access.h"
#include "csrc/cpu/kernels.h"
#include "csrc/cpu/share.h"
#include "tests/breaks/switch.h"

namespace tfcustomact::breaks {

__thread State state = {-1, {nullptr, 0}, 0, false, false, 0};

namespace {

// How often each operation was executed since a vector was read, and all that were executed at all.
thread_local std::map<const void*, int> counts;
thread_local std::set<std::tuple<std::uintptr_t, int, Operation>> recorded;

const std::vector<cpu::InstructionSet>& Sets() {
  static const std::vector<cpu::InstructionSet> sets = cpu::InstructionSets();
  return sets;
}

// What the variants of an operation but the right one are, by the operation's number.
const std::vector<const char*> kVariants[] = {
    {"constant times 1 + 2^-12", "constant 0"},
    {"a + b: a", "a + b: b"},
    {"a - b: a", "a - b: -b"},
    {"a * b: a", "a * b: b"},
    {"a / b: by the approximate reciprocal", "a / b: a"},
    {"-a: a"},
    {"a * b + c: rounded twice", "a * b + c: a * b", "a * b + c: c"},
    {"a * b - c: rounded twice", "a * b - c: a * b", "a * b - c: -c"},
    {"c - a * b: rounded twice", "c - a * b: -a * b", "c - a * b: c"},
    {"reciprocal: 0", "reciprocal of a: a"},
    {"|a|: a", "|a|: -a"},
    {"sign: not taken", "sign: the opposite"},
    {"a < b: not so", "a < b: a <= b", "a < b: always", "a < b: never"},
    {"finite: always", "finite: never"},
    {"infinite: always", "infinite: never"},
    {"choice: always the first", "choice: always the second"},
    {"bound from below: none", "bound from below: the bound itself"},
    {"bounds: none from below", "bounds: none from above"},
    {"power of two: twice of it", "power of two: 1"},
    {"times a power of two: twice of it", "times a power of two: not at all"},
    {"upper bits: all", "upper bits: none"},
};

// A part of the range of a kernel's call.
struct Part {
  std::size_t begin, end;
  bool is_last;
  std::size_t Size() const { return end - begin; }
};
using Run = std::function<void(const Arguments&, std::size_t begin, std::size_t end)>;

Arguments WithParameter(Arguments arguments, double parameter) {
  arguments.parameter = parameter;
  return arguments;
}

Arguments WithSecondInput(Arguments arguments, const PassFacts& facts) {
  arguments.in[facts.x] = arguments.in[0];
  return arguments;
}

struct BrokenCall {
  const char* name;
  void (*run)(const Run& run, const Arguments& arguments, const PassFacts& facts, const Part& part);
};

// Ways to call a kernel for a part of the arrays, in the place of run(arguments, part.begin, part.end). These are the
// mistakes of a loop that its own source need not be known for: elements that are left out, or computed of others.
template <std::size_t kStep>
void LeaveOutTail(const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
  run(arguments, part.begin, part.end - part.Size() % kStep);
}
template <std::size_t kStep>
void LeaveOutEverySecondStep(const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
  for (std::size_t i = part.begin; i < part.end; i += 2 * kStep) run(arguments, i, std::min(i + kStep, part.end));
}
template <std::size_t kStep>
void LeaveOutTailOfAllButOne(const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
  run(arguments, part.begin, part.end - (part.Size() % kStep == kStep - 1 ? 1 : 0));
}
const BrokenCall kBrokenCalls[] = {
    {"tail left out, steps of 16", LeaveOutTail<16>},
    {"tail left out, steps of 128", LeaveOutTail<128>},
    {"every second step of 8 left out", LeaveOutEverySecondStep<8>},
    {"every second step of 128 left out", LeaveOutEverySecondStep<128>},
    {"last element of a tail of 31 left out", LeaveOutTailOfAllButOne<32>},
    {"last element of a tail of 127 left out", LeaveOutTailOfAllButOne<128>},
    {"arrays of one element left out",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       if (part.Size() > 1) run(arguments, part.begin, part.end);
     }},
    {"first element left out", [](const Run& run, const Arguments& arguments, const PassFacts&,
                                  const Part& part) { run(arguments, part.begin + 1, part.end); }},
    {"first element left out where the output is not aligned",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       run(arguments, part.begin + (reinterpret_cast<std::uintptr_t>(arguments.out[0]) % 16 == 0 ? 0 : 1), part.end);
     }},
    {"last element left out of all parts but the first",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       run(arguments, part.begin, part.end - (part.begin > 0 ? 1 : 0));
     }},
    {"last element left out of the last of several parts",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       run(arguments, part.begin, part.end - (part.begin > 0 && part.is_last ? 1 : 0));
     }},
    {"elements after the first 2^17 left out",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       run(arguments, part.begin, std::min(part.end, part.begin + (std::size_t{1} << 17)));
     }},
    {"parameter: 1", [](const Run& run, const Arguments& arguments, const PassFacts&,
                        const Part& part) { run(WithParameter(arguments, 1), part.begin, part.end); }},
    {"parameter: its opposite",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       run(WithParameter(arguments, -arguments.parameter), part.begin, part.end);
     }},
    {"parameter: rounded to 20 bits",
     [](const Run& run, const Arguments& arguments, const PassFacts&, const Part& part) {
       const double scaled = arguments.parameter * (0x1p33 + 1);
       run(WithParameter(arguments, scaled - (scaled - arguments.parameter)), part.begin, part.end);
     }},
    {"the first input in the place of x",
     [](const Run& run, const Arguments& arguments, const PassFacts& facts, const Part& part) {
       run(WithSecondInput(arguments, facts), part.begin, part.end);
     }},
};

thread_local int broken_call = -1;

}  // namespace

void ForgetCounts() { counts.clear(); }

int Watch(Operation operation) {
  const void* address = __builtin_return_address(0);
  if (state.is_recording) {
    recorded.insert({reinterpret_cast<std::uintptr_t>(address), counts[address]++, operation});
    return 0;
  }
  if (address != state.site.address) return 0;
  return state.count++ == state.site.count ? state.variant : 0;
}

}  // namespace tfcustomact::breaks

// For Python. All numbers are those of the enumerations.
#define TFCUSTOMACT_EXPORT extern "C" __attribute__((visibility("default")))

using namespace tfcustomact;

// The name of instruction set `i`, or null; empty if it does not run here.
TFCUSTOMACT_EXPORT const char* InstructionSetName(std::size_t i) {
  if (i >= breaks::Sets().size()) return nullptr;
  return breaks::Sets()[i].runs_here ? breaks::Sets()[i].name.c_str() : "";
}

TFCUSTOMACT_EXPORT const char* ActivationName(std::size_t i) {
#define TFCUSTOMACT_NAME(Name, name) #name,
  static const char* const names[] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_NAME)};
#undef TFCUSTOMACT_NAME
  return i < kActivations ? names[i] : nullptr;
}

TFCUSTOMACT_EXPORT const char* VariantName(int operation, std::size_t variant) {
  const std::vector<const char*>& variants = breaks::kVariants[operation];
  return variant >= 1 && variant <= variants.size() ? variants[variant - 1] : nullptr;
}

TFCUSTOMACT_EXPORT const char* CallName(std::size_t i) {
  return i < std::size(breaks::kBrokenCalls) ? breaks::kBrokenCalls[i].name : nullptr;
}

extern const char library_address __asm__("__ehdr_start") __attribute__((visibility("hidden")));
// Where the library lies: an operation's address less this is what `addr2line` takes.
TFCUSTOMACT_EXPORT std::size_t Address() { return reinterpret_cast<std::size_t>(&library_address); }

// Breaks an operation, a piece of source or calls, each of which may be none, for the calling thread.
TFCUSTOMACT_EXPORT void Break(const void* address, int count, int variant, int text, int call) {
  breaks::state = {text, {address, count}, variant, false, address != nullptr, 0};
  breaks::broken_call = call;
}

TFCUSTOMACT_EXPORT void Record(int is_on) {
  breaks::state.is_recording = breaks::state.is_watching = is_on != 0;
  if (is_on != 0) breaks::recorded.clear();
  breaks::counts.clear();
}

// Writes what was recorded, three numbers for each, and returns how many there are.
TFCUSTOMACT_EXPORT std::size_t Recorded(std::uint64_t* sites, std::size_t max) {
  std::size_t i = 0;
  for (const auto& [address, count, operation] : breaks::recorded) {
    if (i == max) break;
    sites[3 * i] = address;
    sites[3 * i + 1] = count;
    sites[3 * i++ + 2] = static_cast<std::uint64_t>(operation);
  }
  return breaks::recorded.size();
}

// Runs a kernel as if on two threads; what is broken is broken for the calling one alone.
TFCUSTOMACT_EXPORT void Call(const char* set, int activation, int pass, int dtype, const void* const* in, void* out,
                             double parameter, std::size_t size) {
  const Pass its_pass{pass};
  const DType its_dtype{dtype};
  Arguments arguments = {{}, {out}, parameter, {}};
  const PassFacts facts = FactsOf(its_pass);
  for (int i = 0; i < facts.inputs; ++i) arguments.in[i] = in[i];
  const cpu::Kernel kernel = cpu::FindKernel(set, Activation{activation}, its_pass, its_dtype);
  const cpu::Access access = cpu::AccessFor(arguments, facts, size * SizeOf(its_dtype));
  const auto work = [&](std::size_t begin, std::size_t end) {
    if (breaks::broken_call < 0) return kernel(arguments, begin, end, access);
    const auto run = [&](const Arguments& others, std::size_t first, std::size_t last) {
      if (first < last) kernel(others, first, last, access);
    };
    breaks::kBrokenCalls[breaks::broken_call].run(run, arguments, facts, {begin, end, end == size});
  };
  cpu::Share(size, cpu::HelpersFor(size, 1), [](const auto& task) { task(); }, work);
}
