#include "cubed/predictor/model_file.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>

#include <boost/describe.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/record.h"
#include "base/time.h"

namespace cubed::predictor {

using base::Failure;
using base::FailureKind;
using base::Result;

static_assert(std::endian::native == std::endian::little, "sections are copied as they lie in memory");

/// The parts that are neither arrays nor fractions, as JSON (whose numbers need not come back to the last
/// bit).
struct ModelFacts {
    std::string account;
    std::int32_t goal = 0;
    std::string model;
    std::int32_t order = 1;
    base::Instant window_from{};
    base::Instant window_to{};
    base::Instant watermark{};
    std::int32_t lookback_days = 30;
    std::vector<std::string> metrics;  ///< names; the numbers are in their section
    std::vector<std::string> channels;
};
BOOST_DESCRIBE_STRUCT(ModelFacts, (),
                      (account, goal, model, order, window_from, window_to, watermark, lookback_days, metrics,
                       channels))

namespace {

constexpr std::string_view magic = "CUBEDMDL";
constexpr std::size_t alignment = 64;
constexpr std::size_t channels_max = 65'534;

enum class Kind : std::uint32_t {
    facts = 1,
    numbers,  ///< conversion rate, value per journey, then the metrics
    referer_ids,
    effect,
    value_effect,
    states,
    reach,
    first_states,
    first_reach,
};
constexpr std::uint32_t sections_count = 9;

struct Header {
    char magic[8];
    std::uint32_t schema_version;
    std::uint32_t sections;
    std::uint64_t file_bytes;
    std::uint32_t crc32c;  ///< of the file with these four bytes zero
    std::uint8_t reserved[36];
};
static_assert(sizeof(Header) == alignment);

struct Section {
    std::uint32_t kind;
    std::uint32_t element_bytes;
    std::uint64_t offset;
    std::uint64_t bytes;
};
static_assert(sizeof(Section) == 24);

std::size_t aligned(std::size_t offset) {
    return (offset + alignment - 1) / alignment * alignment;
}

std::uint32_t checksum(std::string_view file) {
    constexpr std::size_t at = offsetof(Header, crc32c);
    const std::uint32_t head = base::crc32c(file.substr(0, at));
    const std::uint32_t zeroed = base::crc32c_extend(head, std::string_view("\0\0\0\0", 4));
    return base::crc32c_extend(zeroed, file.substr(at + 4));
}

class Writer {
  public:
    Writer() : file_(aligned(sizeof(Header) + sections_count * sizeof(Section)), '\0') {}

    void add(Kind kind, std::string_view bytes, std::uint32_t element_bytes) {
        const Section section{static_cast<std::uint32_t>(kind), element_bytes, file_.size(), bytes.size()};
        std::memcpy(file_.data() + sizeof(Header) + count_++ * sizeof(Section), &section, sizeof section);
        file_.append(bytes);
        file_.resize(aligned(file_.size()), '\0');
    }
    template <class T>
    void add(Kind kind, const std::vector<T>& values) {
        add(kind, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}, sizeof(T));
    }
    std::string finish() {
        CHECK(count_ == sections_count, "all sections are written");
        Header header{};
        std::memcpy(header.magic, magic.data(), magic.size());
        header.schema_version = model_schema_version;
        header.sections = sections_count;
        header.file_bytes = file_.size();
        std::memcpy(file_.data(), &header, sizeof header);
        header.crc32c = checksum(file_);
        std::memcpy(file_.data(), &header, sizeof header);
        return std::move(file_);
    }

