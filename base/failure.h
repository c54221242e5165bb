// Failure: what goes wrong inside the process, below any wire protocol.
#pragma once

#include <string>
#include <string_view>

namespace base {

/// The kinds are few on purpose: callers branch on them, messages are for people.
enum class FailureKind {
    not_found,    ///< the thing asked for is not there
    conflict,     ///< somebody else changed it first; trying again may succeed
    invalid,      ///< the input can never be accepted
    timed_out,    ///< no answer in time; the effect is unknown
    unavailable,  ///< a peer or resource is away for now; trying again later may succeed
    no_space,     ///< disk or a configured limit is full
    corrupt,      ///< stored bytes do not check out
    denied,       ///< the operating system or a peer refused
    internal,     ///< anything else; a defect until shown otherwise
};

std::string_view name_of(FailureKind kind);

/// An error of the store, the disk, a peer or a parser. Never sent to a client as it is: the wire layer
/// turns it into an error of its protocol in one place.
struct Failure {
    FailureKind kind = FailureKind::internal;
    std::string what;
};

/// A Failure from errno, with the operation and the path or peer in the text.
Failure failure_from_errno(int error_number, std::string_view doing);

}  // namespace base
