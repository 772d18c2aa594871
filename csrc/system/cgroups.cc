#include "csrc/system/cgroups.h"

#include <fstream>
#include <sstream>

namespace tfcustomact {
namespace {

bool InList(const std::string& list, const std::string& word) {
  return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

// The path of this process in the hierarchy of cgroups that has `controller`, or, if that is empty, in the one of
// version 2. Empty if there is none.
std::string PathInHierarchy(const std::string& root, const std::string& controller) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    // ID:controllers:path
    std::istringstream fields(line);
    std::string id, controllers, path;
    if (std::getline(fields, id, ':') && std::getline(fields, controllers, ':') && std::getline(fields, path) &&
        InList(controllers, controller)) {
      return path;
    }
  }
  return "";
}

}  // namespace

std::vector<std::string> CgroupFolders(const std::string& controller, const std::string& root) {
  std::vector<std::string> folders;
  std::ifstream mounts(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    // 36 35 98:0 MOUNTED-FOLDER MOUNT-POINT options optional-fields... - TYPE source OPTIONS
    std::string skipped, mounted, mount_point, type, options;
    std::istringstream(line) >> skipped >> skipped >> skipped >> mounted >> mount_point;
    const std::size_t separator = line.find(" - ");
    if (separator == std::string::npos) continue;
    std::istringstream(line.substr(separator + 3)) >> type >> skipped >> options;
    const bool version1 = type == "cgroup" && InList(options, controller);
    if (!version1 && type != "cgroup2") continue;
    std::string path = PathInHierarchy(root, version1 ? controller : "");
    // In a container the hierarchy may be mounted from the container's own cgroup downwards.
    if ((path + "/").compare(0, mounted.size() + 1, mounted + "/") == 0) path.erase(0, mounted.size());
    const std::string top = root + mount_point;
    std::string folder = top + "/" + path;
    for (; folder.size() > top.size(); folder.resize(folder.rfind('/'))) folders.push_back(folder);
    folders.push_back(top);
  }
  return folders;
}

}  // namespace tfcustomact
