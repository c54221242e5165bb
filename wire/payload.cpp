// S3's bodies: what the signature says of them, checked while they stream.
#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/crypto.h"
#include "base/encoding.h"
#include "wire/chunked.h"
#include "wire/sigv4.h"

namespace wire {
namespace {

class HashedReader final : public BodyReader {
  public:
    HashedReader(std::string expected, std::shared_ptr<BodyReader> body)
        : expected_(std::move(expected)), body_(std::move(body)) {}

    Outcome<std::size_t> read(std::span<std::byte> into) override {
        const std::size_t count = TRY(body_->read(into));
        if (count > 0) {
            hash_.update(base::as_text(into.first(count)));
            return count;
        }
        if (into.empty()) return count;
        if (computed_.empty()) computed_ = base::hex_encode(hash_.finish());
        if (base::constant_time_equal(computed_, expected_)) return count;
        return Error("XAmzContentSHA256Mismatch",
                     "The provided 'x-amz-content-sha256' header does not match what was computed.", 400)
            .with("ClientComputedContentSHA256", expected_)
            .with("S3ComputedContentSHA256", computed_);
    }
    std::optional<std::uint64_t> length() const override { return body_->length(); }

  private:
    const std::string expected_;
    const std::shared_ptr<BodyReader> body_;
    base::Digest hash_{base::DigestKind::sha256};
    std::string computed_;
};

Outcome<std::optional<std::uint64_t>> decoded_length(const net::Headers& headers) {
    const auto text = headers.find("x-amz-decoded-content-length");
    if (!text) return Error("MissingContentLength", "You must provide the Content-Length HTTP header.", 411);
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
    if (error != std::errc{} || end != text->data() + text->size()) {
        return Error("InvalidArgument", "x-amz-decoded-content-length is not a number.", 400);
    }
    return std::optional(length);
}

std::vector<std::string> announced_trailers(const net::Headers& headers) {
    std::vector<std::string> names;
    const std::string all = headers.joined("x-amz-trailer");
    std::string name;
    for (const char c : all + ",") {
        if (c == ',') {
            if (!name.empty()) names.push_back(std::move(name));
            name.clear();
        } else if (c != ' ') {
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return names;
}

Outcome<std::shared_ptr<BodyReader>> unframed(ChunkedOptions options, const SignedHead& head,
                                              std::shared_ptr<BodyReader> body) {
    options.decoded_length = TRY(decoded_length(head.headers));
    if (options.trailers) options.expected_trailers = announced_trailers(head.headers);
    return chunked_reader(std::move(options), std::move(body));
}

}  // namespace

Outcome<std::shared_ptr<BodyReader>> payload_reader(const Authorization& authorization,
                                                    const SignedHead& head, std::string_view secret,
                                                    std::shared_ptr<BodyReader> body) {
    ChunkedOptions options{.amz_date = authorization.amz_date,
                           .scope = authorization.scope.text(),
                           .seed_signature = authorization.signature};
    switch (authorization.payload) {
        case PayloadKind::unsigned_payload: return body;
        case PayloadKind::whole:
            return std::shared_ptr<BodyReader>(
                std::make_shared<HashedReader>(authorization.payload_hash, std::move(body)));
        case PayloadKind::unsigned_chunks_trailer:
            options.trailers = true;
            return unframed(std::move(options), head, std::move(body));
        case PayloadKind::chunks_trailer: options.trailers = true; [[fallthrough]];
        case PayloadKind::chunks:
            options.signatures = true;
            options.signing_key = signing_key(secret, authorization.scope);
            return unframed(std::move(options), head, std::move(body));
    }
    __builtin_unreachable();
}

Outcome<std::shared_ptr<BodyReader>> unsigned_payload_reader(const SignedHead& head,
                                                             std::shared_ptr<BodyReader> body) {
    const auto declared = head.headers.get_or("x-amz-content-sha256", "");
    if (!declared.starts_with("STREAMING-")) return body;
    // Nobody's signature to check, but the framing must come off; signatures inside it are read over.
    return unframed(ChunkedOptions{.trailers = declared.ends_with("-TRAILER")}, head, std::move(body));
}

}  // namespace wire
