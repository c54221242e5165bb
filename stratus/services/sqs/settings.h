// A queue's attributes: how they are checked, and what they mean.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stratus/services/sqs/queue.h"
#include "wire/error.h"

namespace stratus::sqs {

/// As clients write and read them.
using Attributes = std::map<std::string, std::string>;

struct RedrivePolicy {
    std::string target_arn;
    std::uint32_t max_receives = 0;
};

enum class RedrivePermission { allow_all, deny_all, by_queue };

struct RedriveAllowPolicy {
    RedrivePermission permission = RedrivePermission::allow_all;
    std::vector<std::string> sources;
};

/// The attributes of one queue, understood.
struct QueueSettings {
    QueueRules rules;
    std::chrono::seconds receive_wait{0};
    std::uint32_t message_bytes_max = 1'048'576;
    bool content_deduplication = false;
    std::optional<RedrivePolicy> redrive;
    RedriveAllowPolicy redrive_allow;
    std::string policy;
    std::string kms_key;
};

inline constexpr std::uint32_t message_bytes_max = 1'048'576;  // AWS's limit for a message and for a batch

bool is_fifo_name(std::string_view name);

/// The attributes that `change` makes of `current` (empty for a queue being created). Fails with
/// InvalidAttributeName or InvalidAttributeValue; whether a dead-letter target exists is for the caller to
/// see. An empty value removes what may be absent.
wire::Outcome<Attributes> changed_attributes(const Attributes& current, const Attributes& change,
                                             std::string_view queue_name);

/// Of attributes that changed_attributes() made.
QueueSettings settings_of(const Attributes& attributes, std::string_view queue_name);

/// What a client sees: what was set, else AWS's defaults; without what is computed (counts, times, the ARN).
Attributes with_defaults(const Attributes& attributes, std::string_view queue_name);

/// May be asked for in GetQueueAttributes.
bool is_attribute_name(std::string_view name);

}  // namespace stratus::sqs