  private:
    std::string file_;
    std::size_t count_ = 0;
};

Failure corrupt(std::string_view why) {
    return {FailureKind::corrupt, fmt::format("model file: {}", why)};
}

Result<base::Unit> check_header(std::string_view bytes) {
    Header header;
    if (bytes.size() < sizeof header) return corrupt("too short");
    std::memcpy(&header, bytes.data(), sizeof header);
    if (std::string_view(header.magic, sizeof header.magic) != magic) return corrupt("not a model file");
    if (header.schema_version != model_schema_version) return corrupt("unknown schema version");
    if (header.file_bytes != bytes.size()) return corrupt("cut or extended");
    if (header.sections != sections_count) return corrupt("unknown sections");
    if (header.crc32c != checksum(bytes)) return corrupt("checksum does not match");
    for (const auto byte : header.reserved) {
        if (byte != 0) return corrupt("reserved bytes are used");
    }
    return base::Unit{};
}

/// Section `index` must be the one that the writer puts there, in exactly the place the writer puts it.
Result<std::string_view> section(std::string_view bytes, std::uint32_t index, std::uint32_t element_bytes,
                                 std::size_t& expected_offset) {
    Section entry;
    const std::size_t at = sizeof(Header) + index * sizeof(Section);
    if (bytes.size() < at + sizeof entry) return corrupt("too short for its sections");
    std::memcpy(&entry, bytes.data() + at, sizeof entry);
    if (entry.kind != index + 1 || entry.element_bytes != element_bytes) return corrupt("unknown section");
    if (entry.offset != expected_offset || expected_offset > bytes.size() ||
        entry.bytes > bytes.size() - expected_offset) {
        return corrupt("section out of place");
    }
    if (entry.bytes % element_bytes != 0) return corrupt("section of broken elements");
    expected_offset = aligned(entry.offset + entry.bytes);
    return bytes.substr(entry.offset, entry.bytes);
}

template <class T>
std::vector<T> values_of(std::string_view bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

bool all_within_unit(const std::vector<double>& values) {
    for (const double value : values) {
        if (!(value >= 0 && value <= 1)) return false;
    }
    return true;
}

/// A tuple of at most `order` known channels, without holes.
bool known_state(std::uint64_t state, int order, std::size_t channels) {
    int length = 0;
    for (; state != 0; state >>= 16, ++length) {
        const std::uint64_t part = state & 0xffff;
        if (part == 0 || part > channels) return false;
    }
    return length <= order;
}

bool consistent(const StateTable& table, int order, std::size_t channels) {
    if (table.states.size() != table.reach.size() || !all_within_unit(table.reach)) return false;
    for (std::size_t i = 0; i < table.states.size(); ++i) {
        if (!known_state(table.states[i], order, channels)) return false;
        if (i > 0 && table.states[i] <= table.states[i - 1]) return false;
    }
    return true;
}

bool consistent(const CustomerModel& model) {
    const std::size_t channels = model.channels.size();
    if (model.order < 1 || model.order > 4 || model.goal < 0 || model.lookback_days < 1) return false;
    if (channels > channels_max || model.referer_ids.size() != channels) return false;
    if (model.effect.size() != channels || model.value_effect.size() != channels) return false;
    if (!all_within_unit(model.effect) || !all_within_unit(model.value_effect)) return false;
    if (!(model.conversion_rate >= 0 && model.conversion_rate <= 1)) return false;
    if (!std::isfinite(model.value_per_journey)) return false;
    for (const auto& [name, metric] : model.metrics) {
        if (!std::isfinite(metric)) return false;
    }
    return consistent(model.states, model.order, channels) && consistent(model.first_order, 1, channels);
}

}  // namespace

std::string encode_model(const CustomerModel& model) {
    CHECK(consistent(model), "training makes consistent models");
    ModelFacts facts{.account = model.account,
                     .goal = model.goal,
                     .model = model.model,
                     .order = model.order,
                     .window_from = model.window_from,
                     .window_to = model.window_to,
                     .watermark = model.watermark,
                     .lookback_days = model.lookback_days,
                     .channels = model.channels};
    std::vector<double> numbers = {model.conversion_rate, model.value_per_journey};
    for (const auto& [name, metric] : model.metrics) {
        facts.metrics.push_back(name);
        numbers.push_back(metric);
    }
    Writer writer;
    writer.add(Kind::facts, base::encode_record(facts), 1);
    writer.add(Kind::numbers, numbers);
    writer.add(Kind::referer_ids, model.referer_ids);
    writer.add(Kind::effect, model.effect);
    writer.add(Kind::value_effect, model.value_effect);
    writer.add(Kind::states, model.states.states);
    writer.add(Kind::reach, model.states.reach);
    writer.add(Kind::first_states, model.first_order.states);
    writer.add(Kind::first_reach, model.first_order.reach);
    return writer.finish();
}

Result<CustomerModel> decode_model(std::string_view bytes) {
    TRY(check_header(bytes));
    std::size_t offset = aligned(sizeof(Header) + sections_count * sizeof(Section));
    const auto facts_text = TRY(section(bytes, 0, 1, offset));
    auto facts = base::decode_record<ModelFacts>(facts_text);
    if (!facts.ok()) return corrupt("facts cannot be read");
    CustomerModel model;
    model.account = std::move(facts->account);
    model.goal = facts->goal;
    model.model = std::move(facts->model);
    model.order = facts->order;
    model.window_from = facts->window_from;
    model.window_to = facts->window_to;
    model.watermark = facts->watermark;
    model.lookback_days = facts->lookback_days;
    model.channels = std::move(facts->channels);
    const auto numbers = values_of<double>(TRY(section(bytes, 1, 8, offset)));
    if (numbers.size() != 2 + facts->metrics.size()) return corrupt("metrics without numbers");
    model.conversion_rate = numbers[0];
    model.value_per_journey = numbers[1];
    for (std::size_t i = 0; i < facts->metrics.size(); ++i) model.metrics[facts->metrics[i]] = numbers[2 + i];
    model.referer_ids = values_of<std::int32_t>(TRY(section(bytes, 2, 4, offset)));
    model.effect = values_of<double>(TRY(section(bytes, 3, 8, offset)));
    model.value_effect = values_of<double>(TRY(section(bytes, 4, 8, offset)));
    model.states.states = values_of<std::uint64_t>(TRY(section(bytes, 5, 8, offset)));
    model.states.reach = values_of<double>(TRY(section(bytes, 6, 8, offset)));
    model.first_order.states = values_of<std::uint64_t>(TRY(section(bytes, 7, 8, offset)));
    model.first_order.reach = values_of<double>(TRY(section(bytes, 8, 8, offset)));
    if (offset != bytes.size()) return corrupt("bytes after the last section");
    if (!consistent(model)) return corrupt("contradicts itself");
    return model;
}

std::string version_of(const CustomerModel& model, std::string_view bytes) {
    return base::format_iso8601_basic(model.watermark) + "-" +
           base::hex_encode(base::sha256(bytes)).substr(0, 12);
}

std::string object_key(const CustomerModel& model, std::string_view version) {
    return fmt::format("{}/customer/{}/{}.model", model.account, model.goal, version);
}

std::string latest_key(std::string_view account, std::int32_t goal) {
    return fmt::format("{}/customer/{}/latest", account, goal);
}

}  // namespace cubed::predictor
