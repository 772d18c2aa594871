// The kernels of which one thing can be broken, as a library for ctypes.
#include <cstring>
#include <string>
#include <vector>

#include "csrc/cpu/access.h"
#include "csrc/cpu/kernels.h"
#include "csrc/cpu/parallel.h"
#include "tests/breaks/switch.h"

namespace tfcustomact::breaks {

State state = {-1, {-1, 0, 0, {}}, 0, false, false, 0, 1, 1, 0, 0};

namespace {

std::vector<std::string>& Loops() {
  static std::vector<std::string> loops;
  return loops;
}

std::vector<Site>& Recorded() {
  static std::vector<Site> recorded;
  return recorded;
}

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

}  // namespace

int Register(const char* loop) {
  Loops().push_back(loop);
  return static_cast<int>(Loops().size()) - 1;
}

int Watch(Operation operation) {
  const Site here = {state.loop, state.numbers < 0 ? -1 : state.numbers / state.numbers_of_part,
                     state.operations++ / state.vectors, operation};
  if (state.is_recording) {
    Recorded().push_back(here);
    return 0;
  }
  const Site& broken = state.site;
  return here.part == broken.part && here.number == broken.number && operation == broken.operation ? state.variant : 0;
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

TFCUSTOMACT_EXPORT const char* LoopName(int loop) { return breaks::Loops()[loop].c_str(); }

TFCUSTOMACT_EXPORT const char* VariantName(int operation, std::size_t variant) {
  const std::vector<const char*>& variants = breaks::kVariants[operation];
  return variant >= 1 && variant <= variants.size() ? variants[variant - 1] : nullptr;
}

TFCUSTOMACT_EXPORT void BreakText(int text) { breaks::state.text = text; }

TFCUSTOMACT_EXPORT void BreakOperation(int loop, int part, int number, int operation, int variant) {
  breaks::state.site = {loop, part, number, static_cast<breaks::Operation>(operation)};
  breaks::state.variant = variant;
}

TFCUSTOMACT_EXPORT void Record(int is_on) {
  breaks::state.is_recording = is_on != 0;
  if (is_on != 0) breaks::Recorded().clear();
}

// Writes what was recorded, four numbers for each, and returns how many there are.
TFCUSTOMACT_EXPORT std::size_t Recorded(int* sites, std::size_t most) {
  const std::vector<breaks::Site>& recorded = breaks::Recorded();
  for (std::size_t i = 0; i < recorded.size() && i < most; ++i)
    std::memcpy(sites + 4 * i, &recorded[i], 4 * sizeof(int));
  return recorded.size();
}

TFCUSTOMACT_EXPORT void Call(const char* set, int activation, int pass, int dtype, const void* const* in, void* out,
                             double parameter, std::size_t size, std::size_t threads) {
  const Pass its_pass{pass};
  const DType its_dtype{dtype};
  Arguments arguments = {{}, {out}, parameter};
  const PassFacts facts = FactsOf(its_pass);
  for (int i = 0; i < facts.inputs; ++i) arguments.in[i] = in[i];
  cpu::RunParallel(cpu::FindKernel(set, Activation{activation}, its_pass, its_dtype), arguments, size,
                   cpu::AccessFor(arguments, facts, size * SizeOf(its_dtype)), threads);
}
