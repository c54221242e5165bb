// Whatever arrives where SQS parses text itself: receipt handles, ARNs, attribute values (with JSON inside),
// policies, message text; and journal records, which a damaged disk may hand us. The first byte chooses.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "stratus/services/sqs/contents.h"
#include "stratus/services/sqs/journal.h"
#include "stratus/services/sqs/policy.h"
#include "stratus/services/sqs/receipt.h"
#include "stratus/services/sqs/registry.h"
#include "stratus/services/sqs/settings.h"

namespace stratus::sqs {
namespace {

class Ignore final : public RecordVisitor {
  public:
    void sent(QueueId, StoredMessage message, Location) override {
        if (!message.payload) std::abort();
    }
    void erased(QueueId, MessageNumber) override {}
    void counted(QueueId, MessageNumber, std::uint32_t) override {}
    void remembered(QueueId, RememberedSend, Location) override {}
};

void attributes(std::string_view text) {
    constexpr std::string_view names[] = {"RedrivePolicy", "RedriveAllowPolicy", "Policy",
                                          "VisibilityTimeout", "DeduplicationScope"};
    for (const std::string_view queue : {"q", "q.fifo"}) {
        for (const std::string_view name : names) {
            const auto changed = changed_attributes({}, {{std::string(name), std::string(text)}}, queue);
            if (changed.ok()) settings_of(changed.value(), queue);
        }
    }
}

void run(std::uint8_t choice, std::string_view text) {
    switch (choice % 6) {
        case 0: {
            const ReceiptSealer sealer({1, 2});
            const auto receipt = sealer.open(text);
            if (receipt && sealer.seal(*receipt) != text) std::abort();
            return;
        }
        case 1: {
            const auto name = QueueName::of_arn(text);
            if (name && QueueName::of_arn(name->arn()) != name) std::abort();
            return;
        }
        case 2: return attributes(text);
        case 3:
            allows(text, {"111111111111", "arn", "id", "key"}, "SendMessage");
            std::ignore = with_permission(text, "arn", {"label", {"111111111111"}, {"SendMessage"}});
            std::ignore = without_permission(text, "label");
            return;
        case 4:
            has_valid_characters(text);
            std::ignore =
                message_attributes_of({{std::string(text), {.string_value = "1", .data_type = "Number"}}});
            std::ignore =
                message_attributes_of({{"a", {.string_value = std::string(text), .data_type = "Number"}}});
            return;
        default: {
            Ignore ignore;
            std::ignore = visit_record(text, {}, ignore);
        }
    }
}

}  // namespace
}  // namespace stratus::sqs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    stratus::sqs::run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
}
