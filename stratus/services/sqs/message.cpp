#include "stratus/services/sqs/message.h"

#include <fmt/core.h>

namespace stratus::sqs {

namespace {

constexpr std::uint64_t twenty_digits = 10'000'000'000'000'000'000u;

}  // namespace

std::size_t Payload::bytes() const {
    std::size_t total = sizeof(Payload) + message_id.size() + body.size() + sender_id.size() +
                        trace_header.size() + group.size() + deduplication_id.size() +
                        dead_letter_source.size();
    for (const MessageAttribute& attribute : attributes) {
        total +=
            sizeof(attribute) + attribute.name.size() + attribute.data_type.size() + attribute.value.size();
    }
    return total;
}

std::string sequence_text(MessageNumber number) {
    return fmt::format("{:020}", twenty_digits + number);
}

}  // namespace stratus::sqs
