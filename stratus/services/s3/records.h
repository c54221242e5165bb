// What S3 keeps in the store. The bytes themselves are in the BlobStore; records name them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "base/clock.h"
#include "stratus/store/blob_store.h"
#include "stratus/store/table.h"

namespace stratus::s3 {

using Tags = std::map<std::string, std::string>;

enum class Versioning { never, enabled, suspended };
BOOST_DESCRIBE_ENUM(Versioning, never, enabled, suspended)

struct BucketRecord {
    std::string account;
    std::string region;
    base::Instant created;
    Versioning versioning = Versioning::never;
    Tags tags;
};
BOOST_DESCRIBE_STRUCT(BucketRecord, (), (account, region, created, versioning, tags))

/// A checksum that was given with the bytes and agreed with them. `value` is as on the wire (base64, with
/// "-parts" behind a composite one); no algorithm: none was given.
struct StoredChecksum {
    std::string algorithm;  ///< CRC32, CRC32C, CRC64NVME, SHA1, SHA256
    std::string type;       ///< FULL_OBJECT, COMPOSITE
    std::string value;

    friend bool operator==(const StoredChecksum&, const StoredChecksum&) = default;
};
BOOST_DESCRIBE_STRUCT(StoredChecksum, (), (algorithm, type, value))

/// What a client says about an object beside its bytes, and gets back with them.
struct Description {
    std::string content_type;
    std::optional<std::string> cache_control, content_disposition, content_encoding, content_language,
        expires;
    std::optional<std::string> website_redirect_location;
    std::string storage_class;
    std::map<std::string, std::string> metadata;

    friend bool operator==(const Description&, const Description&) = default;
};
BOOST_DESCRIBE_STRUCT(Description, (),
                      (content_type, cache_control, content_disposition, content_encoding, content_language,
                       expires, website_redirect_location, storage_class, metadata))

/// One version of one object, or a delete marker.
struct VersionRecord {
    std::string version_id;  ///< empty: the null version
    bool delete_marker = false;
    base::Instant modified;
    std::uint64_t size = 0;
    std::string etag;       ///< without quotes
    BlobRef blob;           ///< of an object in one piece
    std::string upload_id;  ///< of an object made from parts: their rows are in `parts` under it
    std::uint32_t parts_count = 0;
    StoredChecksum checksum;
    Description description;
    Tags tags;
};
BOOST_DESCRIBE_STRUCT(VersionRecord, (),
                      (version_id, delete_marker, modified, size, etag, blob, upload_id, parts_count,
                       checksum, description, tags))

/// A multipart upload under way.
struct UploadRecord {
    base::Instant initiated;
    Description description;
    Tags tags;
    std::string checksum_algorithm;  ///< empty: none asked for
    std::string checksum_type;
};
BOOST_DESCRIBE_STRUCT(UploadRecord, (), (initiated, description, tags, checksum_algorithm, checksum_type))

/// A part, of an upload under way or of the object it became.
struct PartRecord {
    BlobRef blob;
    std::string md5;  ///< hex
    base::Instant modified;
    StoredChecksum checksum;
};
BOOST_DESCRIBE_STRUCT(PartRecord, (), (blob, md5, modified, checksum))

inline constexpr Table<BucketRecord> buckets{"s3.buckets"};     // (bucket)
inline constexpr Table<VersionRecord> versions{"s3.versions"};  // (bucket, key, ~sequence): newest first
inline constexpr Table<UploadRecord> uploads{"s3.uploads"};     // (bucket, key, upload id): oldest first
inline constexpr Table<PartRecord> parts{"s3.parts"};           // (upload id, part number)

/// Versions of a key are ordered by a sequence number; the null version of a bucket that never had
/// versioning has the sequence 0, so that overwriting it replaces one row.
inline std::string version_key(std::string_view bucket, std::string_view key, std::uint64_t sequence) {
    return key_of(bucket, key, ~sequence);
}
inline std::string upload_key(std::string_view bucket, std::string_view key, std::string_view upload_id) {
    return key_of(bucket, key, upload_id);
}
inline std::string part_key(std::string_view upload_id, std::uint64_t number) {
    return key_of(upload_id, number);
}

}  // namespace stratus::s3
