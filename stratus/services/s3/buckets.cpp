// Buckets: making, finding, listing and removing them.
#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

constexpr std::string_view us_east_1 = "us-east-1";
constexpr std::size_t page_rows = 1000;
constexpr int listed_max = 10'000;

/// Where CreateBucket puts the bucket: the endpoint's region, which the constraint must agree with; only
/// us-east-1 makes buckets elsewhere.
wire::Outcome<std::string> choose_region(const wire::Context& ctx, std::string constraint) {
    if (constraint == "EU") constraint = "eu-west-1";
    if (constraint.empty()) {
        if (ctx.region != us_east_1) return errors::illegal_location_constraint("");
        return std::string(us_east_1);
    }
    if (!is_region_name(constraint) || constraint == us_east_1) {
        return errors::invalid_location_constraint(base::utf8_repaired(constraint));
    }
    if (ctx.region != us_east_1 && ctx.region != constraint)
        return errors::illegal_location_constraint(constraint);
    return constraint;
}

wire::Outcome<base::Unit> check_creation(const aws::s3::CreateBucketRequest& in) {
    if (!is_bucket_name(in.bucket)) return errors::invalid_bucket_name(base::utf8_repaired(in.bucket));
    const bool grants =
        in.grant_full_control || in.grant_read || in.grant_read_acp || in.grant_write || in.grant_write_acp;
    if (grants || (in.acl && *in.acl != "private")) return errors::invalid_bucket_acl_with_object_ownership();
    if (in.object_ownership && *in.object_ownership != aws::s3::object_ownership::bucket_owner_enforced) {
        return errors::not_implemented("x-amz-object-ownership", "Only BucketOwnerEnforced is implemented.");
    }
    if (in.object_lock_enabled_for_bucket.value_or(false)) {
        return errors::not_implemented("x-amz-bucket-object-lock-enabled", "Object Lock is not implemented.");
    }
    return base::Unit{};
}

}  // namespace

wire::Outcome<aws::s3::CreateBucketOutput> S3::create_bucket(const wire::Context& ctx,
                                                             const aws::s3::CreateBucketRequest& in) {
    TRY(check_creation(in));
    const auto& configuration = in.create_bucket_configuration;
    const std::string constraint = configuration ? configuration->location_constraint.value_or("") : "";
    BucketRecord record{.account = ctx.caller.account,
                        .region = TRY(choose_region(ctx, constraint)),
                        .created = clock_.now()};
    if (configuration) {
        for (const auto& tag : configuration->tags)
            TRY(add_tag(record.tags, tag.key, tag.value, bucket_tags_max));
    }
    TRY(store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        const auto there = TRY(buckets.get(tx, key_of(in.bucket)));
        if (there && there->account != ctx.caller.account) return errors::bucket_already_exists(in.bucket);
        if (there && !(there->region == us_east_1 && ctx.region == us_east_1)) {
            return errors::bucket_already_owned_by_you(in.bucket);
        }
        if (!there) TRY(buckets.put(tx, key_of(in.bucket), record));
        return base::Unit{};  // us-east-1 says yes to its owner asking again
    }));
    return aws::s3::CreateBucketOutput{.location = "/" + in.bucket};
}

wire::Outcome<base::Unit> S3::delete_bucket(const wire::Context& ctx,
                                            const aws::s3::DeleteBucketRequest& in) {
    std::vector<BlobRef> dead;
    TRY(store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        const auto any = TRY(versions.scan(tx, Range::prefix(key_of(in.bucket)), 1));
        if (!any.empty()) return errors::bucket_not_empty(in.bucket);
        for (const auto& upload : TRY(uploads.scan(tx, Range::prefix(key_of(in.bucket)), SIZE_MAX))) {
            KeyReader reader(upload.key);
            TRY(reader.text());
            const std::string key = TRY(reader.text());
            const std::string upload_id = TRY(reader.text());
            TRY(drop_upload(tx, in.bucket, key, upload_id, dead));
        }
        TRY(buckets.erase(tx, key_of(in.bucket)));
        return base::Unit{};
    }));
    blobs_.reclaim(dead);
    return base::Unit{};
}

