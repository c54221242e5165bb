// ListObjectVersions and ListMultipartUploads.
#include <fmt/format.h>

#include "stratus/services/s3/cursors.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/list_texts.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

aws::s3::Owner owner_of(const BucketRecord& bucket) {
    return {.display_name = bucket.account, .id = canonical_id(bucket.account)};
}

/// Puts the cursor behind the markers: behind one version of a key, or behind all of them.
wire::Outcome<base::Unit> begin(VersionCursor& cursor, const Snapshot& at,
                                const aws::s3::ListObjectVersionsRequest& in, const ListingQuery& query) {
    cursor.begin_at(query.prefix);
    if (query.after.empty() || query.after < query.prefix) return base::Unit{};
    cursor.begin_behind_key(in.bucket, query.after);
    if (!in.version_id_marker || in.version_id_marker->empty()) return base::Unit{};
    const auto marker = TRY(find_version(at, in.bucket, query.after, *in.version_id_marker));
    if (marker) {
        cursor.begin_behind_version(marker->row, query.after);
    } else if (const auto sequence = sequence_of(*in.version_id_marker)) {
        cursor.begin_behind_version(version_key(in.bucket, query.after, *sequence), query.after);
    }
    return base::Unit{};
}

void show_version(const ListedVersion& row, const Texts& texts, const aws::s3::Owner& owner,
                  aws::s3::ListObjectVersionsOutput& out) {
    const std::string id = row.record.version_id.empty() ? std::string(null_version) : row.record.version_id;
    if (row.record.delete_marker) {
        out.delete_markers.push_back({.owner = owner,
                                      .key = texts.encode(row.key),
                                      .version_id = id,
                                      .is_latest = row.latest,
                                      .last_modified = row.record.modified});
        return;
    }
    aws::s3::ObjectVersion version{.etag = fmt::format("\"{}\"", row.record.etag),
                                   .size = static_cast<std::int64_t>(row.record.size),
                                   .storage_class = row.record.description.storage_class,
                                   .key = texts.encode(row.key),
                                   .version_id = id,
                                   .is_latest = row.latest,
                                   .last_modified = row.record.modified,
                                   .owner = owner};
    if (!row.record.checksum.algorithm.empty()) {
        version.checksum_algorithm = {row.record.checksum.algorithm};
        version.checksum_type = row.record.checksum.type;
    }
    out.versions.push_back(std::move(version));
}

}  // namespace

wire::Outcome<aws::s3::ListObjectVersionsOutput> S3::list_object_versions(
    const wire::Context& ctx, const aws::s3::ListObjectVersionsRequest& in) {
    const Texts texts = TRY(Texts::of(in.encoding_type));
    const ListingQuery query{in.prefix.value_or(""), in.delimiter.value_or(""), in.key_marker.value_or(""),
                             TRY(items_max("max-keys", in.max_keys))};
    if (in.version_id_marker && !in.version_id_marker->empty() && query.after.empty()) {
        return errors::invalid_argument("version-id-marker", *in.version_id_marker,
                                        "A version-id marker cannot be specified without a key marker.");
    }
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::ListObjectVersionsOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        VersionCursor cursor(at, in.bucket, page_rows_for(query.items_max), VersionCursor::Show::all);
        TRY(begin(cursor, at, in, query));
        const auto page = TRY(list(cursor, query));
        aws::s3::ListObjectVersionsOutput out{.is_truncated = page.truncated,
                                              .key_marker = texts.encode(query.after),
                                              .version_id_marker = in.version_id_marker.value_or(""),
                                              .name = in.bucket,
                                              .prefix = texts.encode(query.prefix),
                                              .delimiter = texts.encode(in.delimiter),
                                              .max_keys = static_cast<std::int32_t>(query.items_max),
                                              .encoding_type = in.encoding_type};
        const aws::s3::Owner owner = owner_of(bucket);
        for (const ListedVersion& row : page.rows) show_version(row, texts, owner, out);
        for (const std::string& prefix : page.common_prefixes) {
            out.common_prefixes.push_back({.prefix = texts.encode(prefix)});
        }
        if (page.truncated) {
            out.next_key_marker = texts.encode(page.last);
            if (!page.last_is_prefix) {
                const std::string& id = page.rows.back().record.version_id;
                out.next_version_id_marker = id.empty() ? std::string(null_version) : id;
            }
        }
        return out;
    });
}

wire::Outcome<aws::s3::ListMultipartUploadsOutput> S3::list_multipart_uploads(
    const wire::Context& ctx, const aws::s3::ListMultipartUploadsRequest& in) {
    const Texts texts = TRY(Texts::of(in.encoding_type));
    const ListingQuery query{in.prefix.value_or(""), in.delimiter.value_or(""), in.key_marker.value_or(""),
                             TRY(items_max("max-uploads", in.max_uploads))};
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::ListMultipartUploadsOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        UploadCursor cursor(at, in.bucket, page_rows_for(query.items_max));
        cursor.begin_at(query.prefix);
        if (!query.after.empty() && query.after >= query.prefix) {
            // S3 ignores an upload id marker without a key marker.
            const std::string marker = in.upload_id_marker.value_or("");
            cursor.begin_behind(marker.empty() ? key_of(in.bucket, query.after) + '\xff'
                                               : upload_key(in.bucket, query.after, marker));
        }
        const auto page = TRY(list(cursor, query));
        aws::s3::ListMultipartUploadsOutput out{.bucket = in.bucket,
                                                .key_marker = texts.encode(query.after),
                                                .upload_id_marker = in.upload_id_marker.value_or(""),
                                                .prefix = texts.encode(query.prefix),
                                                .delimiter = texts.encode(in.delimiter),
                                                .max_uploads = static_cast<std::int32_t>(query.items_max),
                                                .is_truncated = page.truncated,
                                                .encoding_type = in.encoding_type};
        const aws::s3::Owner owner = owner_of(bucket);
        for (const ListedUpload& row : page.rows) {
            aws::s3::MultipartUpload upload{
                .upload_id = row.upload_id,
                .key = texts.encode(row.key),
                .initiated = row.record.initiated,
                .storage_class = row.record.description.storage_class,
                .owner = owner,
                .initiator = aws::s3::Initiator{.id = owner.id, .display_name = owner.display_name}};
            if (!row.record.checksum_algorithm.empty()) {
                upload.checksum_algorithm = row.record.checksum_algorithm;
                upload.checksum_type = row.record.checksum_type;
            }
            out.uploads.push_back(std::move(upload));
        }
        for (const std::string& prefix : page.common_prefixes) {
            out.common_prefixes.push_back({.prefix = texts.encode(prefix)});
        }
        if (page.truncated) {
            out.next_key_marker = texts.encode(page.last);
            if (!page.last_is_prefix) out.next_upload_id_marker = page.rows.back().upload_id;
        }
        return out;
    });
}

}  // namespace stratus::s3
