// DeleteObject and DeleteObjects.
#include "stratus/services/s3/conditions.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

constexpr std::size_t deletes_max = 1000;

/// One thing to delete.
struct Doomed {
    const std::string& bucket;
    const std::string& key;
    std::optional<std::string> version_id;
    std::optional<std::string> if_match;
};

/// What came of it: the version that is gone, or the marker that now hides the object.
struct Deletion {
    bool marker = false;                    ///< a delete marker was made, or was what is gone
    std::optional<std::string> version_id;  ///< of that marker, or of the version that is gone
};

/// One exact version goes for good; deleting what is not there succeeds.
wire::Outcome<Deletion> delete_version(Transaction& tx, VersionWriter& writer, const Doomed& doomed) {
    const auto version = TRY(find_version(tx, doomed.bucket, doomed.key, *doomed.version_id));
    Deletion done{.version_id = doomed.version_id};
    if (!version) return done;
    if (doomed.if_match && !etag_matches(*doomed.if_match, version->record.etag)) {
        return errors::precondition_failed("If-Match");
    }
    done.marker = version->record.delete_marker;
    TRY(writer.remove(*version));
    return done;
}

wire::Outcome<Deletion> delete_current(Transaction& tx, VersionWriter& writer, const BucketRecord& bucket,
                                       const Doomed& doomed) {
    const auto latest = TRY(find_latest(tx, doomed.bucket, doomed.key));
    const bool there = latest && !latest->record.delete_marker;
    if (there && doomed.if_match && !etag_matches(*doomed.if_match, latest->record.etag)) {
        return errors::precondition_failed("If-Match");
    }
    if (bucket.versioning == Versioning::never) {
        if (latest) TRY(writer.remove(*latest));
        return Deletion{};
    }
    VersionRecord marker{.delete_marker = true};
    TRY(writer.add(bucket, doomed.bucket, doomed.key, marker));
    return Deletion{.marker = true, .version_id = shown_version(bucket, marker)};
}

wire::Outcome<Deletion> delete_one(Transaction& tx, VersionWriter& writer, const BucketRecord& bucket,
                                   const Doomed& doomed) {
    TRY(check_key(doomed.key));
    if (doomed.version_id) return delete_version(tx, writer, doomed);
    return delete_current(tx, writer, bucket, doomed);
}

}  // namespace

wire::Outcome<aws::s3::DeleteObjectOutput> S3::delete_object(const wire::Context& ctx,
                                                             const aws::s3::DeleteObjectRequest& in) {
    if (in.if_match_last_modified_time || in.if_match_size) {
        return errors::not_implemented("x-amz-if-match-size", "Only If-Match is implemented for deletes.");
    }
    std::vector<BlobRef> dead;
    const Deletion done = TRY(store_.write([&](Transaction& tx) -> wire::Outcome<Deletion> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        VersionWriter writer(tx, blobs_, clock_.now(), random_, dead);
        return delete_one(tx, writer, bucket, {in.bucket, in.key, in.version_id, in.if_match});
    }));
    blobs_.reclaim(dead);
    aws::s3::DeleteObjectOutput out{.version_id = done.version_id};
    if (done.marker) out.delete_marker = true;
    return out;
}

wire::Outcome<aws::s3::DeleteObjectsOutput> S3::delete_objects(const wire::Context& ctx,
                                                               const aws::s3::DeleteObjectsRequest& in) {
    const auto& doomed = in.delete_.objects;
    if (doomed.empty() || doomed.size() > deletes_max) return errors::malformed_xml();
    std::vector<BlobRef> dead;
    auto out = TRY(store_.write([&](Transaction& tx) -> wire::Outcome<aws::s3::DeleteObjectsOutput> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        VersionWriter writer(tx, blobs_, clock_.now(), random_, dead);
        aws::s3::DeleteObjectsOutput result;
        for (const auto& object : doomed) {
            const Doomed one{in.bucket, object.key, object.version_id, object.etag};
            auto done = delete_one(tx, writer, bucket, one);
            if (!done.ok()) {
                const wire::Error& error = done.error();
                // A refusal concerns its key; a failure of the store concerns them all.
                if (error.http_status >= 500) return error;
                result.errors.push_back({.key = object.key,
                                         .version_id = object.version_id,
                                         .code = error.code,
                                         .message = error.message});
                continue;
            }
            if (in.delete_.quiet.value_or(false)) continue;
            aws::s3::DeletedObject deleted{.key = object.key, .version_id = object.version_id};
            if (done->marker) {
                deleted.delete_marker = true;
                deleted.delete_marker_version_id = done->version_id;
            }
            result.deleted.push_back(std::move(deleted));
        }
        return result;
    }));
    blobs_.reclaim(dead);
    return out;
}

}  // namespace stratus::s3
