// Ticket: a point in an event's history that a parked request waits to be passed.
#pragma once

#include <cstdint>
#include <string>

namespace base {

/// Taken from an event bus *before* looking at the state that the event announces. Whoever waits on it wakes
/// as soon as the event happened after that, even if it happened before the wait began: no wake-up is lost.
/// A plain value; an empty key never fires.
struct Ticket {
    std::string key;
    std::uint64_t seen = 0;
};

}  // namespace base
