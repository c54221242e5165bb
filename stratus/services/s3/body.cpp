#include "stratus/services/s3/body.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>

#include <fmt/format.h>

#include "base/encoding.h"
#include "stratus/services/s3/errors.h"

namespace stratus::s3 {

namespace {

constexpr std::size_t chunk_bytes = 128 * 1024;

/// Reads slices in turn.
class SliceReader final : public wire::BodyReader {
  public:
    SliceReader(BlobStore& blobs, std::shared_ptr<BlobStore::Guard> guard, std::vector<Slice> slices)
        : blobs_(blobs), guard_(std::move(guard)), slices_(std::move(slices)) {
        for (const Slice& slice : slices_) length_ += slice.length;
    }

    wire::Outcome<std::size_t> read(std::span<std::byte> into) override {
        while (next_ < slices_.size() && done_ == slices_[next_].length) {
            ++next_;
            done_ = 0;
            file_ = nullptr;
        }
        if (next_ == slices_.size() || into.empty()) return std::size_t{0};
        const Slice& slice = slices_[next_];
        if (!file_) {
            file_ = TRY(blobs_.open_blob(slice.blob));
            if (next_ + 1 == slices_.size()) guard_ = nullptr;
        }
        const std::size_t wanted = std::min<std::uint64_t>(into.size(), slice.length - done_);
        const auto offset = static_cast<off_t>(slice.blob.offset + slice.offset + done_);
        ssize_t got = 0;
        do {
            got = ::pread(file_->get(), into.data(), wanted, offset);
        } while (got < 0 && errno == EINTR);
        if (got < 0) return wire::Error(base::failure_from_errno(errno, "read a blob"));
        if (got == 0) return wire::Error(base::Failure{base::FailureKind::corrupt, "a blob is cut short"});
        done_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }

    std::optional<std::uint64_t> length() const override { return length_; }

  private:
    BlobStore& blobs_;
    std::shared_ptr<BlobStore::Guard> guard_;
    const std::vector<Slice> slices_;
    std::uint64_t length_ = 0;
    std::size_t next_ = 0;
    std::uint64_t done_ = 0;  // of the slice under way
    std::shared_ptr<base::Fd> file_;
};

using Digests = std::vector<base::Digest>;  // fed together

wire::Outcome<base::Unit> pump(wire::BodyReader& body, BlobStore::Writer& writer, Digests& digests) {
    const std::uint64_t expected = body.length().value_or(chunk_bytes);
    const std::size_t size = std::clamp<std::uint64_t>(expected, 1, chunk_bytes);
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(size);
    for (;;) {
        const std::size_t count = TRY(body.read({buffer.get(), size}));
        if (count == 0) return base::Unit{};
        const std::string_view bytes(reinterpret_cast<const char*>(buffer.get()), count);
        if (writer.length() + count > put_bytes_max) {
            return errors::entity_too_large(writer.length() + count, put_bytes_max);
        }
        for (auto& digest : digests) digest.update(bytes);
        TRY(writer.append(bytes));
    }
}

/// A body that is held whole for the moment it takes to write it.
struct SmallBody {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::string_view view() const { return {bytes.get(), size}; }
};

/// A small body is read in one piece, and written without another copy.
wire::Outcome<SmallBody> read_small(wire::BodyReader& body, std::size_t length, Digests& digests) {
    SmallBody small{std::make_unique_for_overwrite<char[]>(length + 1), 0};  // one more, to see the end
    for (;;) {
        const std::span room(small.bytes.get() + small.size, length + 1 - small.size);
        const std::size_t count = TRY(body.read(std::as_writable_bytes(room)));
        if (count == 0) break;
        for (auto& digest : digests) digest.update({room.data(), count});
        small.size += count;
        if (small.size > length) return errors::incomplete_body();
    }
    if (small.size < length) return errors::incomplete_body();
    return small;
}

/// The checksum the client claimed: in a header, or now that the end was read, in a trailer.
wire::Outcome<std::string> claimed_value(const BodyClaims& claims, const wire::BodyReader* body) {
    if (claims.checksum) return claims.checksum->value;
    std::optional<std::string> trailer;
    if (body) trailer = body->trailer(std::string(claims.announced->header));
    if (!trailer) {
        return errors::invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
            "headers "
            "were found.");
    }
    return std::move(*trailer);
}

}  // namespace

