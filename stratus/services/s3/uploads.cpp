// Multipart uploads: beginning, feeding, looking at and giving them up.
#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "stratus/services/s3/body.h"
#include "stratus/services/s3/copy_source.h"
#include "stratus/services/s3/description.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

constexpr int parts_listed_max = 1000;

/// Full-object checksums exist for the CRCs, composite ones for all but CRC64NVME.
wire::Outcome<std::string> checksum_type_of(const ChecksumAlgorithm& algorithm,
                                            const std::optional<std::string>& wanted) {
    const bool only_full = algorithm.name == "CRC64NVME";
    if (!wanted) return std::string(only_full ? full_object : composite);
    if (*wanted == full_object && algorithm.combines) return std::string(full_object);
    if (*wanted == composite && !only_full) return std::string(composite);
    return errors::invalid_request(
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.",
                    base::utf8_repaired(*wanted), algorithm.name));
}

wire::Outcome<base::Unit> check_part_number(int number) {
    if (number >= 1 && number <= 10'000) return base::Unit{};
    return errors::invalid_argument("partNumber", std::to_string(number),
                                    "Part number must be an integer between 1 and 10000, inclusive");
}

wire::Outcome<UploadRecord> get_upload(const Snapshot& at, const std::string& bucket, const std::string& key,
                                       const std::string& upload_id) {
    auto upload = TRY(uploads.get(at, upload_key(bucket, key, upload_id)));
    if (!upload) return errors::no_such_upload(upload_id);
    return std::move(*upload);
}

}  // namespace

wire::Outcome<aws::s3::CreateMultipartUploadOutput> S3::create_multipart_upload(
    const wire::Context& ctx, const aws::s3::CreateMultipartUploadRequest& in) {
    TRY(check_key(in.key));
    TRY(check_claims(in));
    UploadRecord record{.initiated = clock_.now(), .description = TRY(describe(in))};
    if (in.tagging) record.tags = TRY(parse_tagging_header(*in.tagging));
    if (in.checksum_algorithm) {
        const ChecksumAlgorithm* algorithm = find_algorithm(*in.checksum_algorithm);
        if (!algorithm) return errors::invalid_request("Checksum algorithm provided is unsupported.");
        record.checksum_algorithm = algorithm->name;
        record.checksum_type = TRY(checksum_type_of(*algorithm, in.checksum_type));
    } else if (in.checksum_type) {
        return errors::invalid_request(
            "The x-amz-checksum-type header can only be used with the "
            "x-amz-checksum-algorithm header.");
    }
    const auto microseconds = static_cast<std::uint64_t>(record.initiated.time_since_epoch().count());
    const std::string id = make_version_id(microseconds, random_.hex(16));
    TRY(store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        TRY(uploads.put(tx, upload_key(in.bucket, in.key, id), record));
        return base::Unit{};
    }));
    aws::s3::CreateMultipartUploadOutput out{.bucket = in.bucket, .key = in.key, .upload_id = id};
    if (!record.checksum_algorithm.empty()) {
        out.checksum_algorithm = record.checksum_algorithm;
        out.checksum_type = record.checksum_type;
    }
    return out;
}

/// Puts received bytes in the place of a part; what was there before goes.
wire::Outcome<PartRecord> S3::store_part(const wire::Context& ctx, const UploadedPart& part,
                                         Received received) {
    PartRecord record{.blob = received.staged.ref(),
                      .md5 = received.md5,
                      .modified = clock_.now(),
                      .checksum = received.checksum};
    std::vector<BlobRef> dead;
    TRY(store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        TRY(get_bucket(tx, ctx, part.bucket, part.expected_bucket_owner));
        TRY(get_upload(tx, part.bucket, part.key, part.upload_id));
        const std::string row = part_key(part.upload_id, static_cast<std::uint64_t>(part.number));
        if (const auto old = TRY(parts.get(tx, row))) TRY(blobs_.release(tx, old->blob, dead));
        TRY(blobs_.adopt(tx, record.blob));
        TRY(parts.put(tx, row, record));
        return base::Unit{};
    }));
    received.staged.keep();
    blobs_.reclaim(dead);
    return record;
}

