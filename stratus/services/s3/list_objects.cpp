// ListObjects and ListObjectsV2.
#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "stratus/services/s3/cursors.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/list_texts.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

/// One page of the objects that a plain GET finds, behind `after`.
base::Result<Listing<ListedVersion>> list_current(const Snapshot& at, const std::string& bucket,
                                                  const ListingQuery& query) {
    VersionCursor cursor(at, bucket, page_rows_for(query.items_max), VersionCursor::Show::current);
    cursor.begin_at(query.prefix);
    if (!query.after.empty() && query.after >= query.prefix) cursor.begin_behind_key(bucket, query.after);
    return list(cursor, query);
}

/// Contents and common prefixes, as both versions of the operation show them.
template <class Output>
void show(const Listing<ListedVersion>& page, const Texts& texts, const std::optional<aws::s3::Owner>& owner,
          Output& out) {
    for (const ListedVersion& row : page.rows) {
        aws::s3::Object object{.key = texts.encode(row.key),
                               .last_modified = row.record.modified,
                               .etag = fmt::format("\"{}\"", row.record.etag),
                               .size = static_cast<std::int64_t>(row.record.size),
                               .storage_class = row.record.description.storage_class,
                               .owner = owner};
        if (!row.record.checksum.algorithm.empty()) {
            object.checksum_algorithm = {row.record.checksum.algorithm};
            object.checksum_type = row.record.checksum.type;
        }
        out.contents.push_back(std::move(object));
    }
    for (const std::string& prefix : page.common_prefixes) {
        out.common_prefixes.push_back({.prefix = texts.encode(prefix)});
    }
    out.is_truncated = page.truncated;
}

aws::s3::Owner owner_of(const BucketRecord& bucket) {
    return {.display_name = bucket.account, .id = canonical_id(bucket.account)};
}

/// Continuation tokens are opaque to clients: the last item of the page, and whether it came from here.
constexpr char token_mark = '1';
std::string make_token(const std::string& last) {
    return base::base64url_encode(token_mark + last);
}
wire::Outcome<std::string> read_token(const std::string& token) {
    auto text = base::base64url_decode(token);
    if (!text.ok() || text->empty() || text->front() != token_mark) {
        return errors::invalid_argument("continuation-token", base::utf8_repaired(token),
                                        "The continuation token provided is incorrect");
    }
    return text->substr(1);
}

}  // namespace

wire::Outcome<aws::s3::ListObjectsOutput> S3::list_objects(const wire::Context& ctx,
                                                           const aws::s3::ListObjectsRequest& in) {
    const Texts texts = TRY(Texts::of(in.encoding_type));
    const ListingQuery query{in.prefix.value_or(""), in.delimiter.value_or(""), in.marker.value_or(""),
                             TRY(items_max("max-keys", in.max_keys))};
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::ListObjectsOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        const auto page = TRY(list_current(at, in.bucket, query));
        aws::s3::ListObjectsOutput out{.marker = texts.encode(query.after),
                                       .name = in.bucket,
                                       .prefix = texts.encode(query.prefix),
                                       .delimiter = texts.encode(in.delimiter),
                                       .max_keys = static_cast<std::int32_t>(query.items_max),
                                       .encoding_type = in.encoding_type};
        show(page, texts, owner_of(bucket), out);
        // Without a delimiter the last key says where to go on; S3 then leaves NextMarker out.
        if (page.truncated && in.delimiter) out.next_marker = texts.encode(page.last);
        return out;
    });
}

wire::Outcome<aws::s3::ListObjectsV2Output> S3::list_objects_v2(const wire::Context& ctx,
                                                                const aws::s3::ListObjectsV2Request& in) {
    const Texts texts = TRY(Texts::of(in.encoding_type));
    ListingQuery query{in.prefix.value_or(""), in.delimiter.value_or(""), in.start_after.value_or(""),
                       TRY(items_max("max-keys", in.max_keys))};
    if (in.continuation_token) query.after = TRY(read_token(*in.continuation_token));
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::ListObjectsV2Output> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        const auto page = TRY(list_current(at, in.bucket, query));
        aws::s3::ListObjectsV2Output out{.name = in.bucket,
                                         .prefix = texts.encode(query.prefix),
                                         .delimiter = texts.encode(in.delimiter),
                                         .max_keys = static_cast<std::int32_t>(query.items_max),
                                         .encoding_type = in.encoding_type,
                                         .continuation_token = in.continuation_token,
                                         .start_after = texts.encode(in.start_after)};
        std::optional<aws::s3::Owner> owner;
        if (in.fetch_owner.value_or(false)) owner = owner_of(bucket);
        show(page, texts, owner, out);
        out.key_count = static_cast<std::int32_t>(page.rows.size() + page.common_prefixes.size());
        if (page.truncated) out.next_continuation_token = make_token(page.last);
        return out;
    });
}

}  // namespace stratus::s3