wire::Outcome<BodyClaims> check_claims_of_body(const std::optional<std::string>& content_md5,
                                               std::optional<GivenChecksum> checksum,
                                               const std::optional<std::string>& algorithm,
                                               const std::optional<std::string>& trailer) {
    BodyClaims claims{.checksum = std::move(checksum)};
    if (content_md5) {
        auto raw = base::base64_decode(*content_md5);
        if (!raw.ok() || raw->size() != 16) return errors::invalid_digest();
        claims.md5 = raw.take();
    }
    if (algorithm) {
        claims.announced = find_algorithm(*algorithm);
        if (!claims.announced) {
            return errors::invalid_request(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
        }
        if (claims.checksum && claims.checksum->algorithm != claims.announced) {
            return errors::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
        }
    }
    if (trailer && !claims.checksum) {
        constexpr std::string_view prefix = "x-amz-checksum-";
        const ChecksumAlgorithm* named =
            trailer->starts_with(prefix) ? find_algorithm(std::string_view(*trailer).substr(prefix.size()))
                                         : nullptr;
        if (!named)
            return errors::invalid_request(
                "The value specified in the x-amz-trailer header is not supported");
        if (claims.announced && claims.announced != named) {
            return errors::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
        }
        claims.announced = named;
    }
    return claims;
}

namespace {

/// Makes a Received of a body.
class Receiver {
  public:
    Receiver(BlobStore& blobs, wire::BodyReader* body, const BodyClaims& claims,
             const ChecksumAlgorithm* computed)
        : blobs_(blobs), body_(body), claims_(claims) {
        claimed_ = claims.checksum ? claims.checksum->algorithm : claims.announced;
        algorithm_ = claimed_ ? claimed_ : computed;
        if (algorithm_) digests_.emplace_back(algorithm_->kind);
    }

    wire::Outcome<Received> run() {
        const std::uint64_t length = body_ ? body_->length().value_or(UINT64_MAX) : 0;
        if (length != UINT64_MAX && length > put_bytes_max)
            return errors::entity_too_large(length, put_bytes_max);
        if (length > 0 && length <= blobs_.packed_bytes_max()) {
            TRY(receive_small(static_cast<std::size_t>(length)));
        } else {
            TRY(receive_large());
        }
        return std::move(received_);
    }

  private:
    wire::Outcome<base::Unit> receive_small(std::size_t length) {
        const SmallBody small = TRY(read_small(*body_, length, digests_));
        TRY(check_checksum());
        BlobStore::Packed packed = TRY(blobs_.write_packed(small.view()));
        received_.size = small.size;
        received_.staged = std::move(packed.staged);
        return check_md5(packed.md5);
    }

    wire::Outcome<base::Unit> receive_large() {
        BlobStore::Writer writer(blobs_);
        digests_.emplace_back(base::DigestKind::md5);
        if (body_) TRY(pump(*body_, writer, digests_));
        TRY(check_md5(digests_.back().finish()));
        TRY(check_checksum());
        received_.size = writer.length();
        received_.staged = TRY(writer.finish());
        return base::Unit{};
    }

    wire::Outcome<base::Unit> check_md5(const std::string& md5) {
        received_.md5 = base::hex_encode(md5);
        if (!claims_.md5 || *claims_.md5 == md5) return base::Unit{};
        return errors::bad_digest("The Content-MD5 you specified did not match what we received.")
            .with("ExpectedDigest", base::base64_encode(*claims_.md5))
            .with("CalculatedDigest", base::base64_encode(md5));
    }

    wire::Outcome<base::Unit> check_checksum() {
        if (!algorithm_) return base::Unit{};
        const std::string value = base::base64_encode(digests_.front().finish());
        received_.checksum = {std::string(algorithm_->name), std::string(full_object), value};
        if (!claimed_ || TRY(claimed_value(claims_, body_)) == value) return base::Unit{};
        return errors::bad_digest(
            fmt::format("The {} you specified did not match the calculated checksum.", algorithm_->name));
    }

    BlobStore& blobs_;
    wire::BodyReader* body_;
    const BodyClaims& claims_;
    const ChecksumAlgorithm* claimed_ = nullptr;
    const ChecksumAlgorithm* algorithm_ = nullptr;
    Digests digests_;
    Received received_;
};

}  // namespace

wire::Outcome<Received> receive_body(BlobStore& blobs, wire::BodyReader* body, const BodyClaims& claims,
                                     const ChecksumAlgorithm* computed) {
    return Receiver(blobs, body, claims, computed).run();
}

base::Result<std::vector<Slice>> slices_of(const Snapshot& at, const VersionRecord& version,
                                           const ByteRange& range) {
    std::vector<Slice> slices;
    if (range.length == 0) return slices;
    if (version.upload_id.empty()) {
        slices.push_back({version.blob, range.offset, range.length});
        return slices;
    }
    const auto rows = TRY(parts.scan(at, Range::prefix(key_of(version.upload_id)), SIZE_MAX));
    const std::uint64_t end = range.offset + range.length;
    std::uint64_t begin = 0;
    for (const auto& row : rows) {
        const std::uint64_t size = row.record.blob.length;
        const std::uint64_t from = std::max(begin, range.offset), to = std::min(begin + size, end);
        if (from < to) slices.push_back({row.record.blob, from - begin, to - from});
        begin += size;
    }
    return slices;
}

std::shared_ptr<wire::BodyReader> reader_of(BlobStore& blobs, std::shared_ptr<BlobStore::Guard> guard,
                                            std::vector<Slice> slices) {
    return std::make_shared<SliceReader>(blobs, std::move(guard), std::move(slices));
}

wire::Outcome<wire::BodySource> body_of(BlobStore& blobs, std::shared_ptr<BlobStore::Guard> guard,
                                        std::vector<Slice> slices) {
    if (slices.empty()) return wire::BodySource(std::string());
    if (slices.size() > 1) return wire::BodySource(reader_of(blobs, std::move(guard), std::move(slices)));
    const Slice& slice = slices.front();
    return wire::BodySource(wire::FileRange{.file = TRY(blobs.open_blob(slice.blob)),
                                            .offset = slice.blob.offset + slice.offset,
                                            .length = slice.length});
}

}  // namespace stratus::s3
