#include "csrc/cpu/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>

#include "csrc/cpu/share.h"
#include "csrc/cpu/writes.h"

namespace tfcustomact::cpu {
namespace {

// Threads that sleep until there is work. They are started by the first call that wants them, and end with the process.
class Pool {
 public:
  // Another thread for each call, up to `most`, as long as none is idle.
  void Schedule(std::function<void()> task, std::size_t most) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back(std::move(task));
      if (threads_ < most && idle_ < tasks_.size()) Start();
    }
    wake_.notify_one();
  }

 private:
  void Start() {
    try {
      std::thread([this] { Run(); }).detach();
      ++threads_;
    } catch (const std::system_error&) {
      // No thread is to be had: the caller does the work.
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

Pool* pool = nullptr;
std::mutex* pool_mutex = new std::mutex;

// A forked process has none of its parent's threads, and perhaps a locked mutex: it gets a pool of its own. Neither is
// ever destroyed, since its threads may outlive static objects.
void Forget() {
  pool = nullptr;
  pool_mutex = new std::mutex;
}

Pool& ThePool() {
  static const int registered = pthread_atfork(nullptr, nullptr, Forget);
  static_cast<void>(registered);
  const std::lock_guard<std::mutex> lock(*pool_mutex);
  if (pool == nullptr) pool = new Pool;
  return *pool;
}

const void* Advance(const void* array, std::size_t bytes) {
  return array == nullptr ? nullptr : static_cast<const char*>(array) + bytes;
}

}  // namespace

void RunParallel(Kernel kernel, std::size_t element_size, const void* dy, const void* x, void* out, std::size_t size,
                 double parameter) {
  const Writes writes = WritesFor(dy, x, out, size * element_size);
  const auto piece = [=](std::size_t begin, std::size_t end) {
    const std::size_t offset = begin * element_size;
    kernel(Advance(dy, offset), Advance(x, offset), static_cast<char*>(out) + offset, end - begin, parameter, writes);
  };
  // Asked for once: the answer comes from the file system and takes microseconds.
  static const std::size_t most = std::max(1u, std::thread::hardware_concurrency()) - 1;
  const auto schedule = [](std::function<void()> task) { ThePool().Schedule(std::move(task), most); };
  Share(size, HelpersFor(size, most), schedule, piece);
}

}  // namespace tfcustomact::cpu
