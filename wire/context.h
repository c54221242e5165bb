// Context: what a handler knows of its request besides its input. Park: the answer "not yet".
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/ticket.h"

namespace base {
class DurableLog;
}

namespace wire {

/// Who signed the request.
struct Principal {
    std::string account;  ///< twelve digits
    std::string arn;
    std::string user_id;
    std::string access_key_id;
};

/// Holds an answer back until a log has it on disk, with no thread waiting. Given by the gateway; one per
/// request.
class ResponseHold {
  public:
    virtual ~ResponseHold() = default;
    /// May be called several times: the answer waits for all. A failed write turns the answer into an error.
    virtual void after(base::DurableLog& log, std::uint64_t sequence) = 0;
};

/// Lives as long as the handler runs, and is the same again when a parked handler is run again.
struct Context {
    std::string region;
    Principal caller;
    std::string request_id;
    base::Instant received;  ///< first arrival, not the time of a re-run
    std::string host;        ///< as the client named us, for URLs in answers
    std::string source_ip;
    bool secure = false;
    ResponseHold* hold = nullptr;  ///< null in tests that do not care
};

/// "Run me again, from the top, when the ticket is notified or the deadline passes." The handler has
/// committed nothing: it may also never be run again, when the client goes away.
struct Park {
    base::Ticket until;
    base::Instant deadline;
};

template <class T>
using Parkable = std::variant<T, Park>;

}  // namespace wire
