// AWS Signature Version 4: verify what came, sign what goes. Pure functions, thread-safe; time and secrets
// are given.
//
// A gateway reads the authorization from the head (read_authorization), looks the secret up, and verifies
// (verify_signature) with the body's hash: for most services that is sha256_hex(body), for S3 what the
// request declares (Authorization::payload_hash), while payload_reader() checks the body against it as it
// streams.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/message.h"
#include "wire/codec.h"
#include "wire/error.h"
#include "wire/stream.h"

namespace wire {

/// S3 differs: its path is encoded once and never normalised, the payload's hash is declared, its errors have
/// names of their own.
enum class SigningRules { common, s3 };

/// The head of a request as it came (path and query not decoded). Virtual-host style paths as sent, not
/// rewritten.
struct SignedHead {
    std::string_view method;
    std::string_view path;
    std::string_view query;
    const net::Headers& headers;
};

struct CredentialScope {
    std::string date;  ///< 20150830
    std::string region;
    std::string service;
    std::string text() const;  ///< 20150830/us-east-1/iam/aws4_request
};

/// How the body is covered by the signature (S3's x-amz-content-sha256).
enum class PayloadKind {
    whole,                    ///< one hash of the body
    unsigned_payload,         ///< not at all
    chunks,                   ///< aws-chunked, each chunk signed
    chunks_trailer,           ///< the same, and signed trailing headers
    unsigned_chunks_trailer,  ///< aws-chunked, unsigned, with trailing headers
};

/// What a request claims. Nothing in it is proven before verify_signature().
struct Authorization {
    std::string access_key_id;
    CredentialScope scope;
    std::vector<std::string> signed_headers;  ///< lower case, in order
    std::string signature;
    std::string amz_date;  ///< 20150830T123600Z
    base::Instant time;
    bool presigned = false;
    std::chrono::seconds expires{0};  ///< of a presigned URL
    std::string session_token;        ///< empty for long-lived keys
    PayloadKind payload = PayloadKind::whole;
    std::string payload_hash;  ///< as declared: hex, UNSIGNED-PAYLOAD, STREAMING-...; empty where none is
};

/// Reads and checks the form, from the Authorization header or the query. The errors are AWS's: none at all
/// is MissingAuthenticationToken (S3: AccessDenied), a broken one IncompleteSignature (S3:
/// AuthorizationHeaderMalformed, AuthorizationQueryParametersError), older signatures InvalidRequest.
Outcome<Authorization> read_authorization(const SignedHead& head, SigningRules rules);

/// True when the request carries any kind of signature; S3 serves some without.
bool is_signed(const SignedHead& head);

/// The access key id alone, for choosing an account before anything is verified; empty when there is none.
std::string claimed_access_key_id(const SignedHead& head);
/// The scope alone, for routing; absent when there is no signature that could be read.
std::optional<CredentialScope> claimed_scope(const SignedHead& head);

/// Checks time (15 minutes of skew; a presigned URL's own life) and the signature, comparing in constant
/// time.
Outcome<base::Unit> verify_signature(const Authorization& authorization, const SignedHead& head,
                                     SigningRules rules, std::string_view payload_hash,
                                     std::string_view secret, base::Instant now);

/// The hash verify_signature() wants: what is declared for S3, else the body's.
std::string payload_hash_of(const Authorization& authorization, SigningRules rules, std::string_view body);

/// S3: wraps a body as it came in what the handler may read: aws-chunked framing is taken off, the declared
/// hash, chunk signatures and `x-amz-decoded-content-length` are checked. Content-MD5 and x-amz-checksum-*
/// are the handler's.
Outcome<std::shared_ptr<BodyReader>> payload_reader(const Authorization& authorization,
                                                    const SignedHead& head, std::string_view secret,
                                                    std::shared_ptr<BodyReader> body);
/// The same for a request without a signature.
Outcome<std::shared_ptr<BodyReader>> unsigned_payload_reader(const SignedHead& head,
                                                             std::shared_ptr<BodyReader> body);

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
};

/// Signs with headers: sets X-Amz-Date, X-Amz-Security-Token, Authorization, and for S3 X-Amz-Content-Sha256.
/// The Host header must be set, and all others that are to be signed.
void sign(OutgoingRequest& request, const Credentials& credentials, std::string_view region,
          std::string_view service, SigningRules rules, base::Instant now);

/// The query of a presigned URL: `request.query` with the signature added. The Host header must be set.
std::string presigned_query(const OutgoingRequest& request, const Credentials& credentials,
                            std::string_view region, std::string_view service, SigningRules rules,
                            base::Instant now, std::chrono::seconds expires);

std::string sha256_hex(std::string_view data);

/// For tests and chunked bodies: the pieces of the algorithm.
std::string canonical_request(const SignedHead& head, const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash, SigningRules rules);
std::string signing_key(std::string_view secret, const CredentialScope& scope);
std::string signature_of(std::string_view signing_key, std::string_view string_to_sign);

}  // namespace wire
