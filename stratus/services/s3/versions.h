// The versions of objects: finding, adding and removing them by the rules of the bucket's versioning state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "stratus/services/s3/records.h"
#include "stratus/store/blob_store.h"
#include "wire/error.h"

namespace stratus::s3 {

inline constexpr std::string_view null_version = "null";

/// A version and the row it is in.
struct FoundVersion {
    std::string row;
    std::uint64_t sequence = 0;
    VersionRecord record;
};

/// The newest version, which may be a delete marker.
base::Result<std::optional<FoundVersion>> find_latest(const Snapshot& at, std::string_view bucket,
                                                      std::string_view key);
/// By id; "null" is the version without one. Ids that no version can have are InvalidArgument.
wire::Outcome<std::optional<FoundVersion>> find_version(const Snapshot& at, std::string_view bucket,
                                                        std::string_view key, std::string_view version_id);
/// What GetObject reads: NoSuchKey, NoSuchVersion or MethodNotAllowed (a delete marker, asked for by id) if
/// there is nothing to read.
wire::Outcome<FoundVersion> get_readable(const Snapshot& at, std::string_view bucket, std::string_view key,
                                         const std::optional<std::string>& version_id);

/// x-amz-version-id of an answer: absent where the bucket never had versioning.
std::optional<std::string> shown_version(const BucketRecord& bucket, const VersionRecord& version);

/// Changes to one object in one transaction. Blobs that lose their last record are added to `dead`.
class VersionWriter {
  public:
    VersionWriter(Transaction& tx, BlobStore& blobs, base::Instant now, base::Random& random,
                  std::vector<BlobRef>& dead)
        : tx_(tx), blobs_(blobs), now_(now), random_(random), dead_(dead) {}

    /// Makes `version` the newest: beside the others where versioning is enabled, else in place of the null
    /// version. Fills in its id and time. Its bytes must be adopted or shared by the caller.
    wire::Outcome<base::Unit> add(const BucketRecord& bucket, std::string_view bucket_name,
                                  std::string_view key, VersionRecord& version);
    /// Removes one version for good, with its bytes.
    base::Result<base::Unit> remove(const FoundVersion& version);

  private:
    Transaction& tx_;
    BlobStore& blobs_;
    const base::Instant now_;
    base::Random& random_;
    std::vector<BlobRef>& dead_;
};

/// If-Match and If-None-Match of a write, against what is there now.
wire::Outcome<base::Unit> check_write_conditions(const std::optional<FoundVersion>& latest,
                                                 std::string_view key,
                                                 const std::optional<std::string>& if_match,
                                                 const std::optional<std::string>& if_none_match);

}  // namespace stratus::s3
