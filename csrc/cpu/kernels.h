// The CPU kernels: one per pass of an activation and dtype, for the best instruction set of this machine.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "csrc/cpu/kernel_table.h"

namespace tfcustomact::cpu {

Kernel FindKernel(Activation activation, Pass pass, DType dtype);

// The kernel of one instruction set, which must run here (for tests).
Kernel FindKernel(const std::string& instruction_set, Activation activation, Pass pass, DType dtype);

struct InstructionSet {
  std::string name;
  bool runs_here;
};

// Every instruction set that was compiled, best first. The kernels of the first that runs here are used.
std::vector<InstructionSet> InstructionSets();

// The name of the first that runs here.
std::string SelectedInstructionSet();

}  // namespace tfcustomact::cpu
