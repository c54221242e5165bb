// Listing: prefix, delimiter, common prefixes and pages over ordered keys. Pure but for the cursor it reads.
//
// ListObjects, ListObjectsV2, ListObjectVersions and ListMultipartUploads are all this one walk; they differ
// in what a row is and where the walk begins.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stratus::s3 {

/// Rows ordered by the bytes of their keys (several rows may share one). Not thread-safe.
template <class Row>
class Cursor {
  public:
    virtual ~Cursor() = default;
    /// The row it stands on; null at the end. Valid until the next advance() or seek().
    virtual base::Result<const Row*> peek() = 0;
    virtual void advance() = 0;
    /// Moves forward to the first row whose key is not before `key`.
    virtual base::Result<base::Unit> seek(std::string_view key) = 0;
};

struct ListingQuery {
    std::string prefix;
    std::string delimiter;  ///< empty: no grouping
    /// The last page's last item. A group equal to it was already listed; rows before it are the cursor's
    /// concern.
    std::string after;
    std::size_t items_max = 1000;
};

template <class Row>
struct Listing {
    std::vector<Row> rows;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string last;  ///< key or common prefix of the last item
    bool last_is_prefix = false;
};

/// The smallest string after every string that begins with `prefix`; empty when there is none.
inline std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

/// The common prefix `key` is rolled up into: up to and with the first delimiter behind the prefix.
inline std::optional<std::string_view> group_of(std::string_view key, const ListingQuery& query) {
    if (query.delimiter.empty()) return std::nullopt;
    const std::size_t found = key.find(query.delimiter, query.prefix.size());
    if (found == std::string_view::npos) return std::nullopt;
    return key.substr(0, found + query.delimiter.size());
}

/// Reads from where the cursor stands (at or before the first key with the prefix). `Row` has a member
/// `key`. A group costs one seek, however many keys are in it.
template <class Row>
base::Result<Listing<Row>> list(Cursor<Row>& cursor, const ListingQuery& query) {
    Listing<Row> page;
    if (query.items_max == 0) return page;
    std::size_t items = 0;
    for (;;) {
        const Row* row = TRY(cursor.peek());
        if (!row || !std::string_view(row->key).starts_with(query.prefix)) return page;
        const auto group = group_of(row->key, query);
        const bool seen = group && *group == query.after;
        if (!seen && items == query.items_max) {
            page.truncated = true;
            return page;
        }
        if (!group) {
            page.last = row->key;
            page.last_is_prefix = false;
            page.rows.push_back(*row);
            ++items;
            cursor.advance();
            continue;
        }
        const std::string beyond = after_prefix(std::string(*group));
        if (!seen) {
            page.last = *group;
            page.last_is_prefix = true;
            page.common_prefixes.push_back(page.last);
            ++items;
        }
        if (beyond.empty()) return page;
        TRY(cursor.seek(beyond));
    }
}

}  // namespace stratus::s3
