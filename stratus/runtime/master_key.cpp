#include "stratus/runtime/master_key.h"

#include <sys/stat.h>

#include "base/crypto.h"
#include "base/files.h"

namespace stratus {

using base::Failure;
using base::FailureKind;
using base::Result;

Result<MasterKey> MasterKey::open_or_create(const std::filesystem::path& file, base::Random& random) {
    auto found = base::read_file(file, 4096);
    if (!found.ok() && found.error().kind == FailureKind::not_found) {
        MasterKey key(random.bytes(32));
        TRY(base::write_file_durably(file, key.bytes_, 0600));
        return key;
    }
    std::string bytes = TRY(std::move(found));
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) return base::failure_from_errno(errno, "stat " + file.string());
    if ((about.st_mode & 077) != 0) {
        return Failure{FailureKind::denied, file.string() + " can be read by others; chmod 600 it"};
    }
    if (bytes.size() != 32)
        return Failure{FailureKind::corrupt, file.string() + " is not a master key (32 bytes)"};
    return MasterKey(std::move(bytes));
}

std::string MasterKey::derive(std::string_view purpose) const {
    return base::hmac_sha256(bytes_, purpose);
}

}  // namespace stratus
