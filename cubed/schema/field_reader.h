// Reads typed fields out of a JSON object and notes why one could not be taken. Internal to validation.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "cubed/schema/hit.h"

namespace cubed {

/// Bound to one object; not thread-safe; borrows all it is given. An absent, null or blank field is no error:
/// the callers say what is required. Numbers may come as text, since a query string has only text.
class FieldReader {
  public:
    FieldReader(const boost::json::object& object, std::string prefix, std::vector<Reason>& reasons)
        : object_(object), prefix_(std::move(prefix)), reasons_(reasons) {}

    void fail(std::string_view name, std::string_view message);
    /// Valid UTF-8 without control characters, cut to `bytes_max`.
    std::string text(std::string_view name, size_t bytes_max);
    std::optional<int64_t> integer(std::string_view name, int64_t low, int64_t high);
    std::optional<Instant> millis(std::string_view name);
    /// An array; in a query string, JSON text of one. Null when absent or anything else.
    const boost::json::array* array(std::string_view name, size_t items_max);
    const boost::json::value* find(std::string_view name) const;
    const std::string& prefix() const { return prefix_; }
    std::vector<Reason>& reasons() { return reasons_; }

  private:
    const boost::json::object& object_;
    const std::string prefix_;
    std::vector<Reason>& reasons_;
    std::vector<std::unique_ptr<boost::json::value>> parsed_;  // what array() parsed out of text
};

/// The clean form of text from outside; `complaint` says what had to be changed.
std::string clean_text(std::string_view text, size_t bytes_max, std::string_view& complaint);

std::optional<int64_t> integer_of(const boost::json::value& value);
std::vector<Label> read_labels(FieldReader& in);
std::vector<Event> read_events(FieldReader& in);

}  // namespace cubed
