// Work shared between threads: each element done once and none twice, whenever the helpers start and however few there
// are, in forked processes too.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <new>
#include <thread>
#include <vector>

#include "csrc/cpu/parallel.h"
#include "csrc/cpu/share.h"

namespace {

namespace cpu = tfcustomact::cpu;
using Task = std::function<void()>;

int failures = 0;

void Expect(bool holds, const char* what, std::size_t size) {
  if (holds) return;
  ++failures;
  std::printf("%s: wrong for %zu elements\n", what, size);
}

// Shares work over `size` elements; `schedule` gets each helper's task. Returns whether each element was done once.
bool EachOnce(std::size_t size, std::size_t helpers, const std::function<void(Task)>& schedule,
              std::size_t smallest_chunk = cpu::kSmallestChunk) {
  std::vector<std::atomic<int>> times(size);
  const auto work = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++times[i];
  };
  cpu::Share(size, helpers, schedule, work, smallest_chunk);
  for (const auto& count : times) {
    if (count != 1) return false;
  }
  return true;
}

void AddOne(const tfcustomact::Arguments& arguments, std::size_t begin, std::size_t end, cpu::Access) {
  const char* in = static_cast<const char*>(arguments.in[0]);
  char* out = static_cast<char*>(arguments.out[0]);
  for (std::size_t i = begin; i < end; ++i) out[i] = in[i] + 1;
}

bool RunsInParallel(std::size_t threads = 4) {
  const std::vector<char> x(5 * cpu::kWorthAThread + 1, 3);
  std::vector<char> out(x.size());
  for (int repetition = 0; repetition < 20; ++repetition) {
    out.assign(out.size(), 0);
    cpu::RunParallel(AddOne, {{x.data()}, {out.data()}, 0, {}}, x.size(), cpu::Access::kCached, threads);
    if (out != std::vector<char>(x.size(), 4)) return false;
  }
  return true;
}

bool UnitsRunInParallel() {
  for (const std::size_t units : {0, 1, 7, 1000}) {
    std::vector<std::atomic<int>> times(units);
    cpu::RunUnitsParallel(units, [&](std::size_t unit) { ++times[unit]; }, 5 * cpu::kWorthAThread, 4);
    for (const auto& count : times) {
      if (count != 1) return false;
    }
  }
  return true;
}

std::size_t Threads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

}  // namespace

int main() {
  const std::size_t threads_before = Threads();
  Expect(RunsInParallel(1) && Threads() == threads_before, "the calling thread alone", 5 * cpu::kWorthAThread + 1);
  for (const std::size_t size :
       {std::size_t{1}, cpu::kSmallestChunk, cpu::kSmallestChunk + 1, std::size_t{1'000'003}}) {
    Expect(EachOnce(size, 3, [](const Task&) {}), "helpers that never come", size);
    Expect(EachOnce(size, 3, [](const Task& task) { task(); }), "helpers that come before the caller", size);
    std::vector<Task> late;
    Expect(EachOnce(size, 3, [&](const Task& task) { late.push_back(task); }), "the caller alone", size);
    for (const Task& task : late) task();
    std::vector<Task> queued;
    const auto schedule_one = [&](const Task& task) {
      if (!queued.empty()) throw std::bad_alloc();
      queued.push_back(task);
    };
    Expect(EachOnce(size, 3, schedule_one), "helpers that cannot be had", size);
    for (const Task& task : queued) task();
    std::vector<std::thread> threads;
    const auto start = [&](const Task& task) { threads.emplace_back(task); };
    Expect(EachOnce(size, 3, start), "helpers at the same time", size);
    Expect(EachOnce(size, 3, start, 1), "helpers at the same time, with short chunks", size);
    for (std::thread& thread : threads) thread.join();
  }
  Expect(UnitsRunInParallel(), "units of work in the pool", 5 * cpu::kWorthAThread);
  Expect(RunsInParallel(), "the pool", 5 * cpu::kWorthAThread + 1);
  const pid_t child = fork();
  if (child == 0) _exit(RunsInParallel() ? 0 : 1);
  int status = 1;
  waitpid(child, &status, 0);
  Expect(status == 0, "the pool of a forked process", 5 * cpu::kWorthAThread + 1);
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
