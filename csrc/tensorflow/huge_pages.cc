#include "csrc/tensorflow/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace tfcustomact {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Before each array, which begins at a huge page, there is a page with what has to be given back.
constexpr std::size_t kHead = 4096;
struct Mapping {
  std::size_t bytes;
};

}  // namespace

HugePages& HugePages::Get() {
  static HugePages* const pages = new HugePages;
  return *pages;
}

void* HugePages::AllocateRaw(std::size_t, std::size_t bytes) {
  const std::size_t body = (bytes + kHugePage - 1) / kHugePage * kHugePage, total = kHugePage + body;
  if (body < bytes || total < body) return nullptr;
  void* const mapped = mmap(nullptr, total + kHead, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  char* const begin = static_cast<char*>(mapped);
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(begin) + kHead;
  char* const array = begin + kHead + (kHugePage - first % kHugePage) % kHugePage;
  char* const head = array - kHead;
  if (head != begin) munmap(begin, head - begin);
  munmap(array + body, begin + total + kHead - (array + body));
  // Advice: where it is not taken, the pages are small.
  madvise(array, body, MADV_HUGEPAGE);
  *reinterpret_cast<Mapping*>(head) = {kHead + body};
  return array;
}

void HugePages::DeallocateRaw(void* array) {
  char* const head = static_cast<char*>(array) - kHead;
  munmap(head, reinterpret_cast<const Mapping*>(head)->bytes);
}

}  // namespace tfcustomact
