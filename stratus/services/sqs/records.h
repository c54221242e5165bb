// What SQS keeps in the store: queues, names of queues deleted lately, and message move tasks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <boost/describe.hpp>

#include "base/clock.h"
#include "stratus/store/table.h"

namespace stratus::sqs {

/// Key: key_of(account, region, name).
struct QueueRecord {
    std::uint64_t id = 0;
    std::map<std::string, std::string> attributes;  ///< what was set, checked
    std::map<std::string, std::string> tags;
    base::Instant created;
    base::Instant modified;
    std::uint64_t purged_before = 0;  ///< messages with smaller numbers are gone
    base::Instant purged;
};
BOOST_DESCRIBE_STRUCT(QueueRecord, (), (id, attributes, tags, created, modified, purged_before, purged))

/// Key: key_of(account, region, name). For AWS's rule that a name rests for a minute.
struct DeletedQueueRecord {
    base::Instant deleted;
};
BOOST_DESCRIBE_STRUCT(DeletedQueueRecord, (), (deleted))

/// Key: key_of(account, region, task id).
struct MoveTaskRecord {
    std::string id;
    std::string source_arn;
    std::string destination_arn;  ///< empty: back to where each message came from
    std::string status;
    std::string failure;
    std::int32_t messages_per_second = 0;  ///< 0: not set by the client
    std::uint64_t moved = 0;
    std::uint64_t to_move = 0;
    base::Instant started;
};
BOOST_DESCRIBE_STRUCT(MoveTaskRecord, (),
                      (id, source_arn, destination_arn, status, failure, messages_per_second, moved, to_move,
                       started))

inline constexpr Table<QueueRecord> queue_table{"sqs.queues"};
inline constexpr Table<DeletedQueueRecord> deleted_table{"sqs.deleted"};
inline constexpr Table<MoveTaskRecord> move_task_table{"sqs.move_tasks"};

}  // namespace stratus::sqs
