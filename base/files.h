// Files with Results: whole reads, durable writes, descriptors that close themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace base {

/// Owns a file descriptor. Movable, single-threaded.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int descriptor) : descriptor_(descriptor) {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.descriptor_, -1));
        return *this;
    }

    int get() const { return descriptor_; }
    bool valid() const { return descriptor_ >= 0; }
    explicit operator bool() const { return valid(); }
    int release() { return std::exchange(descriptor_, -1); }
    void reset(int descriptor = -1);

  private:
    int descriptor_ = -1;
};

/// open(2) with O_CLOEXEC. A missing file is FailureKind::not_found.
Result<Fd> open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max = UINT64_MAX);
/// Replaces the file atomically: temporary file beside it, write, fsync, rename, fsync of the directory.
Result<Unit> write_file_durably(const std::filesystem::path& path, std::string_view bytes,
                                unsigned mode = 0600);
/// Makes the directory and its parents; an existing directory is fine.
Result<Unit> make_directories(const std::filesystem::path& path, unsigned mode = 0700);
Result<Unit> remove_file(const std::filesystem::path& path);
Result<Unit> sync_directory(const std::filesystem::path& path);
Result<Unit> sync_data(int descriptor);
Result<Unit> write_all(int descriptor, std::string_view bytes);
Result<Unit> write_all_at(int descriptor, std::string_view bytes, std::uint64_t offset);
/// Exactly `out.size()` bytes, or corrupt at the end of the file.
Result<Unit> read_exactly_at(int descriptor, std::span<std::byte> out, std::uint64_t offset);
Result<std::uint64_t> file_size(int descriptor);

/// A directory that is removed with all it holds when this object goes; for tests and work files.
class TempDirectory {
  public:
    explicit TempDirectory(std::string_view prefix = "stratus");
    ~TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace base
