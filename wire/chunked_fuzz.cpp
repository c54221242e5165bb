// Whatever bytes come as an aws-chunked body; with signatures none may pass as read to the end.
#include <cstdlib>

#include "wire/chunked.h"
#include "wire/sigv4.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string body(reinterpret_cast<const char*>(data), size);
    for (const bool signatures : {false, true}) {
        for (const bool trailers : {false, true}) {
            wire::ChunkedOptions options{.signatures = signatures,
                                         .trailers = trailers,
                                         .signing_key = "k",
                                         .amz_date = "20200101T120000Z",
                                         .scope = "s",
                                         .seed_signature = "seed"};
            const auto read = wire::read_all(*wire::chunked_reader(options, wire::reader_of(body)), 1 << 20);
            if (read.ok() && signatures) std::abort();
            if (read.ok() && read->size() > body.size()) std::abort();
        }
    }
    return 0;
}