wire::Outcome<aws::s3::UploadPartOutput> S3::upload_part(const wire::Context& ctx,
                                                         const aws::s3::UploadPartRequest& in) {
    TRY(check_part_number(in.part_number));
    TRY(check_no_customer_key(in));
    const BodyClaims claims = TRY(claims_of_body(in));
    const ChecksumAlgorithm* claimed = claims.checksum ? claims.checksum->algorithm : claims.announced;
    const auto upload = TRY(store_.read([&](const Snapshot& at) -> wire::Outcome<UploadRecord> {
        TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        return get_upload(at, in.bucket, in.key, in.upload_id);
    }));
    const ChecksumAlgorithm* wanted = find_algorithm(upload.checksum_algorithm);
    // A composite checksum is made of what clients claimed of each part; for a full-object one it is enough
    // that the parts have it.
    const bool agree = claimed == wanted || (!claimed && upload.checksum_type == full_object);
    if (wanted && !agree) {
        return errors::invalid_request(fmt::format(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            lower(wanted->name), claimed ? lower(claimed->name) : "null"));
    }
    Received received = TRY(receive_body(blobs_, in.body.get(), claims, wanted));
    const PartRecord part =
        TRY(store_part(ctx, {in.bucket, in.key, in.upload_id, in.part_number, in.expected_bucket_owner},
                       std::move(received)));
    aws::s3::UploadPartOutput out{.etag = fmt::format("\"{}\"", part.md5)};
    show_checksum(part.checksum, out);
    return out;
}

wire::Outcome<aws::s3::UploadPartCopyOutput> S3::upload_part_copy(const wire::Context& ctx,
                                                                  const aws::s3::UploadPartCopyRequest& in) {
    TRY(check_part_number(in.part_number));
    TRY(check_no_customer_key(in));
    const CopySource source = TRY(parse_copy_source(in.copy_source));
    std::optional<ByteRange> range;
    if (in.copy_source_range) {
        range = parse_copy_range(*in.copy_source_range);
        if (!range) {
            return errors::invalid_argument(
                "x-amz-copy-source-range", base::utf8_repaired(*in.copy_source_range),
                "The x-amz-copy-source-range value must be of the form "
                "bytes=first-last where first and last are the zero-based offsets of "
                "the first and last bytes to copy");
        }
    }
    const auto guard = std::make_shared<BlobStore::Guard>(blobs_);
    std::vector<Slice> slices;
    const ChecksumAlgorithm* wanted = nullptr;
    aws::s3::UploadPartCopyOutput out;
    TRY(store_.read([&](const Snapshot& at) -> wire::Outcome<base::Unit> {
        TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        wanted = find_algorithm(TRY(get_upload(at, in.bucket, in.key, in.upload_id)).checksum_algorithm);
        const VersionRecord version = TRY(find_source(at, ctx, in, source));
        const ByteRange part = range.value_or(ByteRange{0, version.size});
        if (part.length > version.size || part.offset > version.size - part.length) {
            return errors::invalid_range(in.copy_source_range.value_or(""), version.size);
        }
        if (part.length > put_bytes_max) return errors::entity_too_large(part.length, put_bytes_max);
        slices = TRY(slices_of(at, version, part));
        const BucketRecord from = TRY(get_bucket_anywhere(at, ctx, source.bucket, std::nullopt));
        out.copy_source_version_id = shown_version(from, version);
        return base::Unit{};
    }));
    const auto reader = reader_of(blobs_, guard, std::move(slices));
    Received received = TRY(receive_body(blobs_, reader.get(), {}, wanted));
    const PartRecord part =
        TRY(store_part(ctx, {in.bucket, in.key, in.upload_id, in.part_number, in.expected_bucket_owner},
                       std::move(received)));
    auto& result = out.copy_part_result.emplace();
    result.etag = fmt::format("\"{}\"", part.md5);
    result.last_modified = part.modified;
    show_checksum(part.checksum, result);
    return out;
}

