#include "csrc/cpu/parallel.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

namespace tfcustomact::cpu {
namespace {

// A thread is started for each piece and joined: about 20 microseconds, a third of what a piece takes at least. A pool
// would save that and break in forked processes.
constexpr std::size_t kSmallestPiece = std::size_t{1} << 16;

// The processors that this process may run on.
std::size_t Threads() { return std::max(1u, std::thread::hardware_concurrency()); }

const void* Advance(const void* array, std::size_t bytes) {
  return array == nullptr ? nullptr : static_cast<const char*>(array) + bytes;
}

}  // namespace

void RunParallel(Kernel kernel, std::size_t element_size, const void* dy, const void* x, void* out, std::size_t size,
                 double parameter) {
  const auto piece = [=](std::size_t begin, std::size_t end) {
    const std::size_t offset = begin * element_size;
    kernel(Advance(dy, offset), Advance(x, offset), static_cast<char*>(out) + offset, end - begin, parameter);
  };
  const std::size_t pieces = std::clamp<std::size_t>(size / kSmallestPiece, 1, Threads());
  // Pieces of whole cache lines, so that no two threads write to one.
  const std::size_t step = (size / pieces + 64) / 64 * 64;
  std::vector<std::thread> threads;
  threads.reserve(pieces - 1);
  std::size_t begin = 0;
  try {
    while (size - begin > step) {
      threads.emplace_back(piece, begin, begin + step);
      begin += step;
    }
  } catch (const std::system_error&) {
    // No thread is to be had: the rest is done here.
  }
  piece(begin, size);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace tfcustomact::cpu
