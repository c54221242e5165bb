// Tagged fields: number, then a varint or length-prefixed bytes. The inside of an encoded hit. Not
// thread-safe.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cubed {

inline void put_varint(std::string& out, uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

/// Takes a varint off the front; empty when it is cut short or longer than 64 bits.
inline std::optional<uint64_t> take_varint(std::string_view& in) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (in.empty()) return std::nullopt;
        const auto byte = static_cast<uint8_t>(in.front());
        in.remove_prefix(1);
        if (shift == 63 && byte > 1) return std::nullopt;
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
}

/// Small signed numbers as small varints.
constexpr uint64_t zigzag(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t unzigzag(uint64_t value) {
    return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class TlvWriter {
  public:
    void uint(uint32_t field, uint64_t value) {
        put_varint(out_, static_cast<uint64_t>(field) << 1);
        put_varint(out_, value);
    }
    void integer(uint32_t field, int64_t value) { uint(field, zigzag(value)); }
    void number(uint32_t field, double value) { uint(field, std::bit_cast<uint64_t>(value)); }
    void bytes(uint32_t field, std::string_view value) {
        put_varint(out_, static_cast<uint64_t>(field) << 1 | 1);
        put_varint(out_, value.size());
        out_.append(value);
    }
    /// Leaves the field out when it is empty.
    void text(uint32_t field, std::string_view value) {
        if (!value.empty()) bytes(field, value);
    }
    std::string take() { return std::move(out_); }
    const std::string& out() const { return out_; }

  private:
    std::string out_;
};

struct TlvField {
    uint32_t number = 0;
    bool is_bytes = false;
    uint64_t uint = 0;
    std::string_view bytes;
    int64_t integer() const { return unzigzag(uint); }
    double floating() const { return std::bit_cast<double>(uint); }
};

class TlvReader {
  public:
    explicit TlvReader(std::string_view in) : in_(in) {}
    /// The next field; empty at the end or at a broken field: then ok() tells which.
    std::optional<TlvField> next() {
        if (in_.empty() || !ok_) return std::nullopt;
        const auto head = take_varint(in_);
        const auto value = head ? take_varint(in_) : std::nullopt;
        ok_ = value && *head >> 1 <= UINT32_MAX && ((*head & 1) == 0 || *value <= in_.size());
        if (!ok_) return std::nullopt;
        TlvField field{.number = static_cast<uint32_t>(*head >> 1), .is_bytes = (*head & 1) != 0};
        if (field.is_bytes) {
            field.bytes = in_.substr(0, *value);
            in_.remove_prefix(*value);
        } else {
            field.uint = *value;
        }
        return field;
    }
    bool ok() const { return ok_; }

  private:
    std::string_view in_;
    bool ok_ = true;
};

}  // namespace cubed
