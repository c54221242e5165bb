// aws-chunked bodies: "<size>;chunk-signature=...\r\n<data>\r\n...", with or without signatures and trailing
// headers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire/stream.h"

namespace wire {

struct ChunkedOptions {
    bool signatures = false;  ///< each chunk carries one
    bool trailers = false;    ///< headers follow the last chunk
    std::string signing_key;
    std::string amz_date;
    std::string scope;
    std::string seed_signature;                   ///< the request's own
    std::optional<std::uint64_t> decoded_length;  ///< x-amz-decoded-content-length
    std::vector<std::string> expected_trailers;   ///< x-amz-trailer, lower case
};

/// Reads the data inside. A chunk's bytes are given out as they come; its signature is checked at its end, so
/// a reader must not trust anything before read() gives 0. Memory is bounded: chunks are never held, header
/// lines are limited.
std::shared_ptr<BodyReader> chunked_reader(ChunkedOptions options, std::shared_ptr<BodyReader> framed);

/// The other way, for tests: frames and signs.
std::string chunked_body(const ChunkedOptions& options, std::string_view data, std::size_t chunk_bytes,
                         const std::map<std::string, std::string>& trailers = {});

}  // namespace wire
