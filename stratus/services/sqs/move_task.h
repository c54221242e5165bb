// Task: one message move task, running or over.
#pragma once

#include <atomic>

#include "stratus/services/sqs/sqs.h"

namespace stratus::sqs {

inline constexpr std::string_view task_running = "RUNNING";
inline constexpr std::string_view task_completed = "COMPLETED";
inline constexpr std::string_view task_cancelling = "CANCELLING";
inline constexpr std::string_view task_cancelled = "CANCELLED";
inline constexpr std::string_view task_failed = "FAILED";

/// Protected by Sqs::tasks_mutex_; advanced by one thread at a time.
struct Sqs::Task {
    explicit Task(MoveTaskRecord from) : record(std::move(from)) {}
    bool is_active() const { return record.status == task_running || record.status == task_cancelling; }

    MoveTaskRecord record;
    base::Instant paced_from;  ///< since when the rate is counted
    std::uint64_t moved_since_pace = 0;
};

}  // namespace stratus::sqs
