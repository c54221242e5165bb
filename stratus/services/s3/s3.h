// S3: the core of Amazon S3 over the Store (records) and the BlobStore (bytes).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/s3/api.h"
#include "aws/s3/types.h"
#include "base/clock.h"
#include "base/random.h"
#include "stratus/services/s3/body.h"
#include "stratus/services/s3/checksums.h"
#include "stratus/services/s3/conditions.h"
#include "stratus/services/s3/names.h"
#include "stratus/services/s3/range.h"
#include "stratus/services/s3/records.h"
#include "stratus/services/s3/versions.h"
#include "stratus/store/blob_store.h"
#include "stratus/store/store.h"

namespace stratus::s3 {

/// Where a part goes.
struct UploadedPart {
    std::string bucket;
    std::string key;
    std::string upload_id;
    int number = 0;
    std::optional<std::string> expected_bucket_owner;
};

/// Thread-safe: holds no state of its own. Borrows everything it is given. What an operation acknowledges is
/// durable, bytes and record; what it refuses leaves nothing behind.
///
/// Bucket names are shared by all accounts. A bucket is in one region and is served there only, as on AWS;
/// ownership is enforced by the bucket (no ACLs), and nothing is encrypted at rest, so requests that ask for
/// either are refused rather than ignored.
class S3 final : public aws::s3::Api {
  public:
    S3(Store& store, BlobStore& blobs, const base::Clock& clock, base::Random& random)
        : store_(store), blobs_(blobs), clock_(clock), random_(random) {}

#include "aws/s3/overrides.inc"

  private:
    /// The bucket, if the caller may use it here: else NoSuchBucket, AccessDenied or PermanentRedirect.
    wire::Outcome<BucketRecord> get_bucket(const Snapshot& at, const wire::Context& ctx,
                                           const std::string& name,
                                           const std::optional<std::string>& expected_owner) const;
    wire::Outcome<BucketRecord> get_bucket_anywhere(const Snapshot& at, const wire::Context& ctx,
                                                    const std::string& name,
                                                    const std::optional<std::string>& expected_owner) const;
    std::string endpoint_of(const wire::Context& ctx, const std::string& bucket) const;

    /// A copy's source, readable and past its conditions; what it names stays while the caller's guard does.
    template <class Request>
    wire::Outcome<VersionRecord> find_source(const Snapshot& at, const wire::Context& ctx, const Request& in,
                                             const CopySource& source) const;
    wire::Outcome<aws::s3::CopyObjectOutput> copy(const wire::Context& ctx,
                                                  const aws::s3::CopyObjectRequest& in,
                                                  const CopySource& source, VersionRecord version,
                                                  std::optional<Received> bytes);
    wire::Outcome<PartRecord> store_part(const wire::Context& ctx, const UploadedPart& part,
                                         Received received);
    base::Result<base::Unit> drop_upload(Transaction& tx, std::string_view bucket, std::string_view key,
                                         std::string_view upload_id, std::vector<BlobRef>& dead);

    Store& store_;
    BlobStore& blobs_;
    const base::Clock& clock_;
    base::Random& random_;
};

}  // namespace stratus::s3
