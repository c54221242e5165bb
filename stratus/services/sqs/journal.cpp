#include "stratus/services/sqs/journal.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "stratus/services/sqs/codec.h"

namespace stratus::sqs {

namespace {

using base::Instant;

constexpr std::uint8_t record_version = 1;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t message_overhead_bytes = 96;

enum class Section : std::uint8_t { sent = 1, erased = 2, counted = 3, remembered = 4, placed = 5 };

std::uint64_t number_of(Instant at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}
Instant instant_of(std::uint64_t number) {
    return Instant{base::Microseconds{static_cast<std::int64_t>(number)}};
}

void begin_section(Writer& out, Section section, QueueId queue, std::size_t count) {
    out.u8(static_cast<std::uint8_t>(section));
    out.u64(queue);
    out.u32(static_cast<std::uint32_t>(count));
}

void write_message(Writer& out, const StoredMessage& message) {
    const Payload& payload = *message.payload;
    out.u64(message.number);
    out.u64(number_of(message.sent));
    out.u64(number_of(message.visible_at));
    out.u64(number_of(message.first_received));
    out.u32(message.receive_count);
    for (const std::string* text : {&payload.message_id, &payload.body, &payload.md5_of_body,
                                    &payload.md5_of_attributes, &payload.sender_id, &payload.trace_header,
                                    &payload.group, &payload.deduplication_id, &payload.dead_letter_source}) {
        out.text(*text);
    }
    out.u32(static_cast<std::uint32_t>(payload.attributes.size()));
    for (const MessageAttribute& attribute : payload.attributes) {
        out.text(attribute.name);
        out.text(attribute.data_type);
        out.text(attribute.value);
        out.u8(attribute.binary ? 1 : 0);
    }
}

StoredMessage read_message(Reader& in) {
    StoredMessage message;
    auto payload = std::make_shared<Payload>();
    message.number = in.u64();
    message.sent = instant_of(in.u64());
    message.visible_at = instant_of(in.u64());
    message.first_received = instant_of(in.u64());
    message.receive_count = in.u32();
    for (std::string* text : {&payload->message_id, &payload->body, &payload->md5_of_body,
                              &payload->md5_of_attributes, &payload->sender_id, &payload->trace_header,
                              &payload->group, &payload->deduplication_id, &payload->dead_letter_source}) {
        *text = in.text();
    }
    const std::uint32_t count = in.u32();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        MessageAttribute attribute;
        attribute.name = in.text();
        attribute.data_type = in.text();
        attribute.value = in.text();
        attribute.binary = in.u8() != 0;
        payload->attributes.push_back(std::move(attribute));
    }
    message.payload = std::move(payload);
    return message;
}

RememberedSend read_remembered(Reader& in) {
    RememberedSend send;
    send.key = in.text();
    send.expires = instant_of(in.u64());
    send.message_id = in.text();
    send.number = in.u64();
    return send;
}

/// Gathers the messages of a record.
class Gatherer final : public RecordVisitor {
  public:
    void sent(QueueId, StoredMessage message, Location) override {
        payloads.push_back(std::move(message.payload));
    }
    void erased(QueueId, MessageNumber) override {}
    void counted(QueueId, MessageNumber, std::uint32_t) override {}
    void remembered(QueueId, RememberedSend, Location) override {}
    std::vector<PayloadRef> payloads;
};

}  // namespace

RecordBuilder::RecordBuilder() {
    Writer(bytes_).u8(record_version);
}

void RecordBuilder::sent(QueueId queue, std::span<const StoredMessage> messages) {
    std::size_t bytes = bytes_.size();
    for (const StoredMessage& message : messages) bytes += logged_bytes(*message.payload);
    bytes_.reserve(bytes);
    Writer out(bytes_);
    const bool sent_here = messages.empty() || messages.front().sent_here;
    begin_section(out, sent_here ? Section::sent : Section::placed, queue, messages.size());
    for (const StoredMessage& message : messages) write_message(out, message);
}

void RecordBuilder::erased(QueueId queue, std::span<const MessageNumber> numbers) {
    Writer out(bytes_);
    begin_section(out, Section::erased, queue, numbers.size());
    for (const MessageNumber number : numbers) out.u64(number);
}

void RecordBuilder::counted(QueueId queue, std::span<const std::pair<MessageNumber, std::uint32_t>> counts) {
    Writer out(bytes_);
    begin_section(out, Section::counted, queue, counts.size());
    for (const auto& [number, count] : counts) {
        out.u64(number);
        out.u32(count);
    }
}

