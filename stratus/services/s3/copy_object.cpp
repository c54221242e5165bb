// CopyObject. An object in one piece is copied by sharing its blob; one made from parts is written anew, in
// one piece, as S3 does.
#include <fmt/format.h>

#include "stratus/services/s3/body.h"
#include "stratus/services/s3/copy_source.h"
#include "stratus/services/s3/description.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

namespace {

/// COPY (the default) or REPLACE.
wire::Outcome<bool> replaces(std::string_view header, const std::optional<std::string>& directive) {
    if (!directive || *directive == "COPY") return false;
    if (*directive == "REPLACE") return true;
    return errors::invalid_argument(header, "", fmt::format("Unknown {} directive.", header));
}

wire::Outcome<base::Unit> describe_copy(const aws::s3::CopyObjectRequest& in, VersionRecord& copy) {
    Description description = TRY(describe(in));
    if (!TRY(replaces("x-amz-metadata-directive", in.metadata_directive))) {
        const std::string storage_class = description.storage_class;
        const auto redirect = description.website_redirect_location;
        description = copy.description;
        description.storage_class = storage_class;
        description.website_redirect_location = redirect;
    }
    copy.description = std::move(description);
    if (TRY(replaces("x-amz-tagging-directive", in.tagging_directive))) {
        copy.tags = TRY(parse_tagging_header(in.tagging.value_or("")));
    }
    return base::Unit{};
}

bool is_pointless(const aws::s3::CopyObjectRequest& in, const CopySource& source) {
    return source.bucket == in.bucket && source.key == in.key && !source.version_id &&
           in.metadata_directive.value_or("COPY") == "COPY" && !in.storage_class &&
           !in.website_redirect_location;
}

/// Sharing keeps the bytes' checksum; another one has to be computed from the bytes.
wire::Outcome<const ChecksumAlgorithm*> wanted_checksum(const aws::s3::CopyObjectRequest& in) {
    if (!in.checksum_algorithm) return static_cast<const ChecksumAlgorithm*>(nullptr);
    const ChecksumAlgorithm* algorithm = find_algorithm(*in.checksum_algorithm);
    if (!algorithm) return errors::invalid_request("Checksum algorithm provided is unsupported.");
    return algorithm;
}

}  // namespace

wire::Outcome<aws::s3::CopyObjectOutput> S3::copy_object(const wire::Context& ctx,
                                                         const aws::s3::CopyObjectRequest& in) {
    TRY(check_key(in.key));
    TRY(check_claims(in));
    const CopySource source = TRY(parse_copy_source(in.copy_source));
    const ChecksumAlgorithm* wanted = TRY(wanted_checksum(in));
    if (is_pointless(in, source)) {
        return errors::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing "
            "the "
            "object's metadata, storage class, website redirect location or encryption attributes.");
    }
    const auto guard = std::make_shared<BlobStore::Guard>(blobs_);
    std::vector<Slice> slices;
    VersionRecord version = TRY(store_.read([&](const Snapshot& at) -> wire::Outcome<VersionRecord> {
        TRY(get_bucket(at, ctx, in.bucket, in.expected_bucket_owner));
        VersionRecord found = TRY(find_source(at, ctx, in, source));
        if (found.size > put_bytes_max) {
            return errors::invalid_request(
                fmt::format("The specified copy source is larger than the maximum "
                            "allowable size for a copy source: {}",
                            put_bytes_max));
        }
        slices = TRY(slices_of(at, found, {0, found.size}));
        return found;
    }));
    const bool shared = version.upload_id.empty() && (!wanted || wanted->name == version.checksum.algorithm);
    if (shared) return copy(ctx, in, source, std::move(version), std::nullopt);
    if (!wanted && !version.checksum.algorithm.empty()) wanted = find_algorithm(version.checksum.algorithm);
    const auto reader = reader_of(blobs_, guard, std::move(slices));
    Received bytes = TRY(receive_body(blobs_, reader.get(), {}, wanted));
    return copy(ctx, in, source, std::move(version), std::move(bytes));
}

/// Writes the copy: of `bytes`, or of the source's own blob when there are none.
wire::Outcome<aws::s3::CopyObjectOutput> S3::copy(const wire::Context& ctx,
                                                  const aws::s3::CopyObjectRequest& in,
                                                  const CopySource& source, VersionRecord version,
                                                  std::optional<Received> bytes) {
    std::vector<BlobRef> dead;
    aws::s3::CopyObjectOutput out;
    TRY(store_.write([&](Transaction& tx) -> wire::Outcome<base::Unit> {
        const BucketRecord bucket = TRY(get_bucket(tx, ctx, in.bucket, in.expected_bucket_owner));
        const BucketRecord from =
            TRY(get_bucket_anywhere(tx, ctx, source.bucket, in.expected_source_bucket_owner));
        if (in.if_match || in.if_none_match) {
            const auto latest = TRY(find_latest(tx, in.bucket, in.key));
            TRY(check_write_conditions(latest, in.key, in.if_match, in.if_none_match));
        }
        if (bytes) {
            TRY(blobs_.adopt(tx, bytes->staged.ref()));
        } else {
            version = TRY(find_source(tx, ctx, in, source));
            if (!version.upload_id.empty()) {
                return base::Failure{base::FailureKind::conflict, "the source of a copy changed"};
            }
            TRY(blobs_.share(tx, version.blob));
        }
        out.copy_source_version_id = shown_version(from, version);
        if (bytes) {
            version.blob = bytes->staged.ref();
            version.etag = bytes->md5;
            version.checksum = bytes->checksum;
            version.upload_id.clear();
            version.parts_count = 0;
        }
        TRY(describe_copy(in, version));
        VersionWriter writer(tx, blobs_, clock_.now(), random_, dead);
        TRY(writer.add(bucket, in.bucket, in.key, version));
        out.version_id = shown_version(bucket, version);
        return base::Unit{};
    }));
    if (bytes) bytes->staged.keep();
    blobs_.reclaim(dead);
    auto& result = out.copy_object_result.emplace();
    result.etag = fmt::format("\"{}\"", version.etag);
    result.last_modified = version.modified;
    show_checksum(version.checksum, result);
    return out;
}

}  // namespace stratus::s3
