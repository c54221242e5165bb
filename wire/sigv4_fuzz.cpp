// Whatever comes as an Authorization header or a presigned query: an error, never a crash, never proven.
#include <cstdlib>

#include "wire/sigv4.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const net::Headers with_header{{"Host", "h"},
                                   {"X-Amz-Date", "20200101T120000Z"},
                                   {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"},
                                   {"Authorization", text}};
    const net::Headers bare{{"Host", "h"}};
    const auto now = base::Instant(std::chrono::seconds(1'577'880'000));
    for (const auto rules : {wire::SigningRules::common, wire::SigningRules::s3}) {
        for (const wire::SignedHead& head :
             {wire::SignedHead{"GET", "/k", "", with_header}, wire::SignedHead{"GET", "/k", text, bare},
              wire::SignedHead{"GET", text, "", with_header}}) {
            (void)wire::claimed_scope(head);
            const auto authorization = wire::read_authorization(head, rules);
            if (!authorization.ok()) continue;
            const auto hash = wire::payload_hash_of(*authorization, rules, "");
            if (wire::verify_signature(*authorization, head, rules, hash, "a secret nobody knows", now).ok())
                std::abort();
        }
    }
    return 0;
}
