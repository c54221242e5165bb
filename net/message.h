// HTTP messages as both sides of the process see them; no socket in sight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace net {

/// HTTP header fields: ordered, repeated names allowed, names compared without case. A value type, not
/// thread-safe. All text is kept in one buffer; views it hands out live until the next change.
class Headers {
  public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    Headers() = default;
    Headers(std::initializer_list<Field> fields);

    void add(std::string_view name, std::string_view value);
    /// Replaces every field of that name.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);
    void clear();

    /// The first value of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    std::string_view get_or(std::string_view name, std::string_view otherwise) const;
    bool contains(std::string_view name) const { return find(name).has_value(); }
    /// All values of that name, joined with ", " as HTTP allows.
    std::string joined(std::string_view name) const;

    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    Field at(std::size_t index) const;

    class Iterator {
      public:
        using value_type = Field;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) {}
        Field operator*() const { return headers_->at(index_); }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++index_;
            return before;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

      private:
        const Headers* headers_ = nullptr;
        std::size_t index_ = 0;
    };
    Iterator begin() const { return {this, 0}; }
    Iterator end() const { return {this, fields_.size()}; }

  private:
    struct Slot {
        std::uint32_t name_at, value_at;
        std::uint32_t name_size, value_size;
    };
    std::string text_;
    std::vector<Slot> fields_;
};

/// ASCII case-insensitive equality, as header names need it.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// A request without its body. `target` is as sent: path and query, not decoded.
struct RequestHead {
    std::string method;
    std::string target;
    unsigned version = 11;  ///< 10 or 11
    Headers headers;
    std::string peer_address;  ///< without the port
    bool secure = false;       ///< came over TLS
};

struct Request {
    RequestHead head;
    std::string body;
};

/// A body that arrives, or is made, piece by piece. One thread at a time reads it.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    /// Fills some of `out` and says how much; 0 is the end. Blocks while there is nothing (back-pressure).
    /// timed_out, unavailable (the peer went away) or invalid (malformed, over the limit) otherwise.
    virtual base::Result<std::size_t> read(std::span<std::byte> out) = 0;
    /// The whole length, when known beforehand.
    virtual std::optional<std::uint64_t> length() const = 0;
};

/// A part of an open file, sent in chunks; the descriptor is shared with whoever else uses it.
struct FileRange {
    std::shared_ptr<base::Fd> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// A reader without a length is sent chunked (to an HTTP/1.0 peer: until the connection closes).
using Body = std::variant<std::string, FileRange, std::unique_ptr<BodyReader>>;

/// The server adds Date, Content-Length or Transfer-Encoding, and Connection where due. For an answer to HEAD
/// set Content-Length yourself when the body is left empty: it is kept as it is.
struct Response {
    int status = 200;
    Headers headers;
    Body body;
};

/// Header text that can be sent: no control characters but tab, names are tokens. Response headers that are
/// not are dropped by the server (and logged): nothing a user supplied can inject a header.
bool is_header_name(std::string_view text);
bool is_header_value(std::string_view text);

/// "Not Found" for 404; "Unknown" for numbers without a name.
std::string_view reason_phrase(int status);

}  // namespace net
