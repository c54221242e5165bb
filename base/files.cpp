#include "base/files.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/check.h"

namespace base {

namespace fs = std::filesystem;

namespace {

Failure failed(std::string_view doing, const fs::path& path) {
    return failure_from_errno(errno, fmt::format("{} {}", doing, path.string()));
}

}  // namespace

void Fd::reset(int descriptor) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = descriptor;
}

Result<Fd> open_file(const fs::path& path, int flags, unsigned mode) {
    int descriptor = -1;
    do {
        descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) return failed("open", path);
    return Fd(descriptor);
}

Result<std::string> read_file(const fs::path& path, std::uint64_t bytes_max) {
    const Fd file = TRY(open_file(path, O_RDONLY));
    std::string out;
    for (;;) {
        char block[65536];
        const ssize_t got = ::read(file.get(), block, sizeof block);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) return out;
        out.append(block, static_cast<std::size_t>(got));
        if (out.size() > bytes_max) {
            return Failure{FailureKind::invalid, fmt::format("{} is larger than expected", path.string())};
        }
    }
}

Result<Unit> write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure_from_errno(errno, "write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Unit{};
}

Result<Unit> write_all_at(int descriptor, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure_from_errno(errno, "write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return Unit{};
}

Result<Unit> read_exactly_at(int descriptor, std::span<std::byte> out, std::uint64_t offset) {
    while (!out.empty()) {
        const ssize_t got = ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure_from_errno(errno, "read");
        if (got == 0) return Failure{FailureKind::corrupt, "the file ends too early"};
        out = out.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return Unit{};
}

Result<Unit> sync_data(int descriptor) {
    while (::fdatasync(descriptor) != 0) {
        if (errno != EINTR) return failure_from_errno(errno, "fdatasync");
    }
    return Unit{};
}

Result<Unit> sync_directory(const fs::path& path) {
    const Fd directory = TRY(open_file(path, O_RDONLY | O_DIRECTORY));
    while (::fsync(directory.get()) != 0) {
        if (errno != EINTR) return failed("fsync", path);
    }
    return Unit{};
}

Result<Unit> write_file_durably(const fs::path& path, std::string_view bytes, unsigned mode) {
    static std::atomic<unsigned> counter{0};
    fs::path temporary = path;
    temporary += fmt::format(".{}-{}.tmp", ::getpid(), counter.fetch_add(1));
    const auto write_temporary = [&]() -> Result<Unit> {
        const Fd file = TRY(open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode));
        if (::fchmod(file.get(), mode) != 0) return failed("chmod", temporary);  // whatever the umask
        TRY(write_all(file.get(), bytes));
        while (::fsync(file.get()) != 0) {
            if (errno != EINTR) return failed("fsync", temporary);
        }
        return Unit{};
    };
    const Result<Unit> written = write_temporary();
    if (!written.ok()) {
        ::unlink(temporary.c_str());
        return written.error();
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const Failure failure = failed("rename to", path);
        ::unlink(temporary.c_str());
        return failure;
    }
    return sync_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

Result<Unit> make_directories(const fs::path& path, unsigned mode) {
    if (path.empty()) return Unit{};
    if (::mkdir(path.c_str(), mode) == 0) return Unit{};
    if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
        TRY(make_directories(path.parent_path(), mode));
        if (::mkdir(path.c_str(), mode) == 0) return Unit{};
    }
    if (errno == EEXIST) {
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) return Unit{};
        errno = ENOTDIR;
    }
    return failed("mkdir", path);
}

Result<Unit> remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0) return failed("unlink", path);
    return Unit{};
}

Result<std::uint64_t> file_size(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return failure_from_errno(errno, "stat");
    return static_cast<std::uint64_t>(status.st_size);
}

TempDirectory::TempDirectory(std::string_view prefix) {
    const char* const base = std::getenv("TMPDIR");
    std::string pattern =
        fmt::format("{}/{}-XXXXXX", base != nullptr && *base != '\0' ? base : "/tmp", prefix);
    CHECK(::mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
    path_ = pattern;
}

TempDirectory::~TempDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace base
