#include "cubed/schema/envelope.h"

#include <cstring>
#include <memory>

#include <zstd.h>

#include "base/check.h"
#include "base/encoding.h"
#include "cubed/schema/tlv.h"

namespace cubed {

using base::Failure;
using base::FailureKind;
using base::Result;

namespace {

constexpr std::string_view magic = "VE";
constexpr size_t header_bytes = 2 + 1 + 4;

Failure corrupt(const char* what) {
    return Failure{FailureKind::corrupt, std::string("envelope: ") + what};
}

std::string compress(std::string_view raw) {
    thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                    &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string packed(ZSTD_compressBound(raw.size()), '\0');
    const size_t size = ZSTD_compress2(context.get(), packed.data(), packed.size(), raw.data(), raw.size());
    CHECK(!ZSTD_isError(size), "zstd cannot fail with a buffer of its own bound");
    packed.resize(size);
    return packed;
}

/// The items' bytes; the declared size is believed only after it was checked against the limit.
Result<std::string> unwrap(std::string_view body) {
    if (body.size() > sqs_bytes_max) return corrupt("larger than a message");
    const auto decoded = base::base64_decode(body);
    if (!decoded.ok()) return corrupt("not base64");
    const std::string& wrapped = *decoded;
    if (wrapped.size() < header_bytes || std::string_view(wrapped).substr(0, 2) != magic) {
        return corrupt("no magic");
    }
    if (wrapped[2] != envelope_version) return corrupt("unknown version");
    uint32_t raw_size = 0;
    for (int i = 0; i < 4; ++i)
        raw_size |= static_cast<uint32_t>(static_cast<uint8_t>(wrapped[3 + i])) << (8 * i);
    if (raw_size > envelope_raw_bytes_max) return corrupt("too large");
    std::string raw(raw_size, '\0');
    const size_t size =
        ZSTD_decompress(raw.data(), raw.size(), wrapped.data() + header_bytes, wrapped.size() - header_bytes);
    if (ZSTD_isError(size) || size != raw.size()) return corrupt("does not decompress");
    return raw;
}

/// Calls `take` with each item until it fails.
template <class Take>
Result<base::Unit> for_each_item(std::string_view raw, Take take) {
    size_t hits = 0;
    while (!raw.empty()) {
        const auto size = take_varint(raw);
        if (!size || *size > raw.size() || ++hits > envelope_hits_max) return corrupt("broken item");
        TRY(take(raw.substr(0, *size)));
        raw.remove_prefix(*size);
    }
    return base::Unit{};
}

}  // namespace

bool EnvelopePacker::add(std::string_view encoded_hit) {
    constexpr size_t varint_bytes_max = 5;
    if (hits_ >= envelope_hits_max) return false;
    if (raw_.size() + encoded_hit.size() + varint_bytes_max > envelope_raw_bytes_max) return false;
    put_varint(raw_, encoded_hit.size());
    raw_.append(encoded_hit);
    ++hits_;
    return true;
}

std::string EnvelopePacker::seal() {
    std::string wrapped(magic);
    wrapped.push_back(static_cast<char>(envelope_version));
    for (int i = 0; i < 4; ++i) wrapped.push_back(static_cast<char>(raw_.size() >> (8 * i)));
    wrapped += compress(raw_);
    raw_.clear();
    hits_ = 0;
    return base::base64_encode(wrapped);
}

std::string seal_envelope(std::span<const Hit> hits) {
    EnvelopePacker packer;
    for (const Hit& hit : hits) CHECK(packer.add(encode_hit(hit)), "the hits fit one envelope");
    return packer.seal();
}

Result<std::vector<Hit>> open_envelope(std::string_view body) {
    const std::string raw = TRY(unwrap(body));
    std::vector<Hit> hits;
    TRY(for_each_item(raw, [&](std::string_view item) -> Result<base::Unit> {
        hits.push_back(TRY(decode_hit(item)));
        return base::Unit{};
    }));
    return hits;
}

Result<std::vector<std::string>> open_envelope_items(std::string_view body) {
    const std::string raw = TRY(unwrap(body));
    std::vector<std::string> items;
    TRY(for_each_item(raw, [&](std::string_view item) -> Result<base::Unit> {
        items.emplace_back(item);
        return base::Unit{};
    }));
    return items;
}

}  // namespace cubed
