// Names and small texts of S3: buckets, keys, regions, copy sources, version ids, tags. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stratus/services/s3/records.h"
#include "wire/error.h"

namespace stratus::s3 {

/// The general purpose bucket naming rules.
bool is_bucket_name(std::string_view name);
bool is_region_name(std::string_view name);

/// Not empty, at most 1024 bytes of UTF-8.
wire::Outcome<base::Unit> check_key(std::string_view key);

struct CopySource {
    std::string bucket;
    std::string key;
    std::optional<std::string> version_id;
};
/// "[/]bucket/key[?versionId=id]", percent-encoded.
wire::Outcome<CopySource> parse_copy_source(std::string_view text);

/// Version ids are opaque to clients; they begin with the sequence, so that one is found by its row.
std::string make_version_id(std::uint64_t sequence, std::string_view random_hex);
std::optional<std::uint64_t> sequence_of(std::string_view version_id);

/// x-amz-tagging: "k=v&k2=v2", form-encoded.
wire::Outcome<Tags> parse_tagging_header(std::string_view header);
/// Checks one tag and adds it; `tags_max` is 10 for objects, 50 for buckets.
wire::Outcome<base::Unit> add_tag(Tags& tags, std::string_view key, std::string_view value,
                                  std::size_t tags_max);
inline constexpr std::size_t object_tags_max = 10;
inline constexpr std::size_t bucket_tags_max = 50;

/// The canonical user id of an account.
std::string canonical_id(std::string_view account);

}  // namespace stratus::s3
