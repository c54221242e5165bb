#include "stratus/apps/stratusd/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stratus {

using base::Failure;
using base::FailureKind;
using base::Result;

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
    TRY(base::make_directories(path, 0700));
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return base::failure_from_errno(errno, "stat " + path.string());
    if (about.st_uid != ::geteuid()) {
        return Failure{FailureKind::denied, path.string() + " belongs to another user"};
    }
    const bool is_open = (about.st_mode & 077) != 0;
    if (is_open && std::filesystem::is_empty(path)) {  // nothing in it yet that anybody could have seen
        if (::chmod(path.c_str(), 0700) != 0)
            return base::failure_from_errno(errno, "chmod " + path.string());
    } else if (is_open) {
        return Failure{FailureKind::denied, path.string() + " can be entered by others; chmod 700 it"};
    }
    base::Fd lock = TRY(base::open_file(path / "lock", O_RDWR | O_CREAT, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return Failure{FailureKind::conflict, path.string() + " is in use by another stratusd"};
    }
    return DataDirectory(path, std::move(lock));
}

}  // namespace stratus
