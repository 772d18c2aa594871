// A loop that knows which of its operations is executed.
#pragma once

#include "csrc/cpu/kernel_table.h"
#include "hwy/highway.h"
#include "tests/breaks/switch.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

template <class Loop, class Facts>
class Watched : public Loop {
 public:
  explicit Watched(double parameter)
      : Watched(parameter, breaks::Within(Number(), Facts::kVectors, Facts::kNumbers, true)) {}

  HWY_INLINE void Run(const typename Loop::Element* const* in, typename Loop::Element* const* out, std::size_t i,
                      cpu::Access access) const {
    const breaks::Within within(Number(), Facts::kVectors, Facts::kNumbers, false);
    Loop::Run(in, out, i, access);
  }

 private:
  Watched(double parameter, const breaks::Within&) : Loop(parameter) {}

  static HWY_INLINE int Number() {
    static const int number = breaks::Register(Facts::kName);
    return number;
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
