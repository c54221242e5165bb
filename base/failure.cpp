#include "base/failure.h"

#include <cerrno>
#include <system_error>

namespace base {

std::string_view name_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::not_found: return "not found";
        case FailureKind::conflict: return "conflict";
        case FailureKind::invalid: return "invalid";
        case FailureKind::timed_out: return "timed out";
        case FailureKind::unavailable: return "unavailable";
        case FailureKind::no_space: return "no space";
        case FailureKind::corrupt: return "corrupt";
        case FailureKind::denied: return "denied";
        case FailureKind::internal: return "internal";
    }
    __builtin_unreachable();
}

static FailureKind kind_of_errno(int error_number) {
    switch (error_number) {
        case ENOENT: return FailureKind::not_found;
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return FailureKind::no_space;
        case EACCES:
        case EPERM:
        case EROFS: return FailureKind::denied;
        case ETIMEDOUT: return FailureKind::timed_out;
        case ECONNREFUSED:
        case ECONNRESET:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EPIPE: return FailureKind::unavailable;
        default: return FailureKind::internal;
    }
}

Failure failure_from_errno(int error_number, std::string_view doing) {
    return Failure{kind_of_errno(error_number),
                   std::string(doing) + ": " + std::generic_category().message(error_number)};
}

}  // namespace base
