// The tags of an object version.
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

wire::Outcome<aws::s3::GetObjectTaggingOutput> S3::get_object_tagging(
    const wire::Context& ctx, const aws::s3::GetObjectTaggingRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetObjectTaggingOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        const FoundVersion version = TRY(get_readable(at, in.bucket, in.key, in.version_id));
        aws::s3::GetObjectTaggingOutput out{.version_id = shown_version(bucket, version.record)};
        for (const auto& [key, value] : version.record.tags)
            out.tag_set.push_back({.key = key, .value = value});
        return out;
    });
}

wire::Outcome<aws::s3::PutObjectTaggingOutput> S3::put_object_tagging(
    const wire::Context& ctx, const aws::s3::PutObjectTaggingRequest& in) {
    Tags tags;
    for (const auto& tag : in.tagging.tag_set) TRY(add_tag(tags, tag.key, tag.value, object_tags_max));
    return store_.write([&](Transaction& tx) -> wire::Outcome<aws::s3::PutObjectTaggingOutput> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        FoundVersion version = TRY(get_readable(tx, in.bucket, in.key, in.version_id));
        version.record.tags = tags;
        TRY(versions.put(tx, version.row, version.record));
        return aws::s3::PutObjectTaggingOutput{.version_id = shown_version(bucket, version.record)};
    });
}

wire::Outcome<aws::s3::DeleteObjectTaggingOutput> S3::delete_object_tagging(
    const wire::Context& ctx, const aws::s3::DeleteObjectTaggingRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<aws::s3::DeleteObjectTaggingOutput> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        FoundVersion version = TRY(get_readable(tx, in.bucket, in.key, in.version_id));
        version.record.tags.clear();
        TRY(versions.put(tx, version.row, version.record));
        return aws::s3::DeleteObjectTaggingOutput{.version_id = shown_version(bucket, version.record)};
    });
}

}  // namespace stratus::s3
