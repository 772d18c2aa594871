// Arrays beside pages without access: no kernel of any instruction set that runs here reads or writes outside its
// arrays, wherever they begin and end, for every length around the loops' steps, and in two rows with a gap between
// them. The inputs and the numbers of a row lie in pages that can only be read, and the bytes around outputs and sums
// have to stay as they were.
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
#include "tests/kernels/parameters.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::DType;
using tfcustomact::Pass;
using tfcustomact::PassFacts;

constexpr std::size_t kMaxLength = 600, kGap = 1, kMaxBytes = (2 * kMaxLength + kGap) * sizeof(double);
constexpr unsigned char kUntouched = 0xA5;

// A number of any dtype all of whose bytes are the first is served by the fast models; one of the second is not.
constexpr unsigned char kOrdinary = 0x3C, kHuge = 0x7B;

#define TFCUSTOMACT_NAME(Name, name) #name,
constexpr const char* kActivationNames[] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_NAME)};
#undef TFCUSTOMACT_NAME
#define TFCUSTOMACT_NAME(Name) #Name,
constexpr const char* kPassNames[] = {TFCUSTOMACT_PASSES(TFCUSTOMACT_NAME)};
#undef TFCUSTOMACT_NAME
#define TFCUSTOMACT_HAS_ROWS(Name) tfcustomact::passes::kHasRows<tfcustomact::passes::Name>,
constexpr bool kHasRows[] = {TFCUSTOMACT_PASSES(TFCUSTOMACT_HAS_ROWS)};
#undef TFCUSTOMACT_HAS_ROWS
constexpr const char* kDTypeNames[] = {"float16", "bfloat16", "float32", "float64"};

struct Case {
  std::string set;
  Activation activation;
  Pass pass;
  DType dtype;
  cpu::Access access;
  double parameter;
  unsigned char numbers;
  std::size_t length, rows;
  bool inputs_at_end, out_at_end;

  std::size_t Element() const { return tfcustomact::SizeOf(dtype); }
  // From the first element to the last.
  std::size_t Bytes() const { return (rows * length + (rows - 1) * kGap) * Element(); }
  // Sums are float64 numbers; the numbers of a row are too, or float32.
  std::size_t RowBytes() const { return length * (dtype == DType::kFloat64 ? sizeof(double) : sizeof(float)); }
  std::size_t SumBytes() const { return length * sizeof(double); }
};

