// How the ops and their kernels are made known to TensorFlow, without its macros, which take one name at a time.
//
// The inputs of an op are, in this order: the activation's parameter, if it has one; the arrays of the pass; a bias, if
// the pass has one. The parameter is a number, a scalar of float64 in the host's memory, or, if it is the row of the
// pass, a tensor that broadcasts to the arrays. The outputs are the arrays of the pass, and the gradient of the row, if
// the pass has one.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "activations.h"
#include "csrc/passes/passes.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace tfcustomact {

// A pass of an activation, and what is known of both.
struct Function {
  Activation activation;
  Pass pass;
  // The name of the activation's class, and of its parameter, null if it has none.
  const char* name;
  const char* parameter_name;
  PassFacts facts;

  bool HasNumber() const { return parameter_name != nullptr && facts.row != Row::kParameter; }
  // The first array is the input of this number.
  int FirstArray() const { return parameter_name == nullptr ? 0 : 1; }
  const char* RowName() const { return facts.row == Row::kBias ? "bias" : parameter_name; }
  int RowInput() const { return facts.row == Row::kBias ? FirstArray() + facts.inputs : 0; }

  // The name of an op, which ends with that of the pass or its packed form.
  std::string OpName(const char* pass_name) const { return std::string("Tfcustomact") + name + pass_name; }
};

// Every pass of every activation.
inline std::vector<Function> EveryFunction() {
  struct Named {
    Activation activation;
    const char *name, *parameter_name;
  };
#define TFCUSTOMACT_NAMED(Name, name) Named{Activation::k##Name, #Name, Name::kParameterName},
  const Named activations[] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_NAMED)};
#undef TFCUSTOMACT_NAMED
  std::vector<Function> functions;
  for (const Named& named : activations) {
    for (int pass = 0; pass < kPasses; ++pass) {
      const PassFacts facts = FactsOf(Pass{pass});
      if (facts.row == Row::kParameter && named.parameter_name == nullptr) continue;
      functions.push_back({named.activation, Pass{pass}, named.name, named.parameter_name, facts});
    }
  }
  return functions;
}

// An error unless an array has the shape of another, which all arrays of a pass have.
inline absl::Status CheckShape(const char* name, const ::tensorflow::TensorShape& shape, const char* other_name,
                               const ::tensorflow::TensorShape& other) {
  if (shape == other) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, " has shape ", shape.DebugString(), ": that of ", other_name,
                                                 ", ", other.DebugString(), ", is accepted"));
}

// An error unless the last axis of a packed array has two halves.
inline absl::Status CheckPacked(const ::tensorflow::TensorShape& shape) {
  if (shape.dims() > 0 && shape.dim_size(shape.dims() - 1) % 2 == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("packed has shape ", shape.DebugString(), ": one whose last axis has an even length is accepted"));
}

// Registers a kernel of the class Kernel, which is made of a Function.
template <class Kernel>
void RegisterKernel(::tensorflow::KernelDefBuilder& builder, const Function& function) {
  class Factory : public ::tensorflow::kernel_factory::OpKernelFactory {
   public:
    explicit Factory(const Function& function) : function_(function) {}
    ::tensorflow::OpKernel* Create(::tensorflow::OpKernelConstruction* context) override {
      return new Kernel(context, function_);
    }

   private:
    const Function function_;
  };
  const ::tensorflow::kernel_factory::OpKernelRegistrar registrar(builder.Build(), "tfcustomact",
                                                                  std::make_unique<Factory>(function));
}

}  // namespace tfcustomact
