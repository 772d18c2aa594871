// Memory for long outputs: what one output leaves is kept, and used for the next.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <unordered_map>

namespace tfcustomact {

// The first write to a fresh page costs more than everything else that a kernel does with it, even if the page is huge.
// So a freed block is kept, in huge pages where the system provides them on request, and the block that was freed last
// is the first to be used again.
//
// Idle blocks are lent to the system, which may take their pages when it needs them (MADV_FREE), except those freed
// last, up to an eighth of the bound. Lending a huge page interrupts every processor that runs a thread of this process
// at that moment: lending each output after each call would take up to a fifth of the call's time.
//
// All members may be called from any thread; none throws.
class KeptMemory {
 public:
  using Clock = std::chrono::steady_clock;

  // The size from which on it pays to keep a block.
  static constexpr std::size_t kMinBytes = std::size_t{1} << 20;

  struct Facts {
    std::size_t bound, in_use, idle;
  };

  // Keeps idle blocks of up to `bound` bytes in total, and none for longer than `age`. A bound of 0 keeps nothing.
  KeptMemory(std::size_t bound, Clock::duration age) : bound_(bound), age_(age) {}
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;

  // The instance of this library. It is never destroyed: arrays may be freed after static objects are. Before a fork
  // its idle blocks are unmapped: as long as the child lives, each first write to one of their pages would copy it.
  static KeptMemory& Get();

  // Whether an output of so many bytes should come from here.
  bool Serves(std::size_t bytes) const { return bound_ != 0 && bytes >= kMinBytes; }

  // Memory of `bytes` or more with any content, at the beginning of a page; null if there is none. Before it gives up,
  // it unmaps whatever is idle.
  void* Allocate(std::size_t bytes) noexcept;

  // Takes back a block that Allocate returned. Blocks that were idle for too long are unmapped here: no thread waits
  // for it.
  void Free(void* memory) noexcept;

  // Unmaps all idle blocks.
  void Release() noexcept;

  Facts Now() noexcept;

 private:
  struct Block {
    void* memory;
    std::size_t size;
    Clock::time_point freed;
  };
  using Blocks = std::list<Block>;
  enum State { kInUse, kIdle, kLent, kStates };

  void* Reuse(std::size_t size);
  void* Map(std::size_t size);
  void Move(Blocks::iterator block, State from, State to);

  // Takes the blocks that are not to be kept any longer out of the lists, so that they can be unmapped without the
  // lock.
  Blocks TakeSurplus(std::size_t bound, Clock::time_point oldest);
  static void Unmap(const Blocks& blocks);

  std::size_t bound_;
  const Clock::duration age_;
  std::mutex mutex_;
  // Each list begins with the blocks that were added last.
  Blocks blocks_[kStates];
  std::size_t bytes_[kStates] = {};
  std::unordered_map<void*, Blocks::iterator> places_;
};

// The size of the block for `bytes`: a multiple of a huge page, above 32 MiB one of larger steps, of an eighth of the
// size or less, so that arrays of nearly the same size can use the same block.
std::size_t BlockSize(std::size_t bytes);

}  // namespace tfcustomact
