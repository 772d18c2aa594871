#include "csrc/tensorflow/huge_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace tfcustomact {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// An array begins at a huge page, and has the length of the mapping in the small page before it.
std::size_t HeadSize() {
  static const std::size_t size = sysconf(_SC_PAGESIZE);
  return size;
}

std::uintptr_t RoundedUp(std::uintptr_t number) { return (number + kHugePage - 1) / kHugePage * kHugePage; }

void Unmap(std::uintptr_t begin, std::uintptr_t end) {
  if (begin != end) munmap(reinterpret_cast<void*>(begin), end - begin);
}

}  // namespace

HugePages& HugePages::Get() {
  static HugePages* const pages = new HugePages;
  return *pages;
}

void* HugePages::AllocateRaw(std::size_t, std::size_t bytes) {
  const std::size_t body = RoundedUp(bytes), total = HeadSize() + kHugePage + body;
  void* const mapped = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(mapped), array = RoundedUp(begin + HeadSize());
  Unmap(begin, array - HeadSize());
  Unmap(array + body, begin + total);
  *reinterpret_cast<std::size_t*>(array - HeadSize()) = HeadSize() + body;
  void* const pages = reinterpret_cast<void*>(array);
  // Advice: where it is not taken, the pages are small.
  madvise(pages, body, MADV_HUGEPAGE);
  return pages;
}

void HugePages::DeallocateRaw(void* array) {
  char* const head = static_cast<char*>(array) - HeadSize();
  munmap(head, *reinterpret_cast<const std::size_t*>(head));
}

}  // namespace tfcustomact