wire::Outcome<aws::s3::AbortMultipartUploadOutput> S3::abort_multipart_upload(
    const wire::Context& ctx, const aws::s3::AbortMultipartUploadRequest& in) {
    if (in.if_match_initiated_time) {
        return errors::not_implemented("x-amz-if-match-initiated-time", "This condition is not implemented.");
    }
    std::vector<BlobRef> dead;
    TRY(store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        TRY(get_upload(tx, in.bucket, in.key, in.upload_id));
        TRY(drop_upload(tx, in.bucket, in.key, in.upload_id, dead));
        return base::Unit{};
    }));
    blobs_.reclaim(dead);
    return aws::s3::AbortMultipartUploadOutput{};
}

base::Result<base::Unit> S3::drop_upload(Transaction& tx, std::string_view bucket, std::string_view key,
                                         std::string_view upload_id, std::vector<BlobRef>& dead) {
    TRY(uploads.erase(tx, upload_key(bucket, key, upload_id)));
    for (const auto& row : TRY(parts.scan(tx, Range::prefix(key_of(upload_id)), SIZE_MAX))) {
        TRY(blobs_.release(tx, row.record.blob, dead));
        TRY(parts.erase(tx, row.key));
    }
    return base::Unit{};
}

wire::Outcome<aws::s3::ListPartsOutput> S3::list_parts(const wire::Context& ctx,
                                                       const aws::s3::ListPartsRequest& in) {
    const int limit = std::min(in.max_parts.value_or(parts_listed_max), parts_listed_max);
    const int marker = in.part_number_marker.value_or(0);
    if (limit < 0 || marker < 0) {
        return errors::invalid_argument(limit < 0 ? "max-parts" : "part-number-marker",
                                        std::to_string(limit < 0 ? limit : marker),
                                        "Argument must be an integer between 0 and 2147483647");
    }
    return store_.read([&](const Snapshot& at) -> wire::Outcome<aws::s3::ListPartsOutput> {
        const BucketRecord bucket = TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        const UploadRecord upload = TRY(get_upload(at, in.bucket, in.key, in.upload_id));
        Range range = Range::prefix(key_of(in.upload_id));
        range.after = part_key(in.upload_id, static_cast<std::uint64_t>(marker));
        const auto rows = TRY(parts.scan(at, range, static_cast<std::size_t>(limit) + 1));
        const std::string owner = canonical_id(bucket.account);
        aws::s3::ListPartsOutput out{
            .bucket = in.bucket,
            .key = in.key,
            .upload_id = in.upload_id,
            .part_number_marker = marker,
            .max_parts = limit,
            .is_truncated = limit > 0 && rows.size() > static_cast<std::size_t>(limit),
            .initiator = aws::s3::Initiator{.id = owner, .display_name = bucket.account},
            .owner = aws::s3::Owner{.display_name = bucket.account, .id = owner},
            .storage_class = upload.description.storage_class};
        if (!upload.checksum_algorithm.empty()) {
            out.checksum_algorithm = upload.checksum_algorithm;
            out.checksum_type = upload.checksum_type;
        }
        for (const auto& row : rows) {
            if (static_cast<int>(out.parts.size()) == limit) break;
            KeyReader reader(row.key);
            TRY(reader.text());
            aws::s3::Part part{.part_number = static_cast<std::int32_t>(TRY(reader.number())),
                               .last_modified = row.record.modified,
                               .etag = fmt::format("\"{}\"", row.record.md5),
                               .size = static_cast<std::int64_t>(row.record.blob.length)};
            show_checksum(row.record.checksum, part);
            out.parts.push_back(std::move(part));
        }
        out.next_part_number_marker = out.parts.empty() ? 0 : out.parts.back().part_number;
        return out;
    });
}

}  // namespace stratus::s3
