// GetObject, HeadObject and GetObjectAttributes.
#include <algorithm>

#include <fmt/format.h>

#include "base/time.h"
#include "stratus/services/s3/body.h"
#include "stratus/services/s3/description.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

using PartRows = std::vector<Table<PartRecord>::Row>;

/// What a read is about: a version, and which of its bytes.
struct Selection {
    BucketRecord bucket;
    VersionRecord version;
    ByteRange range;
    bool partial = false;  ///< 206
    StoredChecksum checksum;
};

/// The part asked for by number, of an object made from parts; an object in one piece is its own part 1.
wire::Outcome<base::Unit> select_part(const Snapshot& at, int number, Selection& selection) {
    const VersionRecord& version = selection.version;
    if (number < 1 || number > 10'000) {
        return errors::invalid_argument("partNumber", std::to_string(number),
                                        "Part number must be an integer between 1 and 10000, inclusive");
    }
    selection.partial = true;
    if (version.upload_id.empty()) {
        if (number != 1) return errors::invalid_part_number(number, 1);
        return base::Unit{};
    }
    std::uint64_t offset = 0;
    const PartRows rows = TRY(parts.scan(at, Range::prefix(key_of(version.upload_id)), SIZE_MAX));
    for (const auto& row : rows) {
        KeyReader reader(row.key);
        TRY(reader.text());
        if (TRY(reader.number()) == static_cast<std::uint64_t>(number)) {
            selection.range = {offset, row.record.blob.length};
            selection.checksum = row.record.checksum;
            return base::Unit{};
        }
        offset += row.record.blob.length;
    }
    return errors::invalid_part_number(number, version.parts_count);
}

template <class Input>
wire::Outcome<base::Unit> select_range(const Snapshot& at, const Input& in, Selection& selection) {
    const std::uint64_t size = selection.version.size;
    selection.range = {0, size};
    selection.checksum = selection.version.checksum;
    if (in.part_number && in.range) {
        return errors::invalid_request("Cannot specify both Range header and partNumber query parameter");
    }
    if (in.part_number) return select_part(at, *in.part_number, selection);
    if (!in.range) return base::Unit{};
    const RangeVerdict verdict = resolve_range(*in.range, size);
    if (std::holds_alternative<Unsatisfiable>(verdict)) return errors::invalid_range(*in.range, size);
    if (const auto* range = std::get_if<ByteRange>(&verdict)) {
        selection.range = *range;
        selection.partial = true;
        if (range->length != size) selection.checksum = {};  // it is not that of these bytes
    }
    return base::Unit{};
}

template <class Input>
wire::Outcome<base::Unit> check_conditions(const Input& in, const Selection& selection) {
    const VersionRecord& version = selection.version;
    const Verdict verdict =
        evaluate_read({in.if_match, in.if_none_match, in.if_modified_since, in.if_unmodified_since},
                      {version.etag, version.modified});
    if (verdict == Verdict::proceed) return base::Unit{};
    if (verdict == Verdict::failed) {
        return errors::precondition_failed(in.if_match ? "If-Match" : "If-Unmodified-Since");
    }
    wire::Error error = errors::not_modified()
                            .with_header("ETag", fmt::format("\"{}\"", version.etag))
                            .with_header("Last-Modified", base::format_http_date(version.modified));
    if (const auto id = shown_version(selection.bucket, version)) error.headers["x-amz-version-id"] = *id;
    if (version.description.cache_control)
        error.headers["Cache-Control"] = *version.description.cache_control;
    return error;
}

template <class Input, class Output>
wire::Outcome<base::Unit> override_headers(const Input& in, Output& out) {
    for (const auto& [name, wanted, shown] :
         {std::tuple{"response-cache-control", &in.response_cache_control, &out.cache_control},
          {"response-content-disposition", &in.response_content_disposition, &out.content_disposition},
          {"response-content-encoding", &in.response_content_encoding, &out.content_encoding},
          {"response-content-language", &in.response_content_language, &out.content_language},
          {"response-content-type", &in.response_content_type, &out.content_type},
          {"response-expires", &in.response_expires, &out.expires}}) {
        if (!*wanted) continue;
        TRY(check_header_text(name, **wanted));
        *shown = **wanted;
    }
    return base::Unit{};
}

/// Every header of the answer; the body is the caller's.
template <class Output, class Input>
wire::Outcome<Output> headers_of(const Selection& selection, const Input& in) {
    const VersionRecord& version = selection.version;
    Output out;
    show_description(version.description, out);
    TRY(override_headers(in, out));
    out.accept_ranges = "bytes";
    out.etag = fmt::format("\"{}\"", version.etag);
    out.last_modified = version.modified;
    out.content_length = static_cast<std::int64_t>(selection.range.length);
    out.version_id = shown_version(selection.bucket, version);
    if (!version.tags.empty()) out.tag_count = static_cast<std::int32_t>(version.tags.size());
    if (in.part_number && version.parts_count > 0)
        out.parts_count = static_cast<std::int32_t>(version.parts_count);
    if (in.checksum_mode == aws::s3::checksum_mode::enabled) show_checksum(selection.checksum, out);
    out.status_code = selection.partial ? 206 : 200;
    if (selection.partial && selection.range.length > 0) {
        out.content_range = content_range(selection.range, version.size);
    }
    return out;
}

