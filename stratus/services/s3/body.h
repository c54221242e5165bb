// Bodies of objects: from a client to disk, checked on the way, and back again. Never whole in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stratus/services/s3/checksums.h"
#include "stratus/services/s3/range.h"
#include "stratus/services/s3/records.h"
#include "stratus/store/blob_store.h"
#include "wire/stream.h"

namespace stratus::s3 {

/// What the client says its bytes are.
struct BodyClaims {
    std::optional<std::string> md5;  ///< raw
    std::optional<GivenChecksum> checksum;
    /// What x-amz-trailer or x-amz-sdk-checksum-algorithm name: the checksum that comes behind the bytes.
    const ChecksumAlgorithm* announced = nullptr;
};

wire::Outcome<BodyClaims> check_claims_of_body(const std::optional<std::string>& content_md5,
                                               std::optional<GivenChecksum> checksum,
                                               const std::optional<std::string>& algorithm,
                                               const std::optional<std::string>& trailer);
template <class Request>
wire::Outcome<BodyClaims> claims_of_body(const Request& in) {
    return check_claims_of_body(in.content_md5, TRY(given_checksum(in)), in.checksum_algorithm, in.trailer);
}

/// Bytes on disk, not yet named by a record.
struct Received {
    BlobStore::Staged staged;
    std::uint64_t size = 0;
    std::string md5;  ///< hex
    StoredChecksum checksum;
};

inline constexpr std::uint64_t put_bytes_max = 5ull * 1024 * 1024 * 1024;

/// Reads to the end (a null reader is an empty body) and makes the bytes durable. BadDigest when they are not
/// what was claimed; then, as after any failure, nothing is left of them. `computed` asks for a checksum that
/// nobody claimed.
wire::Outcome<Received> receive_body(BlobStore& blobs, wire::BodyReader* body, const BodyClaims& claims,
                                     const ChecksumAlgorithm* computed = nullptr);

/// Part of a blob.
struct Slice {
    BlobRef blob;
    std::uint64_t offset = 0;  ///< in the blob
    std::uint64_t length = 0;
};
/// Where the bytes of a range of an object are.
base::Result<std::vector<Slice>> slices_of(const Snapshot& at, const VersionRecord& version,
                                           const ByteRange& range);

/// Slices one after the other as a body. One slice goes out of its file; several are read in turn, and the
/// guard is kept until the last is open. REQUIRES: the guard is older than the snapshot the slices are from.
wire::Outcome<wire::BodySource> body_of(BlobStore& blobs, std::shared_ptr<BlobStore::Guard> guard,
                                        std::vector<Slice> slices);
std::shared_ptr<wire::BodyReader> reader_of(BlobStore& blobs, std::shared_ptr<BlobStore::Guard> guard,
                                            std::vector<Slice> slices);

}  // namespace stratus::s3
