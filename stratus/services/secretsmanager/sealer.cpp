#include "stratus/services/secretsmanager/sealer.h"

#include "base/crypto.h"

namespace stratus::secretsmanager {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t key_bytes = 32;

std::string context_of(std::string_view arn, std::string_view version, bool is_binary) {
    std::string context(arn);
    context += '\0';
    context += version;
    context += '\0';
    context += is_binary ? "binary" : "string";
    return context;
}

base::Result<std::string> open_box(std::string_view key, std::string_view box, std::string_view context) {
    if (box.size() < nonce_bytes) return base::Failure{base::FailureKind::corrupt, "not a sealed value"};
    return base::aes256gcm_open(key, box.substr(0, nonce_bytes), box.substr(nonce_bytes), context);
}

}  // namespace

ValueRecord Sealer::seal(const Value& value, std::string_view arn, std::string_view version) const {
    const std::string context = context_of(arn, version, value.is_binary);
    const std::string data_key = random_.bytes(key_bytes);
    const std::string key_nonce = random_.bytes(nonce_bytes);
    const std::string nonce = random_.bytes(nonce_bytes);
    return ValueRecord{
        .wrapped_key = key_nonce + base::aes256gcm_seal(wrapping_key_, key_nonce, data_key, context),
        .sealed = nonce + base::aes256gcm_seal(data_key, nonce, value.bytes, context),
        .is_binary = value.is_binary};
}

base::Result<Value> Sealer::open(const ValueRecord& record, std::string_view arn,
                                 std::string_view version) const {
    const std::string context = context_of(arn, version, record.is_binary);
    const std::string data_key = TRY(open_box(wrapping_key_, record.wrapped_key, context));
    return Value{.bytes = TRY(open_box(data_key, record.sealed, context)), .is_binary = record.is_binary};
}

}  // namespace stratus::secretsmanager