// Memory between two pages without access.
class Pages {
 public:
  Pages() : page_(sysconf(_SC_PAGESIZE)), size_((kMaxBytes + page_ - 1) / page_ * page_) {
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

  // Whether all bytes from `begin` on are this one.
  bool AreOnly(unsigned char byte, const unsigned char* begin, std::size_t size) const {
    return size == 0 || (begin[0] == byte && std::memcmp(begin, begin + 1, size - 1) == 0);
  }

  // Whether all but the array has this byte.
  bool AreOnlyOutside(unsigned char byte, std::size_t bytes, bool array_at_end) const {
    return AreOnly(byte, array_at_end ? begin_ : begin_ + bytes, size_ - bytes);
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
  Pages in[tfcustomact::kMaxInputs], row, out[tfcustomact::kMaxOutputs], sums, errors;

  bool AreMapped() const {
    bool are_mapped = row.IsMapped() && sums.IsMapped() && errors.IsMapped();
    for (const Pages& pages : in) are_mapped &= pages.IsMapped();
    for (const Pages& pages : out) are_mapped &= pages.IsMapped();
    return are_mapped;
  }
} arrays;

Case current;

void Fail(const char* what) {
  std::printf(
      "%s: %s, %s pass of %s, %s, %s stores, parameter %g, %s numbers, %zu rows of %zu elements, what is read at the "
      "%s and what is written at the %s of their pages\n",
      what, current.set.c_str(), kPassNames[static_cast<int>(current.pass)],
      kActivationNames[static_cast<int>(current.activation)], kDTypeNames[static_cast<int>(current.dtype)],
      cpu::IsNonTemporal(current.access) ? "non-temporal" : "usual", current.parameter,
      current.numbers == kOrdinary ? "ordinary" : "huge", current.rows, current.length,
      current.inputs_at_end ? "end" : "begin", current.out_at_end ? "end" : "begin");
  std::fflush(stdout);
  _exit(1);
}

// Only kernels fault here, never a function that holds a lock of the standard output.
void OnFault(int, siginfo_t* info, void*) {
  const PassFacts facts = tfcustomact::FactsOf(current.pass);
  for (int i = 0; i < facts.inputs; ++i) {
    if (arrays.in[i].Contain(info->si_addr)) {
      std::printf("%s: ", facts.input_names[i]);
      Fail("an access outside an input, or a write to it");
    }
  }
  for (const Pages& out : arrays.out) {
    if (out.Contain(info->si_addr)) Fail("an access outside an output");
  }
  if (arrays.row.Contain(info->si_addr)) Fail("an access outside the row, or a write to it");
  if (arrays.sums.Contain(info->si_addr) || arrays.errors.Contain(info->si_addr)) Fail("an access outside the sums");
  Fail("an access to no array");
}

void CheckWritten(Pages* pages, std::size_t bytes) {
  if (!pages->AreOnlyOutside(kUntouched, bytes, current.out_at_end)) Fail("a write outside an array");
  std::memset(pages->Place(bytes, current.out_at_end), kUntouched, bytes);
}

void CheckGap(Pages* pages) {
  const std::size_t row = current.length * current.Element();
  const unsigned char* const gap = pages->Place(current.Bytes(), current.out_at_end) + row;
  if (!pages->AreOnly(kUntouched, gap, kGap * current.Element())) Fail("a write between two rows");
}

void CheckOnce() {
  const PassFacts facts = tfcustomact::FactsOf(current.pass);
  tfcustomact::Arguments arguments = {{}, {}, current.parameter, {}};
  tfcustomact::Rows& rows = arguments.rows;
  rows.length = current.rows == 1 && facts.row == tfcustomact::Row::kNone ? 0 : current.length;
  for (int i = 0; i < facts.inputs; ++i) {
    arguments.in[i] = arrays.in[i].Place(current.Bytes(), current.inputs_at_end);
    rows.in_pitches[i] = current.length + kGap;
  }
  for (int i = 0; i < facts.outputs; ++i) {
    arguments.out[i] = arrays.out[i].Place(current.Bytes(), current.out_at_end);
    rows.out_pitches[i] = current.length + kGap;
  }
  rows.row = arrays.row.Place(current.RowBytes(), current.inputs_at_end);
  rows.sums = reinterpret_cast<double*>(arrays.sums.Place(current.SumBytes(), current.out_at_end));
  rows.errors = reinterpret_cast<double*>(arrays.errors.Place(current.SumBytes(), current.out_at_end));
  const cpu::Kernel kernel = cpu::FindKernel(current.set, current.activation, current.pass, current.dtype);
  kernel(arguments, 0, current.rows * current.length, current.access);
  for (int i = 0; i < facts.outputs; ++i) {
    if (current.rows == 2) CheckGap(&arrays.out[i]);
    CheckWritten(&arrays.out[i], current.Bytes());
  }
  CheckWritten(&arrays.sums, current.SumBytes());
  CheckWritten(&arrays.errors, current.SumBytes());
}

void CheckKernel(std::size_t stride) {
  const bool has_rows = kHasRows[static_cast<int>(current.pass)];
  // The loops over rows are those over arrays, the precise loops are called by the fast ones, and those of all
  // activations are alike: every seventh or third length leaves each possible part of a step at the end.
  const bool has_loop_of_its_own = !has_rows && current.numbers == kOrdinary;
  const bool is_one_of_the_first = static_cast<int>(current.activation) < 2;
  const std::size_t its_stride = !has_loop_of_its_own ? 7 * stride : is_one_of_the_first ? stride : 3 * stride;
  for (std::size_t length = 0; length <= kMaxLength; length += its_stride) {
    for (const std::size_t rows : {1, 2}) {
      if (rows == 2 && (!has_rows || length == 0)) continue;
      for (const bool inputs_at_end : {false, true}) {
        for (const bool out_at_end : {false, true}) {
          current.length = length;
          current.rows = rows;
          current.inputs_at_end = inputs_at_end;
          current.out_at_end = out_at_end;
          CheckOnce();
        }
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
  if (!arrays.AreMapped()) {
    std::printf("no memory\n");
    return 1;
  }
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);

  int checked = 0;
  for (Pages& out : arrays.out) out.Fill(kUntouched);
  arrays.sums.Fill(kUntouched);
  arrays.errors.Fill(kUntouched);
  for (const unsigned char numbers : {kOrdinary, kHuge}) {
    for (Pages& in : arrays.in) in.FillForGood(numbers);
    arrays.row.FillForGood(numbers);
    for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
      if (!set.runs_here) continue;
      for (int activation = 0; activation < tfcustomact::kActivations; ++activation) {
        for (int pass = 0; pass < tfcustomact::kPasses; ++pass) {
          for (int dtype = 0; dtype < tfcustomact::kDTypes; ++dtype) {
            if (cpu::FindKernel(set.name, Activation{activation}, Pass{pass}, DType{dtype}) == nullptr) continue;
            for (const cpu::Access access : {cpu::Access::kCached, cpu::Access::kNonTemporalFetchAhead}) {
              for (const double parameter : tfcustomact::ParametersOf(Activation{activation})) {
                current = {
                    set.name, Activation{activation}, Pass{pass}, DType{dtype}, access, parameter, numbers, 0, 1, false,
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
