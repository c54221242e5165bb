#include "stratus/runtime/sessions.h"

#include <boost/describe.hpp>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/record.h"

namespace stratus {

BOOST_DESCRIBE_STRUCT(Session, (), (access_key_id, secret_access_key, account, arn, user_id, expires))

namespace {

constexpr std::string_view key_id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view associated = "stratus session token 1";
constexpr std::size_t nonce_bytes = 12;

}  // namespace

Sessions::Sessions(const MasterKey& key, base::Random& random)
    : key_(key.derive("session tokens")), random_(random) {}

Session Sessions::begin(Session session) const {
    session.access_key_id = "ASIA" + random_.characters(key_id_alphabet, 16);
    session.secret_access_key = base::base64_encode(random_.bytes(30));
    return session;
}

std::string Sessions::token_of(const Session& session) const {
    const std::string nonce = random_.bytes(nonce_bytes);
    return base::base64_encode(nonce +
                               base::aes256gcm_seal(key_, nonce, base::encode_record(session), associated));
}

base::Result<Session> Sessions::open(std::string_view token) const {
    const auto bytes = base::base64_decode(token);
    if (!bytes.ok() || bytes->size() < nonce_bytes) {
        return base::Failure{base::FailureKind::corrupt, "not a session token"};
    }
    const std::string_view all = *bytes;
    const std::string plain =
        TRY(base::aes256gcm_open(key_, all.substr(0, nonce_bytes), all.substr(nonce_bytes), associated));
    return base::decode_record<Session>(plain);
}

}  // namespace stratus
