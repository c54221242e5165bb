// DataDirectory: the directory everything is kept in, guarded and owned by one process.
#pragma once

#include <filesystem>

#include "base/files.h"
#include "base/result.h"

namespace stratus {

/// Holds the directory's lock as long as it lives; the system lets go of it when the process dies, however it
/// dies.
class DataDirectory {
  public:
    /// Makes the directory (0700) when missing. `denied` when it is somebody else's or others may enter it,
    /// `conflict` when another process holds it.
    static base::Result<DataDirectory> open(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path file(const char* name) const { return path_ / name; }

  private:
    DataDirectory(std::filesystem::path path, base::Fd lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    base::Fd lock_;
};

}  // namespace stratus
