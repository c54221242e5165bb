#include "wire/chunked.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "wire/common_errors.h"
#include "wire/sigv4.h"

namespace wire {
namespace {

constexpr std::size_t line_max = 1024;  // a chunk header is under 120 bytes, a trailer under 200
constexpr std::size_t trailers_max = 16;

Error incomplete_body(std::string why) {
    return Error("IncompleteBody", "The request body terminated unexpectedly", 400).because(std::move(why));
}

Error malformed_trailer(std::string why) {
    return Error("MalformedTrailerError",
                 "The request contained trailing data that was not well-formed or did not "
                 "conform to our published schema.",
                 400)
        .because(std::move(why));
}

Error chunk_mismatch() {
    return signature_does_not_match(
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.");
}

std::string chunk_signature(const ChunkedOptions& options, std::string_view previous,
                            std::string_view data_hash) {
    return signature_of(options.signing_key,
                        fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", options.amz_date,
                                    options.scope, previous, sha256_hex(""), data_hash));
}

std::string trailer_signature(const ChunkedOptions& options, std::string_view previous,
                              std::string_view lines) {
    return signature_of(options.signing_key,
                        fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", options.amz_date,
                                    options.scope, previous, sha256_hex(lines)));
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

class ChunkedReader final : public BodyReader {
  public:
    ChunkedReader(ChunkedOptions options, std::shared_ptr<BodyReader> framed)
        : options_(std::move(options)), framed_(std::move(framed)), previous_(options_.seed_signature) {}

    Outcome<std::size_t> read(std::span<std::byte> into) override {
        if (failed_) return *failed_;
        auto outcome = next(into);
        if (!outcome.ok()) failed_ = outcome.error();  // an error is the end: nothing more is given out
        return outcome;
    }

    std::optional<std::uint64_t> length() const override { return options_.decoded_length; }

    std::optional<std::string> trailer(const std::string& name) const override {
        const auto found = trailers_.find(name);
        return found == trailers_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    Outcome<std::size_t> next(std::span<std::byte> into) {
        if (done_ || into.empty()) return std::size_t{0};
        if (left_ == 0) {
            TRY(begin_chunk());
            if (left_ == 0) {
                TRY(finish());
                return std::size_t{0};
            }
        }
        const std::size_t count = TRY(take_data(into.first(std::min<std::uint64_t>(into.size(), left_))));
        left_ -= count;
        given_ += count;
        if (options_.signatures) hash_.update(base::as_text(into.first(count)));
        if (left_ == 0) TRY(end_chunk());
        return count;
    }

    /// Buffered bytes first, then straight into the caller's memory.
    Outcome<std::size_t> take_data(std::span<std::byte> into) {
        if (at_ < buffered_) {
            const std::size_t count = std::min(into.size(), buffered_ - at_);
            std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
            at_ += count;
            return count;
        }
        const std::size_t count = TRY(framed_->read(into));
        if (count == 0) return incomplete_body("the body ends inside a chunk");
        return count;
    }

    Outcome<char> take_byte() {
        if (at_ == buffered_) {
            buffered_ = TRY(framed_->read(buffer_));
            at_ = 0;
            if (buffered_ == 0) return incomplete_body("the body ends in its framing");
        }
        return static_cast<char>(buffer_[at_++]);
    }

    Outcome<std::string> take_line() {
        std::string line;
        while (true) {
            const char c = TRY(take_byte());
            if (c == '\n') break;
            if (line.size() >= line_max) return incomplete_body("a line of the framing is too long");
            line += c;
        }
        if (line.ends_with('\r')) line.pop_back();
        return line;
    }

    Outcome<base::Unit> begin_chunk() {
        const std::string line = TRY(take_line());
        const std::string_view head = std::string_view(line).substr(0, line.find(';'));
        const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), left_, 16);
        if (head.empty() || error != std::errc{} || end != head.data() + head.size()) {
            return incomplete_body("a chunk's size is no hexadecimal number");
        }
        if (options_.decoded_length && left_ > *options_.decoded_length - given_) {
            return incomplete_body("more data than x-amz-decoded-content-length");
        }
        constexpr std::string_view extension = ";chunk-signature=";
        const std::size_t signature = line.find(extension);
        signature_ = signature == std::string::npos ? "" : line.substr(signature + extension.size());
        if (options_.signatures && signature_.empty()) return incomplete_body("a chunk has no signature");
        hash_ = base::Digest(base::DigestKind::sha256);
        return base::Unit{};
    }

