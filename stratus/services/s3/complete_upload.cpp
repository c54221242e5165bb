// CompleteMultipartUpload: the parts become an object, in one transaction and without moving a byte.
#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "stratus/services/s3/conditions.h"
#include "stratus/services/s3/description.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

constexpr std::uint64_t part_bytes_min = 5 * 1024 * 1024;
constexpr std::size_t parts_max = 10'000;

/// What the parts make together.
struct Assembly {
    std::uint64_t size = 0;
    std::string etag;
    std::vector<int> numbers;
    std::vector<PartChecksum> checksums;
};

wire::Outcome<base::Unit> check_list(const aws::s3::CompleteMultipartUploadRequest& in) {
    if (!in.multipart_upload || in.multipart_upload->parts.empty()) return errors::malformed_xml();
    const auto& list = in.multipart_upload->parts;
    if (list.size() > parts_max) return errors::malformed_xml();
    int last = 0;
    for (const auto& part : list) {
        if (!part.part_number || !part.etag) return errors::malformed_xml();
        if (*part.part_number <= last) return errors::invalid_part_order(in.upload_id);
        last = *part.part_number;
    }
    return base::Unit{};
}

/// A part as the client lists it must be the part that was uploaded.
wire::Outcome<base::Unit> check_part(const UploadRecord& upload, const std::string& upload_id,
                                     const aws::s3::CompletedPart& listed, const PartRecord& part) {
    if (without_quotes(*listed.etag) != part.md5) {
        return errors::invalid_part(upload_id, *listed.part_number, *listed.etag);
    }
    const auto given = TRY(given_checksum(listed));
    if (given && (given->algorithm->name != part.checksum.algorithm || given->value != part.checksum.value)) {
        return errors::invalid_part(upload_id, *listed.part_number, *listed.etag);
    }
    if (!given && upload.checksum_type == composite) {
        return errors::invalid_request(fmt::format(
            "The upload was created using a {} checksum. The complete request must include the checksum "
            "for each part. It was missing for part {} in the request.",
            lower(upload.checksum_algorithm), *listed.part_number));
    }
    return base::Unit{};
}

wire::Outcome<Assembly> assemble(const Snapshot& at, const UploadRecord& upload,
                                 const aws::s3::CompleteMultipartUploadRequest& in) {
    Assembly whole;
    base::Digest md5(base::DigestKind::md5);
    const auto& list = in.multipart_upload->parts;
    for (const auto& listed : list) {
        const auto part =
            TRY(parts.get(at, part_key(in.upload_id, static_cast<std::uint64_t>(*listed.part_number))));
        if (!part) return errors::invalid_part(in.upload_id, *listed.part_number, *listed.etag);
        TRY(check_part(upload, in.upload_id, listed, *part));
        if (&listed != &list.back() && part->blob.length < part_bytes_min) {
            return errors::entity_too_small(*listed.part_number, part->blob.length, part_bytes_min,
                                            part->md5);
        }
        whole.size += part->blob.length;
        whole.numbers.push_back(*listed.part_number);
        md5.update(TRY(base::hex_decode(part->md5)));
        if (!upload.checksum_algorithm.empty()) {
            whole.checksums.push_back({TRY(base::base64_decode(part->checksum.value)), part->blob.length});
        }
    }
    whole.etag = fmt::format("{}-{}", base::hex_encode(md5.finish()), list.size());
    return whole;
}

/// The whole object's checksum, and whether it is what the client says.
wire::Outcome<StoredChecksum> checksum_of(const UploadRecord& upload, const Assembly& whole,
                                          const aws::s3::CompleteMultipartUploadRequest& in) {
    const auto given = TRY(given_checksum(in));
    const ChecksumAlgorithm* algorithm = find_algorithm(upload.checksum_algorithm);
    if (!algorithm) return StoredChecksum{};
    if (in.checksum_type && *in.checksum_type != upload.checksum_type) {
        return errors::invalid_request("The checksum type is not the one the upload was created with.");
    }
    StoredChecksum checksum{upload.checksum_algorithm, upload.checksum_type, {}};
    checksum.value = upload.checksum_type == full_object ? combined_checksum(*algorithm, whole.checksums)
                                                         : composite_checksum(*algorithm, whole.checksums);
    const bool comparable = given && given->algorithm == algorithm && upload.checksum_type == full_object;
    if (comparable && given->value != checksum.value) {
        return errors::bad_digest(
            fmt::format("The {} you specified did not match the calculated checksum.", algorithm->name));
    }
    return checksum;
}

}  // namespace

wire::Outcome<aws::s3::CompleteMultipartUploadOutput> S3::complete_multipart_upload(
    const wire::Context& ctx, const aws::s3::CompleteMultipartUploadRequest& in) {
    TRY(check_no_customer_key(in));
    TRY(check_list(in));
    std::vector<BlobRef> dead;
    VersionRecord version;
    auto shown = TRY(store_.write([&](Transaction& tx) -> wire::Outcome<std::optional<std::string>> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        const auto upload = TRY(uploads.get(tx, upload_key(in.bucket, in.key, in.upload_id)));
        if (!upload) return errors::no_such_upload(in.upload_id);
        if (in.if_match || in.if_none_match) {
            const auto latest = TRY(find_latest(tx, in.bucket, in.key));
            TRY(check_write_conditions(latest, in.key, in.if_match, in.if_none_match));
        }
        const Assembly whole = TRY(assemble(tx, *upload, in));
        if (in.mpu_object_size && static_cast<std::uint64_t>(*in.mpu_object_size) != whole.size) {
            return errors::invalid_request(
                "The provided 'x-amz-mp-object-size' header value does not match what was "
                "computed.");
        }
        version = {.size = whole.size,
                   .etag = whole.etag,
                   .upload_id = in.upload_id,
                   .parts_count = static_cast<std::uint32_t>(whole.numbers.size()),
                   .checksum = TRY(checksum_of(*upload, whole, in)),
                   .description = upload->description,
                   .tags = upload->tags};
        // Parts that were uploaded but not listed go; the others' rows are now the object's.
        for (const auto& row : TRY(parts.scan(tx, Range::prefix(key_of(in.upload_id)), SIZE_MAX))) {
            KeyReader reader(row.key);
            TRY(reader.text());
            const auto number = static_cast<int>(TRY(reader.number()));
            if (std::binary_search(whole.numbers.begin(), whole.numbers.end(), number)) continue;
            TRY(blobs_.release(tx, row.record.blob, dead));
            TRY(parts.erase(tx, row.key));
        }
        TRY(uploads.erase(tx, upload_key(in.bucket, in.key, in.upload_id)));
        VersionWriter writer(tx, blobs_, clock_.now(), random_, dead);
        TRY(writer.add(bucket, in.bucket, in.key, version));
        return shown_version(bucket, version);
    }));
    blobs_.reclaim(dead);
    aws::s3::CompleteMultipartUploadOutput out{
        .location = fmt::format("{}://{}/{}/{}", ctx.secure ? "https" : "http", endpoint_of(ctx, in.bucket),
                                in.bucket, base::percent_encode(in.key, base::PercentSet::path)),
        .bucket = in.bucket,
        .key = in.key,
        .etag = fmt::format("\"{}\"", version.etag),
        .version_id = std::move(shown)};
    show_checksum(version.checksum, out);
    return out;
}

}  // namespace stratus::s3
