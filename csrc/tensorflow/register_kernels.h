// Which kernels the ops have on a device.
#pragma once

#include "csrc/tensorflow/packed_op.h"
#include "csrc/tensorflow/pass_op.h"
#include "csrc/tensorflow/registration.h"
#include "csrc/tensorflow/row_op.h"

namespace tfcustomact {

template <class Device>
class RegisterKernels {
 public:
  RegisterKernels() {
    for (const Function& function : EveryFunction()) {
      for (const ::tensorflow::DataType dtype :
           {::tensorflow::DT_HALF, ::tensorflow::DT_BFLOAT16, ::tensorflow::DT_FLOAT, ::tensorflow::DT_DOUBLE}) {
        Register(function, dtype);
      }
    }
  }

 private:
  static void Register(const Function& function, ::tensorflow::DataType dtype) {
    const PassFacts& facts = function.facts;
    if (facts.row == Row::kNone) {
      Add<PassOp<Device>>(function, facts.op, dtype);
    } else {
      Add<RowOp<Device>>(function, facts.op, dtype);
    }
    if (facts.packed_op != nullptr) Add<PackedOp<Device>>(function, facts.packed_op, dtype);
  }

  template <class Kernel>
  static void Add(const Function& function, const char* pass, ::tensorflow::DataType dtype) {
    const auto add = [&](const auto& constrain) {
      ::tensorflow::KernelDefBuilder builder(function.OpName(pass).c_str());
      builder.Device(Device::Name()).TypeConstraint("T", dtype);
      constrain(builder);
      RegisterKernel<Kernel>(builder, function);
    };
    if (function.facts.row != Row::kParameter) {
      // The number is read before the kernel is launched.
      return add([&](auto& builder) {
        if (function.HasNumber()) builder.HostMemory(function.parameter_name);
      });
    }
    add([&](auto& builder) { builder.TypeConstraint("P", dtype); });
    // Beside float16 and bfloat16, a parameter may be of float32.
    if (::tensorflow::DataTypeSize(dtype) == 2) {
      add([](auto& builder) { builder.TypeConstraint("P", ::tensorflow::DT_FLOAT); });
    }
  }
};

}  // namespace tfcustomact