void RecordBuilder::remembered(QueueId queue, std::span<const RememberedSend> sends) {
    Writer out(bytes_);
    begin_section(out, Section::remembered, queue, sends.size());
    for (const RememberedSend& send : sends) {
        out.text(send.key);
        out.u64(number_of(send.expires));
        out.text(send.message_id);
        out.u64(send.number);
    }
}

base::Result<base::Unit> visit_record(std::string_view bytes, base::DurableLog::Position position,
                                      RecordVisitor& visitor) {
    const base::Failure damaged{base::FailureKind::corrupt, "a record of the message journal"};
    Reader in(bytes);
    if (in.u8() != record_version) return damaged;
    Location location{position, 0};
    while (in.ok() && !in.at_end()) {
        const auto section = static_cast<Section>(in.u8());
        const QueueId queue = in.u64();
        const std::uint32_t count = in.u32();
        if (section < Section::sent || section > Section::placed) return damaged;
        for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
            if (section == Section::sent || section == Section::placed) {
                auto message = read_message(in);
                message.sent_here = section == Section::sent;
                if (in.ok()) visitor.sent(queue, std::move(message), location);
                ++location.ordinal;
            } else if (section == Section::erased) {
                const MessageNumber number = in.u64();
                if (in.ok()) visitor.erased(queue, number);
            } else if (section == Section::counted) {
                const MessageNumber number = in.u64();
                const std::uint32_t receive_count = in.u32();
                if (in.ok()) visitor.counted(queue, number, receive_count);
            } else {
                auto send = read_remembered(in);
                if (in.ok()) visitor.remembered(queue, std::move(send), location);
            }
        }
    }
    if (!in.ok()) return damaged;
    return base::Unit{};
}

std::uint64_t logged_bytes(const Payload& payload) {
    std::uint64_t total = message_overhead_bytes + payload.message_id.size() + payload.body.size() +
                          payload.md5_of_body.size() + payload.md5_of_attributes.size() +
                          payload.sender_id.size() + payload.trace_header.size() + payload.group.size() +
                          payload.deduplication_id.size() + payload.dead_letter_source.size();
    for (const MessageAttribute& attribute : payload.attributes) {
        total += 13 + attribute.name.size() + attribute.data_type.size() + attribute.value.size();
    }
    return total;
}

std::uint64_t logged_bytes(const RememberedSend& send) {
    return 24 + send.key.size() + send.message_id.size();
}

Journal::Journal(std::string key, base::Random& random)
    : key_(std::move(key)), nonce_prefix_(random.bytes(4)) {
    CHECK(key_.size() == 32, "the journal's key is 32 bytes");
    nonce_counter_ = random.next();
}

std::string Journal::seal(const RecordBuilder& record) {
    std::string sealed = nonce_prefix_;
    Writer(sealed).u64(nonce_counter_.fetch_add(1, std::memory_order_relaxed));
    const std::string nonce = sealed;
    sealed += base::aes256gcm_seal(key_, nonce, record.bytes(), {});
    return sealed;
}

base::Result<std::string> Journal::unseal(std::string_view sealed) const {
    if (sealed.size() < nonce_bytes)
        return base::Failure{base::FailureKind::corrupt, "a short journal record"};
    return base::aes256gcm_open(key_, sealed.substr(0, nonce_bytes), sealed.substr(nonce_bytes), {});
}

base::Result<PayloadRef> Journal::read(Location location) {
    const std::lock_guard lock(last_read_.mutex);
    if (last_read_.payloads.empty() || last_read_.position != location.position) {
        last_read_.payloads.clear();
        const std::string sealed = TRY(log_->read(location.position));
        const std::string bytes = TRY(unseal(sealed));
        Gatherer gatherer;
        TRY(visit_record(bytes, location.position, gatherer));
        last_read_.payloads = std::move(gatherer.payloads);
        last_read_.position = location.position;
    }
    if (location.ordinal < last_read_.payloads.size()) return last_read_.payloads[location.ordinal];
    return base::Failure{base::FailureKind::corrupt, "a message is not where it was written"};
}

void Journal::forget_last_read() {
    const std::lock_guard lock(last_read_.mutex);
    last_read_.payloads.clear();
}

}  // namespace stratus::sqs
