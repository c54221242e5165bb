// Buckets: versioning, tags, and the little there is to say about access.
#include "base/utf8.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

std::vector<aws::s3::Tag> tag_set(const Tags& tags) {
    std::vector<aws::s3::Tag> set;
    for (const auto& [key, value] : tags) set.push_back({.key = key, .value = value});
    return set;
}

/// With ownership enforced by the bucket, everything in it is its owner's alone.
aws::s3::Owner owner_of(const BucketRecord& bucket) {
    return {.display_name = bucket.account, .id = canonical_id(bucket.account)};
}
std::vector<aws::s3::Grant> owner_grants(const BucketRecord& bucket) {
    const aws::s3::Owner owner = owner_of(bucket);
    return {{.grantee = aws::s3::Grantee{.display_name = owner.display_name,
                                         .id = owner.id,
                                         .type = std::string(aws::s3::type::canonical_user)},
             .permission = std::string(aws::s3::permission::full_control)}};
}

}  // namespace

wire::Outcome<aws::s3::GetBucketVersioningOutput> S3::get_bucket_versioning(
    const wire::Context& ctx, const aws::s3::GetBucketVersioningRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetBucketVersioningOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        aws::s3::GetBucketVersioningOutput out;
        if (bucket.versioning == Versioning::enabled) out.status = "Enabled";
        if (bucket.versioning == Versioning::suspended) out.status = "Suspended";
        return out;
    });
}

wire::Outcome<base::Unit> S3::put_bucket_versioning(const wire::Context& ctx,
                                                    const aws::s3::PutBucketVersioningRequest& in) {
    const auto& wanted = in.versioning_configuration;
    if (wanted.mfa_delete && *wanted.mfa_delete != "Disabled") {
        return errors::not_implemented("x-amz-mfa", "MFA delete is not implemented.");
    }
    if (!wanted.status || (*wanted.status != "Enabled" && *wanted.status != "Suspended")) {
        return wire::Error("IllegalVersioningConfigurationException",
                           "The Versioning element must be specified", 400);
    }
    return store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        bucket.versioning = *wanted.status == "Enabled" ? Versioning::enabled : Versioning::suspended;
        TRY(buckets.put(tx, key_of(in.bucket), bucket));
        return base::Unit{};
    });
}

wire::Outcome<aws::s3::GetBucketTaggingOutput> S3::get_bucket_tagging(
    const wire::Context& ctx, const aws::s3::GetBucketTaggingRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetBucketTaggingOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        if (bucket.tags.empty()) return errors::no_such_tag_set(in.bucket);
        return aws::s3::GetBucketTaggingOutput{.tag_set = tag_set(bucket.tags)};
    });
}

wire::Outcome<base::Unit> S3::put_bucket_tagging(const wire::Context& ctx,
                                                 const aws::s3::PutBucketTaggingRequest& in) {
    Tags tags;
    for (const auto& tag : in.tagging.tag_set) TRY(add_tag(tags, tag.key, tag.value, bucket_tags_max));
    return store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        bucket.tags = tags;
        TRY(buckets.put(tx, key_of(in.bucket), bucket));
        return base::Unit{};
    });
}

wire::Outcome<base::Unit> S3::delete_bucket_tagging(const wire::Context& ctx,
                                                    const aws::s3::DeleteBucketTaggingRequest& in) {
    return store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        bucket.tags.clear();
        TRY(buckets.put(tx, key_of(in.bucket), bucket));
        return base::Unit{};
    });
}

wire::Outcome<aws::s3::GetBucketAclOutput> S3::get_bucket_acl(const wire::Context& ctx,
                                                              const aws::s3::GetBucketAclRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetBucketAclOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        return aws::s3::GetBucketAclOutput{.owner = owner_of(bucket), .grants = owner_grants(bucket)};
    });
}

wire::Outcome<aws::s3::GetObjectAclOutput> S3::get_object_acl(const wire::Context& ctx,
                                                              const aws::s3::GetObjectAclRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetObjectAclOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        TRY(get_readable(at, in.bucket, in.key, in.version_id));
        return aws::s3::GetObjectAclOutput{.owner = owner_of(bucket), .grants = owner_grants(bucket)};
    });
}

wire::Outcome<aws::s3::GetBucketOwnershipControlsOutput> S3::get_bucket_ownership_controls(
    const wire::Context& ctx, const aws::s3::GetBucketOwnershipControlsRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetBucketOwnershipControlsOutput> {
        TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        return aws::s3::GetBucketOwnershipControlsOutput{
            .ownership_controls = aws::s3::OwnershipControls{
                .rules = {
                    {.object_ownership = std::string(aws::s3::object_ownership::bucket_owner_enforced)}}}};
    });
}

}  // namespace stratus::s3
