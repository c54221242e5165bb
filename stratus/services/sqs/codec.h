// Little-endian bytes in and out, for the journal's records and for receipt handles.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace stratus::sqs {

/// Appends to a string it borrows.
class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}
    void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
    void u32(std::uint32_t value) { append(value); }
    void u64(std::uint64_t value) { append(value); }
    void text(std::string_view value) {
        u32(static_cast<std::uint32_t>(value.size()));
        out_ += value;
    }

  private:
    template <class T>
    void append(T value) {
        char bytes[sizeof(T)];
        std::memcpy(bytes, &value, sizeof(T));  // x86-64 and arm64 are little-endian
        out_.append(bytes, sizeof(T));
    }

    std::string& out_;
};

/// Reads what Writer wrote. Past the end everything is zero or empty and ok() is false, so a reader checks
/// once.
class Reader {
  public:
    explicit Reader(std::string_view in) : rest_(in) {}
    std::uint8_t u8() { return read<std::uint8_t>(); }
    std::uint32_t u32() { return read<std::uint32_t>(); }
    std::uint64_t u64() { return read<std::uint64_t>(); }
    std::string_view text() {
        const std::uint32_t size = u32();
        if (size > rest_.size()) {
            fail();
            return {};
        }
        const auto value = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return value;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }
    std::size_t left() const { return rest_.size(); }

  private:
    template <class T>
    T read() {
        if (rest_.size() < sizeof(T)) {
            fail();
            return 0;
        }
        T value;
        std::memcpy(&value, rest_.data(), sizeof(T));
        rest_.remove_prefix(sizeof(T));
        return value;
    }
    void fail() {
        ok_ = false;
        rest_ = {};
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace stratus::sqs
