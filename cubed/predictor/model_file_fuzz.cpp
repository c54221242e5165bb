// Model files come from a bucket that others can write to: anything but a whole, consistent model is refused,
// without a crash and without memory beyond the file's size. The fuzzer mends the checksum, or it would never
// get past it.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "base/check.h"
#include "base/crypto.h"
#include "cubed/predictor/model_file.h"
#include "cubed/predictor/score.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string bytes(reinterpret_cast<const char*>(data), size);
    std::ignore = cubed::predictor::decode_model(bytes);
    if (bytes.size() >= 64) {
        const std::uint64_t length = bytes.size();
        std::memcpy(bytes.data() + 16, &length, sizeof length);
        std::memset(bytes.data() + 24, 0, 4);
        const std::uint32_t crc = base::crc32c(bytes);
        std::memcpy(bytes.data() + 24, &crc, sizeof crc);
    }
    const auto model = cubed::predictor::decode_model(bytes);
    if (!model.ok()) return 0;
    const auto again = cubed::predictor::decode_model(cubed::predictor::encode_model(*model));
    CHECK(again.ok() && *again == *model, "what was read can be written and read again");
    const std::vector<cubed::attribution::Channel> path = {0, 1, 0};
    const double probability = cubed::predictor::conversion_probability(*model, path);
    CHECK(probability >= 0 && probability <= 1, "a probability");
    return 0;
}
