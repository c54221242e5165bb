// The table that says which blobs live. Private to blob_store.
#pragma once

#include <cstdint>
#include <string>

#include <boost/describe/class.hpp>

#include "stratus/store/blob_store.h"
#include "stratus/store/table.h"

namespace stratus {

struct BlobRow {
    std::uint64_t length = 0;
    std::uint64_t references = 0;
};
BOOST_DESCRIBE_STRUCT(BlobRow, (), (length, references))

inline constexpr Table<BlobRow> blob_rows{"blobs"};

/// Packs and own files apart, a pack's blobs in the order they lie in.
inline std::string blob_key(const BlobRef& ref) {
    return key_of(std::uint64_t{ref.packed ? 1u : 0u}, ref.file, ref.offset);
}
inline std::string pack_prefix(std::uint64_t number) {
    return key_of(std::uint64_t{1}, number);
}

}  // namespace stratus