/// Conditions are judged before the range, as S3 does.
template <class Input>
wire::Outcome<Selection> select(const Snapshot& at, BucketRecord bucket, const Input& in) {
    Selection selection{.bucket = std::move(bucket)};
    selection.version = std::move(TRY(get_readable(at, in.bucket, in.key, in.version_id)).record);
    TRY(check_conditions(in, selection));
    TRY(select_range(at, in, selection));
    return selection;
}

}  // namespace

wire::Outcome<aws::s3::GetObjectOutput> S3::get_object(const wire::Context& ctx,
                                                       const aws::s3::GetObjectRequest& in) {
    TRY(check_no_customer_key(in));
    const auto guard = std::make_shared<BlobStore::Guard>(blobs_);
    std::vector<Slice> slices;
    const Selection selection = TRY(store_.read([&](const Snapshot& at) -> wire::Outcome<Selection> {
        BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        Selection found = TRY(select(at, std::move(bucket), in));
        slices = TRY(slices_of(at, found.version, found.range));
        return found;
    }));
    auto out = TRY(headers_of<aws::s3::GetObjectOutput>(selection, in));
    out.body = TRY(body_of(blobs_, guard, std::move(slices)));
    return out;
}

wire::Outcome<aws::s3::HeadObjectOutput> S3::head_object(const wire::Context& ctx,
                                                         const aws::s3::HeadObjectRequest& in) {
    TRY(check_no_customer_key(in));
    const Selection selection = TRY(store_.read([&](const Snapshot& at) -> wire::Outcome<Selection> {
        BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        return select(at, std::move(bucket), in);
    }));
    return headers_of<aws::s3::HeadObjectOutput>(selection, in);
}

namespace {

constexpr int attribute_parts_max = 1000;

base::Result<aws::s3::GetObjectAttributesParts> describe_parts(
    const Snapshot& at, const VersionRecord& version, const aws::s3::GetObjectAttributesRequest& in) {
    aws::s3::GetObjectAttributesParts out{.total_parts_count =
                                              static_cast<std::int32_t>(version.parts_count)};
    if (version.checksum.algorithm.empty()) return out;  // S3 lists parts for their checksums only
    const auto limit =
        static_cast<std::size_t>(std::clamp(in.max_parts.value_or(attribute_parts_max), 0, 1000));
    const int marker = std::max(in.part_number_marker.value_or(0), 0);
    Range range = Range::prefix(key_of(version.upload_id));
    range.after = part_key(version.upload_id, static_cast<std::uint64_t>(marker));
    const PartRows rows = TRY(parts.scan(at, range, limit + 1));
    for (const auto& row : rows) {
        if (out.parts.size() == limit) break;
        KeyReader reader(row.key);
        TRY(reader.text());
        aws::s3::ObjectPart part{.part_number = static_cast<std::int32_t>(TRY(reader.number())),
                                 .size = static_cast<std::int64_t>(row.record.blob.length)};
        show_checksum(row.record.checksum, part);
        out.parts.push_back(std::move(part));
    }
    out.part_number_marker = marker;
    out.max_parts = static_cast<std::int32_t>(limit);
    out.is_truncated = rows.size() > limit;
    out.next_part_number_marker = out.parts.empty() ? 0 : out.parts.back().part_number;
    return out;
}

}  // namespace

wire::Outcome<aws::s3::GetObjectAttributesOutput> S3::get_object_attributes(
    const wire::Context& ctx, const aws::s3::GetObjectAttributesRequest& in) {
    TRY(check_no_customer_key(in));
    const auto wants = [&](std::string_view name) {
        return std::find(in.object_attributes.begin(), in.object_attributes.end(), name) !=
               in.object_attributes.end();
    };
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::GetObjectAttributesOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        const VersionRecord version =
            std::move(TRY(get_readable(at, in.bucket, in.key, in.version_id)).record);
        namespace names = aws::s3::object_attributes;
        aws::s3::GetObjectAttributesOutput out{.last_modified = version.modified,
                                               .version_id = shown_version(bucket, version)};
        if (wants(names::etag)) out.etag = version.etag;
        if (wants(names::object_size)) out.object_size = static_cast<std::int64_t>(version.size);
        if (wants(names::storage_class)) out.storage_class = version.description.storage_class;
        if (wants(names::checksum) && !version.checksum.algorithm.empty()) {
            show_checksum(version.checksum, out.checksum.emplace());
        }
        if (wants(names::object_parts) && version.parts_count > 0) {
            out.object_parts = TRY(describe_parts(at, version, in));
        }
        return out;
    });
}

}  // namespace stratus::s3
