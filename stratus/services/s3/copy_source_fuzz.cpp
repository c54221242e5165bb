// x-amz-copy-source and x-amz-tagging are texts of a client's making: whatever they say, what comes out is a
// legal key or legal tags.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "stratus/services/s3/names.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace stratus::s3;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto source = parse_copy_source(text); source.ok()) {
        CHECK(!source->bucket.empty() && check_key(source->key).ok(), "an illegal copy source");
    }
    if (auto tags = parse_tagging_header(text); tags.ok()) {
        CHECK(tags->size() <= object_tags_max, "too many tags");
        for (const auto& [key, value] : *tags) CHECK(!key.empty() && key.size() <= 512, "an illegal tag");
    }
    is_bucket_name(text);
    sequence_of(text);
    return 0;
}