    Outcome<base::Unit> check_chunk() {
        if (!options_.signatures) return base::Unit{};
        const std::string expected = chunk_signature(options_, previous_, base::hex_encode(hash_.finish()));
        if (!base::constant_time_equal(expected, signature_)) return chunk_mismatch();
        previous_ = expected;
        return base::Unit{};
    }

    Outcome<base::Unit> end_chunk() {
        const std::string line = TRY(take_line());
        if (!line.empty()) return incomplete_body("a chunk is longer than its size");
        return check_chunk();
    }

    /// After the last, empty chunk: trailers, then an empty line, then nothing.
    Outcome<base::Unit> finish() {
        TRY(check_chunk());
        if (options_.decoded_length && given_ != *options_.decoded_length) {
            return incomplete_body("less data than x-amz-decoded-content-length");
        }
        TRY(read_trailers());
        std::array<std::byte, 1> extra;
        if (at_ < buffered_ || TRY(framed_->read(extra)) != 0)
            return incomplete_body("data after the last chunk");
        done_ = true;
        return base::Unit{};
    }

    /// Some clients leave the empty line at the very end out.
    Outcome<std::string> take_last_lines() {
        if (at_ == buffered_) {
            buffered_ = TRY(framed_->read(buffer_));
            at_ = 0;
            if (buffered_ == 0) return std::string();
        }
        return take_line();
    }

    Outcome<base::Unit> read_trailers() {
        std::string signed_lines, signature;
        while (true) {
            const std::string line = TRY(take_last_lines());
            if (line.empty()) break;
            if (!options_.trailers || trailers_.size() >= trailers_max)
                return malformed_trailer("unexpected trailer");
            const std::size_t colon = line.find(':');
            if (colon == std::string::npos) return malformed_trailer("a trailer without ':'");
            const std::string name = lower(line.substr(0, colon));
            std::string value = line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
            while (value.ends_with(' ')) value.pop_back();
            if (name == "x-amz-trailer-signature") {
                signature = value;
                continue;
            }
            signed_lines += fmt::format("{}:{}\n", name, value);
            trailers_[name] = std::move(value);
        }
        for (const std::string& name : options_.expected_trailers) {
            if (!trailers_.contains(name)) return malformed_trailer("an announced trailer is missing");
        }
        if (!options_.signatures || !options_.trailers) return base::Unit{};
        if (!base::constant_time_equal(trailer_signature(options_, previous_, signed_lines), signature)) {
            return chunk_mismatch();
        }
        return base::Unit{};
    }

    const ChunkedOptions options_;
    const std::shared_ptr<BodyReader> framed_;
    std::array<std::byte, 4096> buffer_;  // framing only; data mostly bypasses it
    std::size_t at_ = 0;
    std::size_t buffered_ = 0;
    std::uint64_t left_ = 0;  // of the chunk
    std::uint64_t given_ = 0;
    std::string previous_;
    std::string signature_;
    base::Digest hash_{base::DigestKind::sha256};
    std::map<std::string, std::string> trailers_;
    bool done_ = false;
    std::optional<Error> failed_;
};

}  // namespace

std::shared_ptr<BodyReader> chunked_reader(ChunkedOptions options, std::shared_ptr<BodyReader> framed) {
    return std::make_shared<ChunkedReader>(std::move(options), std::move(framed));
}

std::string chunked_body(const ChunkedOptions& options, std::string_view data, std::size_t chunk_bytes,
                         const std::map<std::string, std::string>& trailers) {
    std::string out, previous = options.seed_signature;
    const auto add_header = [&](std::string_view chunk) {
        out += fmt::format("{:x}", chunk.size());
        if (options.signatures) {
            previous = chunk_signature(options, previous, sha256_hex(chunk));
            out += fmt::format(";chunk-signature={}", previous);
        }
        out += "\r\n";
    };
    while (!data.empty()) {
        const std::string_view chunk = data.substr(0, chunk_bytes);
        data.remove_prefix(chunk.size());
        add_header(chunk);
        out += chunk;
        out += "\r\n";
    }
    add_header("");
    std::string lines;
    for (const auto& [name, value] : trailers) {
        lines += fmt::format("{}:{}\n", name, value);
        out += fmt::format("{}:{}\r\n", name, value);
    }
    if (options.signatures && options.trailers) {
        out += fmt::format("x-amz-trailer-signature:{}\r\n", trailer_signature(options, previous, lines));
    }
    return out + "\r\n";
}

}  // namespace wire
