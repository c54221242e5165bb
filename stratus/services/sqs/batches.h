// What all batch operations share: checks of the batch as a whole, and its failed entries.
#pragma once

#include <cctype>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "aws/sqs/types.h"
#include "wire/error.h"

namespace stratus::sqs {

inline constexpr std::size_t batch_entries_max = 10;

/// Fails for a batch that AWS refuses whole.
template <class Entry>
wire::Outcome<base::Unit> check_batch(const std::vector<Entry>& entries, std::string_view entry_type) {
    namespace errors = aws::sqs::errors;
    if (entries.empty()) {
        return errors::empty_batch_request(
            fmt::format("There should be at least one {} in the request.", entry_type));
    }
    if (entries.size() > batch_entries_max) {
        return errors::too_many_entries_in_batch_request(
            fmt::format("Maximum number of entries per request are {}. You have sent {}.", batch_entries_max,
                        entries.size()));
    }
    std::set<std::string_view> ids;
    for (const Entry& entry : entries) {
        bool fits = !entry.id.empty() && entry.id.size() <= 80;
        for (const unsigned char c : entry.id) fits = fits && (std::isalnum(c) || c == '-' || c == '_');
        if (!fits) {
            return errors::invalid_batch_entry_id(
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can "
                "be at most "
                "80 letters long.");
        }
        if (!ids.insert(entry.id).second) {
            return errors::batch_entry_ids_not_distinct(fmt::format("Id {} repeated.", entry.id));
        }
    }
    return base::Unit{};
}

inline aws::sqs::BatchResultErrorEntry failed_entry(std::string id, const wire::Error& error) {
    aws::sqs::BatchResultErrorEntry entry;
    entry.id = std::move(id);
    entry.sender_fault = error.fault == wire::Fault::sender;
    entry.code = error.code;
    entry.message = error.message;
    return entry;
}

}  // namespace stratus::sqs
