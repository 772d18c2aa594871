// Kept memory: no two arrays share a block, idle blocks are bounded in size and lent to the system, and it works after
// a fork and when memory is short.
#include "csrc/memory/kept_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using tfcustomact::BlockSize;
using tfcustomact::KeptMemory;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::chrono::hours kLong{1};

bool failed = false;

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::printf("FAILED: %s\n", what);
  failed = true;
}

// Bytes of this process's memory that the system may take at any time.
std::size_t LazilyFreed() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string name, line; file >> name; std::getline(file, line)) {
    if (name != "LazyFree:") continue;
    std::size_t kib = 0;
    file >> kib;
    return 1024 * kib;
  }
  return 0;
}

void TestSizes() {
  for (std::size_t bytes = 1; bytes < 4096 * kMiB; bytes += 1 + bytes / 7) {
    const std::size_t size = BlockSize(bytes);
    Expect(size >= bytes && size % (2 * kMiB) == 0, "a block is whole huge pages that hold the array");
    Expect(size - bytes < 2 * kMiB || size - bytes <= bytes / 8, "no more than an eighth is wasted");
  }
}

void TestReuse() {
  KeptMemory memory(64 * kMiB, kLong);
  void* const first = memory.Allocate(3 * kMiB);
  void* const second = memory.Allocate(4 * kMiB);
  Expect(first != second, "two arrays have two blocks");
  memory.Free(first);
  memory.Free(second);
  Expect(memory.Allocate(4 * kMiB - 1) == second, "the block freed last is used first");
  Expect(memory.Now().in_use == 4 * kMiB && memory.Now().idle == 4 * kMiB, "what is in use and idle is counted");
  Expect(memory.Allocate(5 * kMiB) != first, "a block of another size is not used");
}

void TestBounds() {
  KeptMemory memory(64 * kMiB, kLong);
  std::vector<void*> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(memory.Allocate(8 * kMiB));
  for (void* block : blocks) {
    memory.Free(block);
    Expect(memory.Now().idle <= 64 * kMiB, "what is idle is within the bound");
  }
  Expect(memory.Now().idle == 64 * kMiB, "the bound is used");
  memory.Free(memory.Allocate(100 * kMiB));
  Expect(memory.Now().idle <= 64 * kMiB, "a block above the bound is not kept");

  KeptMemory forgetful(64 * kMiB, std::chrono::nanoseconds(0));
  forgetful.Free(forgetful.Allocate(2 * kMiB));
  std::this_thread::sleep_for(std::chrono::microseconds(10));
  forgetful.Free(forgetful.Allocate(8 * kMiB));
  Expect(forgetful.Now().idle == 8 * kMiB, "blocks that are idle for too long are not kept");
}

void TestLending() {
  constexpr std::size_t kBlock = 16 * kMiB, kBlocks = 4, kBound = 8 * kBlock;
  KeptMemory memory(kBound, kLong);
  const std::size_t before = LazilyFreed();
  std::vector<char*> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(static_cast<char*>(memory.Allocate(kBlock)));
    std::memset(blocks[i], 1, kBlock);
  }
  // Where the memory of this process is locked, none can be lent.
  mlock(blocks[0], kMiB);
  for (char* block : blocks) memory.Free(block);
  Expect(memory.Now().idle == kBlocks * kBlock, "blocks that cannot be lent are kept");
  // An eighth of the bound is one block; the first is locked in part.
  const std::size_t lent = LazilyFreed() - before;
  std::printf("lent: %zu of %zu MiB\n", lent / kMiB, kBlocks * kBlock / kMiB);
  if (lent == 0) {
    std::printf("this system lends no memory\n");
    return;
  }
  Expect(lent >= (kBlocks - 2) * kBlock, "idle blocks are lent");
  Expect(lent <= (kBlocks - 1) * kBlock, "the block freed last is not lent");
  constexpr int kPageOut = 21;  // MADV_PAGEOUT takes lent pages at once
  if (madvise(blocks[1], kBlock, kPageOut) != 0) return;
  std::printf("taken by the system: %zu MiB\n", (lent + before - LazilyFreed()) / kMiB);
  Expect(LazilyFreed() - before <= lent - kBlock, "the system can take lent blocks");
  for (std::size_t i = 0; i < kBlocks; ++i) {
    char* const block = static_cast<char*>(memory.Allocate(kBlock));
    std::memset(block, 2, kBlock);
    Expect(block[0] == 2 && block[kBlock - 1] == 2, "a block can be used after the system took it");
  }
}

