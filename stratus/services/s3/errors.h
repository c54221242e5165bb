// The error answers of S3 ("Error Responses" of its API reference). The model names only a few of them and
// gives no statuses, so they are all here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/error.h"

namespace stratus::s3::errors {

using wire::Error;

Error access_control_list_not_supported();
Error access_denied();
Error bad_digest(std::string message);
Error bucket_already_exists(std::string_view bucket);
Error bucket_already_owned_by_you(std::string_view bucket);
Error bucket_not_empty(std::string_view bucket);
Error entity_too_large(std::uint64_t size, std::uint64_t size_max);
Error entity_too_small(int part, std::uint64_t size, std::uint64_t size_min, std::string_view etag);
Error illegal_location_constraint(std::string_view constraint);
Error incomplete_body();
Error invalid_argument(std::string_view name, std::string_view value, std::string message);
Error invalid_bucket_acl_with_object_ownership();
Error invalid_bucket_name(std::string_view bucket);
Error invalid_digest();
Error invalid_encryption_algorithm(std::string_view algorithm);
Error invalid_location_constraint(std::string_view constraint);
Error invalid_part(std::string_view upload_id, int part, std::string_view etag);
Error invalid_part_number(int requested, std::uint32_t actual);
Error invalid_part_order(std::string_view upload_id);
Error invalid_range(std::string_view requested, std::uint64_t size);
Error invalid_request(std::string message);
Error invalid_storage_class();
Error invalid_tag(std::string message, std::string_view key);
Error key_too_long(std::size_t size);
Error malformed_xml();
Error metadata_too_large(std::size_t size);
Error method_not_allowed(std::string_view allowed);
Error no_such_bucket(std::string_view bucket);
Error no_such_key(std::string_view key);
Error no_such_tag_set(std::string_view bucket);
Error no_such_upload(std::string_view upload_id);
Error no_such_version(std::string_view key, std::string_view version_id);
Error not_implemented(std::string_view header, std::string message);
Error not_modified();
Error permanent_redirect(std::string_view bucket, std::string_view region, std::string_view endpoint);
Error precondition_failed(std::string_view condition);

}  // namespace stratus::s3::errors
