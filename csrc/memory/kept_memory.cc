#include "csrc/memory/kept_memory.h"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "csrc/memory/bound.h"

namespace tfcustomact {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// A block that was not used for so long is not expected to be needed again soon.
constexpr std::chrono::seconds kAge{30};

void UnmapBetween(std::uintptr_t begin, std::uintptr_t end) {
  if (begin != end) munmap(reinterpret_cast<void*>(begin), end - begin);
}

}  // namespace

std::size_t BlockSize(std::size_t bytes) {
  std::size_t step = kHugePage;
  while (step < bytes / 16) step *= 2;
  return (bytes + step - 1) / step * step;
}

KeptMemory& KeptMemory::Get() {
  static KeptMemory* const memory = [] {
    static KeptMemory* const made = new KeptMemory(KeptMemoryBound(), kAge);
    // The lock is held during a fork, so that the lists are consistent in the child, which gets a lock of its own.
    const int failure = pthread_atfork(
        [] {
          made->mutex_.lock();
          Unmap(made->TakeSurplus(0, Clock::time_point::min()));
        },
        [] { made->mutex_.unlock(); }, [] { new (&made->mutex_) std::mutex; });
    // Without these functions a child could inherit a lock that is never released.
    if (failure != 0) made->bound_ = 0;
    return made;
  }();
  return *memory;
}

void* KeptMemory::Allocate(std::size_t bytes) noexcept {
  const std::size_t size = BlockSize(bytes);
  void* memory = Reuse(size);
  if (memory == nullptr) memory = Map(size);
  if (memory == nullptr) {
    Release();
    memory = Map(size);
  }
  return memory;
}

void KeptMemory::Free(void* memory) noexcept {
  const Clock::time_point now = Clock::now();
  Blocks to_lend, surplus;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Blocks::iterator block = places_.find(memory)->second;
    block->freed = now;
    Move(block, kInUse, kIdle);
    while (bytes_[kIdle] > bound_ / 8) {
      const Blocks::iterator last = std::prev(blocks_[kIdle].end());
      Move(last, kIdle, kLent);
      // It is in no list until it has been lent, so that no other thread takes it.
      to_lend.splice(to_lend.end(), blocks_[kLent], last);
    }
  }
  // The system refuses where the memory is locked; the block is kept nevertheless.
  for (const Block& block : to_lend) madvise(block.memory, block.size, MADV_FREE);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    blocks_[kLent].splice(blocks_[kLent].begin(), to_lend);
    surplus = TakeSurplus(bound_, now - age_);
  }
  Unmap(surplus);
}

void KeptMemory::Release() noexcept {
  Blocks surplus;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    surplus = TakeSurplus(0, Clock::time_point::min());
  }
  Unmap(surplus);
}

KeptMemory::Facts KeptMemory::Now() noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {bound_, bytes_[kInUse], bytes_[kIdle] + bytes_[kLent]};
}

void* KeptMemory::Reuse(std::size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const State state : {kIdle, kLent}) {
    Blocks& blocks = blocks_[state];
    const auto block = std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return b.size == size; });
    if (block == blocks.end()) continue;
    Move(block, state, kInUse);
    return block->memory;
  }
  return nullptr;
}

void* KeptMemory::Map(std::size_t size) {
  // A mapping may begin at any page: what lies before its first huge page, and after the block, is unmapped.
  void* const mapped = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(mapped);
  const std::uintptr_t block = (begin + kHugePage - 1) / kHugePage * kHugePage;
  UnmapBetween(begin, block);
  UnmapBetween(block + size, begin + size + kHugePage);
  void* const memory = reinterpret_cast<void*>(block);
  // This is advice: the system may use small pages.
  madvise(memory, size, MADV_HUGEPAGE);
  try {
    const std::lock_guard<std::mutex> lock(mutex_);
    Blocks fresh(1, Block{memory, size, {}});
    places_.emplace(memory, fresh.begin());
    blocks_[kInUse].splice(blocks_[kInUse].begin(), fresh);
    bytes_[kInUse] += size;
  } catch (const std::bad_alloc&) {
    munmap(memory, size);
    return nullptr;
  }
  return memory;
}

void KeptMemory::Move(Blocks::iterator block, State from, State to) {
  bytes_[from] -= block->size;
  bytes_[to] += block->size;
  blocks_[to].splice(blocks_[to].begin(), blocks_[from], block);
}

KeptMemory::Blocks KeptMemory::TakeSurplus(std::size_t bound, Clock::time_point oldest) {
  Blocks surplus;
  for (const State state : {kLent, kIdle}) {
    Blocks& blocks = blocks_[state];
    while (!blocks.empty() && (bytes_[kIdle] + bytes_[kLent] > bound || blocks.back().freed < oldest)) {
      bytes_[state] -= blocks.back().size;
      places_.erase(blocks.back().memory);
      surplus.splice(surplus.begin(), blocks, std::prev(blocks.end()));
    }
  }
  return surplus;
}

void KeptMemory::Unmap(const Blocks& blocks) {
  for (const Block& block : blocks) munmap(block.memory, block.size);
}

}  // namespace tfcustomact