// Threads that take blocks, write their own number all over, and look whether it is still there.
void TestThreads() {
  KeptMemory memory(32 * kMiB, kLong);
  std::vector<std::thread> threads;
  std::atomic<bool> shared{false};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937 random(thread);
      std::vector<std::pair<int*, std::size_t>> held;
      for (int i = 0; i < 300; ++i) {
        if (held.size() < 4 && random() % 2 == 0) {
          const std::size_t bytes = (1 + random() % 6) * kMiB;
          int* const block = static_cast<int*>(memory.Allocate(bytes));
          const std::size_t count = bytes / sizeof(int);
          for (std::size_t n = 0; n < count; n += 512) block[n] = thread;
          held.emplace_back(block, count);
        } else if (!held.empty()) {
          const auto [block, count] = held.front();
          held.erase(held.begin());
          for (std::size_t n = 0; n < count; n += 512)
            if (block[n] != thread) shared = true;
          memory.Free(block);
        }
      }
      for (const auto& block : held) memory.Free(block.first);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Expect(!shared, "two live arrays never share memory");
  Expect(memory.Now().in_use == 0, "what every thread freed is counted");
}

int StatusOf(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

void TestFork() {
  KeptMemory& memory = KeptMemory::Get();
  std::atomic<bool> stop{false};
  // The lock may be held by another thread when a process forks.
  std::thread other([&] {
    while (!stop) memory.Free(memory.Allocate(2 * kMiB));
  });
  for (int i = 0; i < 50; ++i) {
    int* const mine = static_cast<int*>(memory.Allocate(4 * kMiB));
    *mine = i;
    const pid_t child = fork();
    if (child == 0) {
      alarm(10);
      bool good = memory.Now().idle == 0;
      int* const fresh = static_cast<int*>(memory.Allocate(4 * kMiB));
      good = good && fresh != nullptr && fresh != mine && *mine == i;
      *mine = -1;
      memory.Free(mine);
      memory.Free(fresh);
      _exit(good ? 0 : 1);
    }
    Expect(StatusOf(child) == 0, "a forked process starts with no idle block and a lock that is free");
    Expect(*mine == i, "a forked process has a copy of its own");
    memory.Free(mine);
  }
  stop = true;
  other.join();
}

// In a process of its own, whose address space is limited.
void TestLackOfMemory() {
  const pid_t child = fork();
  if (child != 0) return Expect(StatusOf(child) == 0, "where memory is short, idle blocks are unmapped");
  failed = false;
  KeptMemory memory(std::numeric_limits<std::size_t>::max(), kLong);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const std::size_t limit = pages * sysconf(_SC_PAGESIZE) + 256 * kMiB;
  const rlimit bounded = {limit, limit};
  setrlimit(RLIMIT_AS, &bounded);
  void* const half = memory.Allocate(128 * kMiB);
  Expect(half != nullptr, "there is memory at first");
  memory.Free(half);
  void* const large = memory.Allocate(200 * kMiB);
  Expect(large != nullptr && memory.Now().idle == 0, "idle blocks are unmapped before an allocation fails");
  Expect(memory.Allocate(200 * kMiB) == nullptr, "there is not always memory");
  memory.Free(large);
  Expect(memory.Allocate(200 * kMiB) == large, "after a failure all goes on");
  _exit(failed ? 1 : 0);
}

}  // namespace

int main() {
  TestSizes();
  TestReuse();
  TestBounds();
  TestLending();
  TestThreads();
  TestFork();
  TestLackOfMemory();
  std::printf(failed ? "failed\n" : "passed\n");
  return failed ? 1 : 0;
}
