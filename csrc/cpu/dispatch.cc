#include <algorithm>

#include "csrc/cpu/kernels.h"
#include "instruction_sets.h"

namespace tfcustomact::cpu {

// The build's list, best first: X(name, function that gives the table, condition to run).
#define TFCUSTOMACT_DECLARE(name, table, condition) const KernelTable& table();
TFCUSTOMACT_SETS(TFCUSTOMACT_DECLARE)
#undef TFCUSTOMACT_DECLARE

namespace {

struct Entry {
  std::string name;
  const KernelTable* table;
  bool runs_here;
};

const std::vector<Entry>& Entries() {
#define TFCUSTOMACT_ENTRY(name, table, condition) Entry{name, &table(), static_cast<bool>(condition)},
  static const std::vector<Entry> entries = {TFCUSTOMACT_SETS(TFCUSTOMACT_ENTRY)};
#undef TFCUSTOMACT_ENTRY
  return entries;
}

const Entry& Selected() {
  static const Entry& selected =
      *std::find_if(Entries().begin(), Entries().end() - 1, [](const Entry& entry) { return entry.runs_here; });
  return selected;
}

Kernel FindIn(const KernelTable& table, Activation activation, Pass pass, DType dtype) {
  return table.of[static_cast<int>(activation)].of[static_cast<int>(pass)].of[static_cast<int>(dtype)];
}

}  // namespace

Kernel FindKernel(Activation activation, Pass pass, DType dtype) {
  return FindIn(*Selected().table, activation, pass, dtype);
}

Kernel FindKernel(const std::string& instruction_set, Activation activation, Pass pass, DType dtype) {
  const auto entry = std::find_if(Entries().begin(), Entries().end(),
                                  [&](const Entry& candidate) { return candidate.name == instruction_set; });
  return FindIn(*entry->table, activation, pass, dtype);
}

std::vector<InstructionSet> InstructionSets() {
  std::vector<InstructionSet> sets;
  for (const Entry& entry : Entries()) sets.push_back({entry.name, entry.runs_here});
  return sets;
}

std::string SelectedInstructionSet() { return Selected().name; }

}  // namespace tfcustomact::cpu
