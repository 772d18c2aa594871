// Arrays beside pages without access: no kernel of any instruction set that runs here reads or writes outside its
// arrays, wherever they begin and end, for every length around the loops' steps. The inputs lie in pages that can only
// be read, and the bytes around the output have to stay as they were.
//
//   page_ends [STRIDE]    every STRIDE-th length
//
// Kernels prefetch beyond the ends of their inputs: a prefetch never faults.
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "csrc/cpu/kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::DType;
using tfcustomact::Pass;
using tfcustomact::PassFacts;

constexpr std::size_t kMaxLength = 600, kMaxElement = 8;
constexpr unsigned char kUntouched = 0xA5;

// As every byte of a number, of whatever dtype: a size that the fast models serve, and one that they do not.
constexpr unsigned char kOrdinary = 0x3C, kHuge = 0x7B;

#define TFCUSTOMACT_NAME(Name, name) #name,
constexpr const char* kActivationNames[] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_NAME)};
#undef TFCUSTOMACT_NAME
#define TFCUSTOMACT_NAME(Name) #Name,
constexpr const char* kPassNames[] = {TFCUSTOMACT_PASSES(TFCUSTOMACT_NAME)};
#undef TFCUSTOMACT_NAME
constexpr const char* kDTypeNames[] = {"float16", "bfloat16", "float32", "float64"};

struct Case {
  std::string set;
  Activation activation;
  Pass pass;
  DType dtype;
  cpu::Access access;
  double parameter;
  unsigned char numbers;
  std::size_t length;
  bool inputs_at_end, out_at_end;
};

// dy stands for every input that is not x.
void CallKernel(const Case& c, const void* dy, const void* x, void* out) {
  tfcustomact::Arguments arguments = {{}, {out}, c.parameter};
  const PassFacts facts = tfcustomact::FactsOf(c.pass);
  for (int i = 0; i < facts.inputs; ++i) arguments.in[i] = i == facts.x ? x : dy;
  cpu::FindKernel(c.set, c.activation, c.pass, c.dtype)(arguments, 0, c.length, c.access);
}

// Memory between two pages without access.
class Pages {
 public:
  Pages() : page_(sysconf(_SC_PAGESIZE)), size_((kMaxLength * kMaxElement + page_ - 1) / page_ * page_) {
    void* const mapped = mmap(nullptr, size_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return;
    begin_ = static_cast<unsigned char*>(mapped) + page_;
    is_mapped_ = mprotect(begin_, size_, PROT_READ | PROT_WRITE) == 0;
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  bool IsMapped() const { return is_mapped_; }

  void Fill(unsigned char byte) { std::memset(begin_, byte, size_); }

  // From here on it can only be read.
  void FillForGood(unsigned char byte) {
    mprotect(begin_, size_, PROT_READ | PROT_WRITE);
    Fill(byte);
    mprotect(begin_, size_, PROT_READ);
  }

  unsigned char* Place(std::size_t bytes, bool at_end) { return at_end ? begin_ + size_ - bytes : begin_; }

  // Whether all but the array has this byte.
  bool AreOnly(unsigned char byte, std::size_t bytes, bool array_at_end) {
    const unsigned char* const rest = array_at_end ? begin_ : begin_ + bytes;
    const std::size_t size = size_ - bytes;
    return size == 0 || (rest[0] == byte && std::memcmp(rest, rest + 1, size - 1) == 0);
  }

  // The pages without access belong to it.
  bool Contain(const void* address) const {
    const auto* const byte = static_cast<const unsigned char*>(address);
    return byte >= begin_ - page_ && byte < begin_ + size_ + page_;
  }

 private:
  std::size_t page_, size_;
  unsigned char* begin_ = nullptr;
  bool is_mapped_ = false;
};

struct Arrays {
  Pages dy, x, out;
} arrays;

Case current;

void Fail(const char* what) {
  std::printf(
      "%s: %s, %s pass of %s, %s, %s stores, parameter %g, %s numbers, %zu elements, inputs at the %s and out at the "
      "%s of their pages\n",
      what, current.set.c_str(), kPassNames[static_cast<int>(current.pass)],
      kActivationNames[static_cast<int>(current.activation)], kDTypeNames[static_cast<int>(current.dtype)],
      current.access == cpu::Access::kNonTemporal ? "non-temporal" : "usual", current.parameter,
      current.numbers == kOrdinary ? "ordinary" : "huge", current.length, current.inputs_at_end ? "end" : "begin",
      current.out_at_end ? "end" : "begin");
  std::fflush(stdout);
  _exit(1);
}

// Only kernels fault here, never a function that holds a lock of the standard output.
void OnFault(int, siginfo_t* info, void*) {
  Fail(arrays.dy.Contain(info->si_addr)    ? "an access outside dy, or a write to it"
       : arrays.x.Contain(info->si_addr)   ? "an access outside x, or a write to it"
       : arrays.out.Contain(info->si_addr) ? "an access outside out"
                                           : "an access to no array");
}

void CheckKernel(std::size_t stride) {
  for (std::size_t length = 0; length <= kMaxLength; length += stride) {
    const std::size_t bytes = length * tfcustomact::SizeOf(current.dtype);
    for (const bool inputs_at_end : {false, true}) {
      for (const bool out_at_end : {false, true}) {
        current.length = length;
        current.inputs_at_end = inputs_at_end;
        current.out_at_end = out_at_end;
        const void* const dy = arrays.dy.Place(bytes, inputs_at_end);
        unsigned char* const out = arrays.out.Place(bytes, out_at_end);
        CallKernel(current, dy, arrays.x.Place(bytes, inputs_at_end), out);
        if (!arrays.out.AreOnly(kUntouched, bytes, out_at_end)) Fail("a write outside out");
        std::memset(out, kUntouched, bytes);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t stride = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1;
  if (stride == 0) {
    std::printf("page_ends [STRIDE], a positive integer\n");
    return 1;
  }
  if (!arrays.dy.IsMapped() || !arrays.x.IsMapped() || !arrays.out.IsMapped()) {
    std::printf("no memory\n");
    return 1;
  }
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);

  int checked = 0;
  arrays.out.Fill(kUntouched);
  for (const unsigned char numbers : {kOrdinary, kHuge}) {
    arrays.dy.FillForGood(numbers);
    arrays.x.FillForGood(numbers);
    for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
      if (!set.runs_here) continue;
      for (int activation = 0; activation < tfcustomact::kActivations; ++activation) {
        for (int pass = 0; pass < tfcustomact::kPasses; ++pass) {
          for (int dtype = 0; dtype < tfcustomact::kDTypes; ++dtype) {
            for (const cpu::Access access : {cpu::Access::kCached, cpu::Access::kNonTemporal}) {
              // 1 has loops of its own.
              for (const double parameter : {1.0, 1.5}) {
                current = {
                    set.name, Activation{activation}, Pass{pass}, DType{dtype}, access, parameter, numbers, 0, false,
                    false};
                CheckKernel(stride);
                ++checked;
              }
            }
          }
        }
      }
    }
  }
  std::printf("%d kernels checked\n", checked);
  return checked > 0 ? 0 : 1;
}
