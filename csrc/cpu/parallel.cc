#include "csrc/cpu/parallel.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "csrc/cpu/share.h"

namespace tfcustomact::cpu {
namespace {

// Threads that sleep until there is work. They are started by the first call that wants them, and end with the process.
class Pool {
 public:
  // Runs `task` on an idle thread, or on a new one as long as there are fewer than `max_threads`. Throws, and does not
  // keep the task, if there is no memory for it.
  void Schedule(std::function<void()> task, std::size_t max_threads) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (threads_ < max_threads && idle_ <= tasks_.size()) Start();
      if (threads_ == 0) return;
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
  }

 private:
  void Start() {
    try {
      std::thread([this] { Run(); }).detach();
      ++threads_;
    } catch (const std::exception&) {
      // No thread can be started: the threads that there are do the work, or the caller does.
    }
  }

  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      ++idle_;
      wake_.wait(lock, [this] { return !tasks_.empty(); });
      --idle_;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::size_t threads_ = 0, idle_ = 0;
};

// Never destroyed, since its threads may outlive static objects.
std::atomic<Pool*> pool{nullptr};

// A forked process has none of its parent's threads, and perhaps a locked mutex: it gets a pool of its own. False if
// the handler could not be registered.
const bool forgets_in_child = pthread_atfork(nullptr, nullptr, [] { pool = nullptr; }) == 0;

Pool& ThePool() {
  Pool* found = pool;
  if (found != nullptr) return *found;
  auto made = std::make_unique<Pool>();
  return *(pool.compare_exchange_strong(found, made.get()) ? made.release() : found);
}

// Shares `pieces` of work on `size` elements between up to `threads` threads.
template <class Work>
void ShareInPool(std::size_t pieces, std::size_t size, std::size_t threads, const Work& work,
                 std::size_t smallest_chunk) {
  const std::size_t max_helpers = forgets_in_child ? threads - 1 : 0;
  const auto schedule = [=](std::function<void()> task) { ThePool().Schedule(std::move(task), max_helpers); };
  Share(pieces, HelpersFor(size, max_helpers), schedule, work, smallest_chunk);
}

}  // namespace

void RunParallel(Kernel kernel, const Arguments& arguments, std::size_t size, Access access, std::size_t threads) {
  const auto chunk = [=](std::size_t begin, std::size_t end) { kernel(arguments, begin, end, access); };
  ShareInPool(size, size, threads, chunk, kSmallestChunk);
}

void RunUnitsParallel(std::size_t units, const std::function<void(std::size_t)>& work, std::size_t size,
                      std::size_t threads) {
  const auto chunk = [&work](std::size_t begin, std::size_t end) {
    for (std::size_t unit = begin; unit < end; ++unit) work(unit);
  };
  ShareInPool(units, size, threads, chunk, /*smallest_chunk=*/1);
}

}  // namespace tfcustomact::cpu
