// Shares work between the calling thread and helper threads, which may start late or never.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>

namespace tfcustomact::cpu {

// The min number of elements that a thread takes at a time: a multiple of a cache line, and microseconds of work.
inline constexpr std::size_t kSmallestChunk = std::size_t{1} << 13;

// The number of elements per thread from which on waking another one saves time.
inline constexpr std::size_t kWorthAThread = std::size_t{1} << 17;

// The number of helpers for `size` elements, of up to `max` that are available.
inline std::size_t HelpersFor(std::size_t size, std::size_t max) { return std::min(max, size / kWorthAThread); }

// Calls work(begin, end) for chunks that make up [0, size), some of them on threads that `schedule` provides, and
// returns when all are done. The caller begins at once instead of waiting for a thread to wake up, which takes as long
// as 50,000 elements. A thread that is free takes half of an equal share of what is left, so that most chunks are long
// and the last ones short. A helper that starts when nothing is left returns at once.
//
// Chunks are multiples of `smallest_chunk`, but for the last.
//
// `work` must not throw. Where `schedule` throws, or there is no memory for what the threads share, there are fewer
// helpers, and the caller does more. It never returns while a helper is at work.
template <class Schedule, class Work>
void Share(std::size_t size, std::size_t helpers, const Schedule& schedule, const Work& work,
           std::size_t smallest_chunk = kSmallestChunk) {
  if (helpers == 0) return work(0, size);
  struct State {
    State(const Work& work, std::size_t size, std::size_t shares, std::size_t smallest_chunk)
        : work(work), size(size), shares(shares), smallest_chunk(smallest_chunk) {}

    // Takes the next chunk; false if nothing is left.
    bool Take(std::size_t* begin, std::size_t* end) {
      *begin = taken.load();
      do {
        if (*begin == size) return false;
        const std::size_t half_share = (size - *begin) / (2 * shares) / smallest_chunk * smallest_chunk;
        *end = std::min(size, *begin + std::max(half_share, smallest_chunk));
      } while (!taken.compare_exchange_weak(*begin, *end));
      return true;
    }

    void Run() {
      for (std::size_t begin, end; Take(&begin, &end);) {
        work(begin, end);
        if (done.fetch_add(end - begin) + end - begin == size) {
          const std::lock_guard<std::mutex> lock(mutex);
          all_done.notify_one();
        }
      }
    }

    const Work work;
    const std::size_t size, shares, smallest_chunk;
    std::atomic<std::size_t> taken{0}, done{0};
    std::mutex mutex;
    std::condition_variable all_done;
  };
  std::shared_ptr<State> state;
  try {
    state = std::make_shared<State>(work, size, helpers + 1, smallest_chunk);
    for (std::size_t i = 0; i < helpers; ++i) schedule([state] { state->Run(); });
  } catch (const std::exception&) {
    // There is no memory or no thread: no more helpers.
  }
  if (state == nullptr) return work(0, size);
  state->Run();
  // Only the helpers' last chunks are left, which usually take less time than falling asleep and waking up.
  for (int i = 0; i < 4000; ++i) {
    if (state->done.load() == size) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  std::unique_lock<std::mutex> lock(state->mutex);
  state->all_done.wait(lock, [&] { return state->done.load() == size; });
}

}  // namespace tfcustomact::cpu
