// Anybody can send a hit. Both forms, the query string and the JSON body, meet the schema here.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include <boost/json.hpp>

#include "base/check.h"
#include "base/json.h"
#include "cubed/schema/validate.h"

namespace {

void validate(const boost::json::object& fields) {
    const cubed::Circumstances around{.now = cubed::Instant{}, .address = "::1", .user_agent = "x"};
    auto hit = cubed::validate_hit(fields, around);
    if (!hit.ok()) return;
    hit->id = "1";
    CHECK(cubed::decode_hit(cubed::encode_hit(*hit)).ok(), "an accepted hit can be read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    validate(cubed::fields_from_query(bytes));
    std::ignore = cubed::validate_subscription(cubed::fields_from_query(bytes), {});
    if (const auto parsed = base::parse_json(bytes, {.depth = 16}); parsed.ok()) {
        if (const auto* object = parsed->if_object()) validate(*object);
    }
    return 0;
}
