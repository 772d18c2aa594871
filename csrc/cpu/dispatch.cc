#include <atomic>

#include "csrc/cpu/kernels.h"
#include "instruction_sets.h"

namespace tfcustomact::cpu {

// The build's list, best first: X(name, function that gives the table, condition to run).
#define TFCUSTOMACT_DECLARE(name, table, condition) const KernelTable& table();
TFCUSTOMACT_SETS(TFCUSTOMACT_DECLARE)
#undef TFCUSTOMACT_DECLARE

namespace {

struct Entry {
  const char* name;
  const KernelTable* table;
  bool runs_here;
};

const std::vector<Entry>& Entries() {
#define TFCUSTOMACT_ENTRY(name, table, condition) Entry{name, &table(), static_cast<bool>(condition)},
  static const std::vector<Entry> entries = {TFCUSTOMACT_SETS(TFCUSTOMACT_ENTRY)};
#undef TFCUSTOMACT_ENTRY
  return entries;
}

const Entry* Best() {
  for (const Entry& entry : Entries()) {
    if (entry.runs_here) return &entry;
  }
  return &Entries().back();
}

std::atomic<const Entry*>& Selected() {
  static std::atomic<const Entry*> selected{Best()};
  return selected;
}

}  // namespace

Kernel FindKernel(Activation activation, Order order, DType dtype) {
  const KernelTable& table = *Selected().load(std::memory_order_relaxed)->table;
  return table.kernels[static_cast<int>(activation)][static_cast<int>(order)][static_cast<int>(dtype)];
}

std::vector<InstructionSet> InstructionSets() {
  std::vector<InstructionSet> sets;
  for (const Entry& entry : Entries()) sets.push_back({entry.name, entry.runs_here});
  return sets;
}

bool SelectInstructionSet(const std::string& name) {
  for (const Entry& entry : Entries()) {
    if (entry.name == name && entry.runs_here) {
      Selected().store(&entry, std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

std::string SelectedInstructionSet() { return Selected().load(std::memory_order_relaxed)->name; }

std::size_t SizeOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return 4;
    case DType::kFloat64:
      return 8;
    default:
      return 2;
  }
}

}  // namespace tfcustomact::cpu
