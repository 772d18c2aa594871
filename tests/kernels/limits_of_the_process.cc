// The processors, threads and memory that a process may use, by its affinity mask, its cgroups and the environment.
#include <sched.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <utility>

#include "csrc/cpu/allowed_processors.h"
#include "csrc/memory/bound.h"

namespace {

namespace cpu = tfcustomact::cpu;
namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

int failures = 0;

void Expect(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  std::printf("wrong: %s\n", what);
}

// What `read` finds where these files are below the root that it is given.
template <class Read>
auto Below(const Files& files, const Read& read) {
  std::string root = fs::temp_directory_path() / "cgroups.XXXXXX";
  Expect(mkdtemp(root.data()) != nullptr, "a folder can be made");
  for (const auto& [name, text] : files) {
    fs::create_directories(fs::path(root + name).parent_path());
    std::ofstream(root + name) << text;
  }
  const auto found = read(root);
  fs::remove_all(root);
  return found;
}

std::optional<std::size_t> QuotaOf(const Files& files) { return Below(files, cpu::CgroupQuota); }

void TestQuotas() {
  const Files version2{{"/proc/self/cgroup", "0::/outer/own\n"},
                       {"/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n"}};
  const auto with = [](Files files, const Files& more) {
    files.insert(more.begin(), more.end());
    return QuotaOf(files);
  };
  Expect(!QuotaOf({}), "no cgroups");
  Expect(!with(version2, {{"/sys/fs/cgroup/outer/own/cpu.max", "max 100000\n"}}), "no quota");
  Expect(with(version2, {{"/sys/fs/cgroup/outer/own/cpu.max", "150000 100000\n"}}) == 2, "its own, rounded up");
  Expect(with(version2, {{"/sys/fs/cgroup/outer/own/cpu.max", "400000 100000\n"},
                         {"/sys/fs/cgroup/outer/cpu.max", "300000 100000\n"}}) == 3,
         "its parent's, which is less");
  Expect(with(version2, {{"/sys/fs/cgroup/cpu.max", "1000 100000\n"}}) == 1, "the root's, rounded up to one");
  Expect(!with(version2, {{"/sys/fs/cgroup/other/cpu.max", "100000 100000\n"}}), "another's");

  const Files version1{{"/proc/self/cgroup", "3:cpuset:/\n2:cpu,cpuacct:/docker/1a\n0::/\n"},
                       {"/sys/fs/cgroup/cpu/own/cpu.cfs_quota_us", "250000\n"},
                       {"/sys/fs/cgroup/cpu/own/cpu.cfs_period_us", "100000\n"}};
  const std::string cpuset = "34 30 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";
  const std::string outside = "35 30 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n";
  const std::string inside = "35 30 0:30 /docker/1a /sys/fs/cgroup/cpu/own rw - cgroup cgroup rw,cpu,cpuacct\n";
  Expect(!with(version1, {{"/proc/self/mountinfo", cpuset + outside}}), "version 1: another's");
  Expect(with(version1, {{"/proc/self/mountinfo", cpuset + inside}}) == 3, "version 1, mounted in a container");
  Expect(with(version1, {{"/proc/self/mountinfo", cpuset + outside},
                         {"/sys/fs/cgroup/cpu/docker/1a/cpu.cfs_quota_us", "-1\n"},
                         {"/sys/fs/cgroup/cpu/docker/1a/cpu.cfs_period_us", "100000\n"},
                         {"/sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us", "100001\n"},
                         {"/sys/fs/cgroup/cpu/docker/cpu.cfs_period_us", "100000\n"}}) == 2,
         "version 1: none of its own, its parent's");
}

void TestMemory() {
  const std::size_t without = Below({}, tfcustomact::AllowedMemory);
  const Files version1{{"/proc/self/cgroup", "4:memory:/own\n"},
                       {"/proc/self/mountinfo", "35 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"},
                       {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
                       {"/sys/fs/cgroup/memory/own/memory.limit_in_bytes", "4096000\n"}};
  const Files version2{{"/proc/self/cgroup", "0::/outer/own\n"},
                       {"/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"},
                       {"/sys/fs/cgroup/outer/memory.max", "8192000\n"},
                       {"/sys/fs/cgroup/outer/own/memory.max", "max\n"}};
  Expect(without > 8192000 && without < SIZE_MAX / 2, "the machine's memory");
  Expect(Below(version1, tfcustomact::AllowedMemory) == 4096000, "memory, version 1");
  Expect(Below(version2, tfcustomact::AllowedMemory) == 8192000, "memory, version 2: its parent's limit");

  const auto bound = [](const char* text) {
    setenv("TFCUSTOMACT_KEPT_MEMORY", text, 1);
    return tfcustomact::KeptMemoryBound();
  };
  Expect(bound("0") == 0 && bound("123456789") == 123456789, "a bound from the environment");
  Expect(bound(" 4096 ") == 4096 && bound("99999999999999999999999") == SIZE_MAX, "numbers as for threads");
  for (const char* wrong : {"", "-1", "1G", "much"}) Expect(bound(wrong) == tfcustomact::AllowedMemory() / 8, wrong);
}

// Whether so many threads are allowed, by what; 0 if the variables are refused.
bool Allows(const char* ours, const char* openmps, std::size_t number, const std::string& set_by) {
  setenv("TFCUSTOMACT_NUM_THREADS", ours, 1);
  setenv("OMP_NUM_THREADS", openmps, 1);
  try {
    const cpu::Allowed allowed = cpu::AllowedThreads();
    return allowed.number == number && allowed.set_by == set_by;
  } catch (const std::invalid_argument& error) {
    return number == 0 && std::string(error.what()).find(ours) != std::string::npos;
  }
}

void TestVariables() {
  const auto [processors, why] = cpu::AllowedProcessors();
  Expect(Allows("", "", processors, why), "no variable");
  Expect(Allows("1", "", 1, "TFCUSTOMACT_NUM_THREADS"), "ours");
  Expect(Allows("", "1,64", 1, "OMP_NUM_THREADS"), "OpenMP's");
  Expect(Allows("1", "64", 1, "TFCUSTOMACT_NUM_THREADS"), "ours before OpenMP's");
  Expect(Allows("100000", "1", processors, why), "more than there are");
  Expect(Allows("99999999999999999999999", "", processors, why), "more than there could be");
  for (const char* wrong : {"0", "-1", "two", "1.5", "1 2", "1,2"}) Expect(Allows(wrong, "", 0, ""), wrong);
  for (const char* wrong : {"0", "-1", "two"}) Expect(Allows("", wrong, processors, why), wrong);
  Expect(Allows("", "", processors, why), "no variable");
}

void TestMask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(sched_getcpu(), &mask);
  sched_setaffinity(0, sizeof mask, &mask);
  Expect(cpu::AllowedThreads().number == 1, "one processor in the affinity mask");
}

}  // namespace

int main() {
  TestQuotas();
  TestVariables();
  TestMask();
  TestMemory();
  std::printf("%d failed\n", failures);
  return failures == 0 ? 0 : 1;
}
