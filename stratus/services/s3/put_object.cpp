// PutObject.
#include <fmt/format.h>

#include "stratus/services/s3/body.h"
#include "stratus/services/s3/description.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

wire::Outcome<aws::s3::PutObjectOutput> S3::put_object(const wire::Context& ctx,
                                                       const aws::s3::PutObjectRequest& in) {
    TRY(check_key(in.key));
    TRY(check_claims(in));
    if (in.write_offset_bytes) {
        return errors::not_implemented("x-amz-write-offset-bytes",
                                       "Appending to objects is not implemented.");
    }
    VersionRecord version{.description = TRY(describe(in))};
    if (in.tagging) version.tags = TRY(parse_tagging_header(*in.tagging));
    const BodyClaims claims = TRY(claims_of_body(in));
    const bool conditional = in.if_match || in.if_none_match;

    // What can be refused is refused before a long body is read; the transaction below looks (again).
    const bool is_small = in.body && in.body->length().value_or(UINT64_MAX) <= blobs_.packed_bytes_max();
    if (!is_small || conditional) {
        TRY(store_.read([&](const Snapshot& at) -> wire::Outcome<base::Unit> {
            TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
            if (!conditional) return base::Unit{};
            const auto latest = TRY(find_latest(at, in.bucket, in.key));
            return check_write_conditions(latest, in.key, in.if_match, in.if_none_match);
        }));
    }
    Received received = TRY(receive_body(blobs_, in.body.get(), claims));
    version.size = received.size;
    version.etag = received.md5;
    version.blob = received.staged.ref();
    version.checksum = received.checksum;

    std::vector<BlobRef> dead;
    auto shown = TRY(store_.write([&](Transaction& tx) -> wire::Outcome<std::optional<std::string>> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        if (conditional) {
            const auto latest = TRY(find_latest(tx, in.bucket, in.key));
            TRY(check_write_conditions(latest, in.key, in.if_match, in.if_none_match));
        }
        TRY(blobs_.adopt(tx, version.blob));
        VersionWriter writer(tx, blobs_, clock_.now(), random_, dead);
        TRY(writer.add(bucket, in.bucket, in.key, version));
        return shown_version(bucket, version);
    }));
    received.staged.keep();
    blobs_.reclaim(dead);

    aws::s3::PutObjectOutput out{.etag = fmt::format("\"{}\"", version.etag), .version_id = std::move(shown)};
    show_checksum(version.checksum, out);
    return out;
}

}  // namespace stratus::s3
