// What a message is: the part that never changes (Payload) and what callers hand in and get back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace stratus::sqs {

/// Never reused: records of a deleted queue that are still in the log are recognised by it.
using QueueId = std::uint64_t;
/// A message's number within its queue; grows with every send, also across restarts.
using MessageNumber = std::uint64_t;

struct MessageAttribute {
    std::string name;
    std::string data_type;
    std::string value;
    bool binary = false;
    friend bool operator==(const MessageAttribute&, const MessageAttribute&) = default;
};

/// The immutable content of a message, shared by the index and the answers that carry it.
struct Payload {
    std::string message_id;
    std::string body;
    std::vector<MessageAttribute> attributes;
    std::string md5_of_body;
    std::string md5_of_attributes;  ///< empty without attributes
    std::string sender_id;
    std::string trace_header;
    std::string group;
    std::string deduplication_id;
    std::string dead_letter_source;  ///< ARN of the queue it was moved from

    std::size_t bytes() const;
};

using PayloadRef = std::shared_ptr<const Payload>;

/// A message on its way into a queue.
struct Outgoing {
    std::shared_ptr<Payload> payload;
    std::optional<std::chrono::seconds> delay;
};

/// What the sender is told.
struct Sent {
    std::string message_id;
    MessageNumber number = 0;
    bool duplicate = false;  ///< within the deduplication interval; nothing was added
};

/// A message handed to a consumer.
struct Delivery {
    PayloadRef payload;
    MessageNumber number = 0;
    std::uint64_t receipt = 0;  ///< what makes this delivery's receipt handle differ from the others
    base::Instant sent;
    base::Instant first_received;
    std::uint32_t receive_count = 0;
};

/// The twenty digits clients see as SequenceNumber.
std::string sequence_text(MessageNumber number);

}  // namespace stratus::sqs