wire::Outcome<aws::s3::HeadBucketOutput> S3::head_bucket(const wire::Context& ctx,
                                                         const aws::s3::HeadBucketRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::HeadBucketOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        return aws::s3::HeadBucketOutput{.bucket_region = bucket.region};
    });
}

wire::Outcome<aws::s3::GetBucketLocationOutput> S3::get_bucket_location(
    const wire::Context& ctx, const aws::s3::GetBucketLocationRequest& in) {
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetBucketLocationOutput> {
        const BucketRecord bucket = TRY(get_bucket_anywhere(at, ctx, in.bucket, in.expected_bucket_owner));
        aws::s3::GetBucketLocationOutput out;
        if (bucket.region != us_east_1) out.location_constraint = bucket.region;
        return out;
    });
}

wire::Outcome<aws::s3::ListBucketsOutput> S3::list_buckets(const wire::Context& ctx,
                                                           const aws::s3::ListBucketsRequest& in) {
    const int limit = in.max_buckets.value_or(listed_max);
    if (limit < 1 || limit > listed_max) {
        return errors::invalid_argument("max-buckets", std::to_string(limit),
                                        "Argument max-buckets must be an integer between 1 and 10000");
    }
    Range range = Range::prefix({});
    if (in.continuation_token) {
        auto after = base::base64url_decode(*in.continuation_token);
        if (!after.ok()) {
            return errors::invalid_argument("continuation-token", base::utf8_repaired(*in.continuation_token),
                                            "The continuation token provided is incorrect");
        }
        range.after = key_of(*after);
    }
    aws::s3::ListBucketsOutput out{
        .owner = aws::s3::Owner{.display_name = ctx.caller.account, .id = canonical_id(ctx.caller.account)},
        .prefix = in.prefix};
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::ListBucketsOutput> {
        for (;;) {
            const auto rows = TRY(buckets.scan(at, range, page_rows));
            for (const auto& row : rows) {
                const std::string name = TRY(KeyReader(row.key).text());
                if (row.record.account != ctx.caller.account || !name.starts_with(in.prefix.value_or("")))
                    continue;
                if (in.bucket_region && row.record.region != *in.bucket_region) continue;
                if (static_cast<int>(out.buckets.size()) == limit) {
                    out.continuation_token = base::base64url_encode(*out.buckets.back().name);
                    return out;
                }
                out.buckets.push_back(
                    {.name = name, .creation_date = row.record.created, .bucket_region = row.record.region});
            }
            if (rows.size() < page_rows) return out;
            range.after = rows.back().key;
        }
    });
}

wire::Outcome<BucketRecord> S3::get_bucket_anywhere(const Snapshot& at, const wire::Context& ctx,
                                                    const std::string& name,
                                                    const std::optional<std::string>& expected_owner) const {
    auto bucket = TRY(buckets.get(at, key_of(name)));
    if (!bucket) {
        if (!is_bucket_name(name)) return errors::invalid_bucket_name(base::utf8_repaired(name));
        return errors::no_such_bucket(name);
    }
    if (bucket->account != ctx.caller.account) return errors::access_denied();
    if (expected_owner && *expected_owner != bucket->account) return errors::access_denied();
    return std::move(*bucket);
}

wire::Outcome<BucketRecord> S3::get_bucket(const Snapshot& at, const wire::Context& ctx,
                                           const std::string& name,
                                           const std::optional<std::string>& expected_owner) const {
    BucketRecord bucket = TRY(get_bucket_anywhere(at, ctx, name, expected_owner));
    if (bucket.region != ctx.region)
        return errors::permanent_redirect(name, bucket.region, endpoint_of(ctx, name));
    return bucket;
}

/// As the client named us, without the bucket where it was part of the host.
std::string S3::endpoint_of(const wire::Context& ctx, const std::string& bucket) const {
    if (ctx.host.starts_with(bucket + ".")) return ctx.host.substr(bucket.size() + 1);
    return ctx.host;
}

}  // namespace stratus::s3
