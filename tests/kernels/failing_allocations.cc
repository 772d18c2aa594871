// Memory that runs out at any step of sharing work between threads: the work is done all the same, no exception is
// thrown, and no thread touches the arrays after the call, as a build with AddressSanitizer shows. Sums over channels
// take memory of their own: without it there is an exception, and they are right otherwise.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

#include "csrc/cpu/channels.h"
#include "csrc/cpu/parallel.h"
#include "csrc/cpu/share.h"

namespace {

namespace cpu = tfcustomact::cpu;

// The allocations [first_failing, end_of_failing) fail, counted from when `allocations` was set to 0.
std::atomic<long> allocations{0}, first_failing{0}, end_of_failing{0};

constexpr long kForever = 1L << 40;

void AddOne(const tfcustomact::Arguments& arguments, std::size_t begin, std::size_t end, cpu::Access) {
  const char* in = static_cast<const char*>(arguments.in[0]);
  char* out = static_cast<char*>(arguments.out[0]);
  for (std::size_t i = begin; i < end; ++i) out[i] = in[i] + 1;
}

using Floats = std::vector<float>;

// The gradients of 1, 1, ... beside a bias.
void AddUp(const Floats& ones, const Floats& bias, Floats* dx, Floats* sums) {
  const tfcustomact::ChannelCall call = {tfcustomact::Activation{0},
                                         tfcustomact::Pass::kBiasedGradient,
                                         tfcustomact::DType::kFloat32,
                                         {{ones.data(), ones.data()}, {dx->data()}, 1, {}},
                                         bias.data(),
                                         tfcustomact::DType::kFloat32,
                                         sums->data()};
  const std::vector<tfcustomact::AxisRun> runs = {{ones.size() / bias.size(), false}, {bias.size(), true}};
  cpu::RunByChannels(call, cpu::Access::kCached, runs,
                     [&](std::size_t units, const std::function<void(std::size_t)>& work) {
                       cpu::RunUnitsParallel(units, work, ones.size(), 4);
                     });
}

bool SumsAreRight(long first, long end) {
  const Floats ones(5 * cpu::kWorthAThread, 1), bias(64, 1);
  Floats dx(ones.size()), sums(bias.size()), dx_again(ones.size()), sums_again(bias.size());
  allocations = 0;
  first_failing = first;
  end_of_failing = end;
  try {
    AddUp(ones, bias, &dx, &sums);
  } catch (const std::bad_alloc&) {
    end_of_failing = 0;
    return allocations > first;
  }
  const long made = allocations;
  end_of_failing = 0;
  AddUp(ones, bias, &dx_again, &sums_again);
  allocations = made;
  return dx == dx_again && sums == sums_again;
}

bool ElementsAreRight(long first, long end) {
  const std::vector<char> x(5 * cpu::kWorthAThread + 1, 3);
  std::vector<char> out(x.size());
  const std::vector<char> expected(x.size(), 4);
  allocations = 0;
  first_failing = first;
  end_of_failing = end;
  cpu::RunParallel(AddOne, {{x.data()}, {out.data()}, 0, {}}, x.size(), cpu::Access::kCached, 4);
  end_of_failing = 0;
  return out == expected;
}

// In a process of its own, which has no threads yet. Returns whether an allocation failed, and all was well.
enum Outcome { kNoneFailed, kWell, kWrong };
Outcome FailFrom(long first, long end, bool (*are_right)(long, long)) {
  const pid_t child = fork();
  if (child == 0) {
    const bool right = are_right(first, end);
    const bool failed = allocations > first;
    const bool right_after_that = are_right(0, 0);
    _exit(!right || !right_after_that ? kWrong : failed ? kWell : kNoneFailed);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? static_cast<Outcome>(WEXITSTATUS(status)) : kWrong;
}

}  // namespace

void* operator new(std::size_t bytes) {
  const long number = allocations++;
  void* const memory = number >= first_failing && number < end_of_failing ? nullptr : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main() {
  for (const auto are_right : {ElementsAreRight, SumsAreRight}) {
    for (const bool once : {true, false}) {
      long first = 0;
      Outcome outcome = kWell;
      for (; outcome == kWell; ++first) outcome = FailFrom(first, once ? first + 1 : kForever, are_right);
      std::printf("%s: %ld allocations\n", once ? "one fails" : "all fail from one on", first - 1);
      if (outcome == kWrong || first < 5) return 1;
    }
  }
  return 0;
}
