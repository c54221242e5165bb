#include "wire/common_errors.h"

#include <fmt/format.h>

namespace wire {

Error to_wire(const base::Failure& failure) {
    switch (failure.kind) {
        case base::FailureKind::conflict:
        case base::FailureKind::timed_out:
        case base::FailureKind::unavailable: return service_unavailable(failure.what);
        case base::FailureKind::not_found:
        case base::FailureKind::invalid:
        case base::FailureKind::no_space:
        case base::FailureKind::corrupt:
        case base::FailureKind::denied:
        case base::FailureKind::internal: return internal_failure(failure.what);
    }
    __builtin_unreachable();
}

Error::Error(const base::Failure& failure) : Error(to_wire(failure)) {}

Error access_denied(std::string message) {
    Error error("AccessDenied", std::move(message), 403);
    error.shape = "AccessDeniedException";
    return error;
}

Error expired_token() {
    Error error("ExpiredToken", "The security token included in the request is expired", 403);
    error.shape = "ExpiredTokenException";
    return error;
}

Error incomplete_signature(std::string message) {
    Error error("IncompleteSignature", std::move(message), 400);
    error.shape = "IncompleteSignatureException";
    return error;
}

Error internal_failure(std::string cause) {
    return Error("InternalFailure", "The request processing has failed because of an internal error.", 500)
        .because(std::move(cause));
}

Error invalid_action(std::string message) {
    return {"InvalidAction", std::move(message), 400};
}

Error invalid_client_token_id() {
    Error error("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
    error.shape = "UnrecognizedClientException";
    return error;
}

Error invalid_parameter_value(std::string message) {
    return {"InvalidParameterValue", std::move(message), 400};
}

Error malformed_query_string(std::string message) {
    return {"MalformedQueryString", std::move(message), 400};
}

Error missing_action() {
    return {"MissingAction", "The request must contain the parameter Action or a valid X-Amz-Target header.",
            400};
}

Error missing_authentication_token() {
    Error error("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    error.shape = "MissingAuthenticationTokenException";
    return error;
}

Error missing_parameter(std::string message) {
    return {"MissingParameter", std::move(message), 400};
}

Error not_implemented(std::string operation) {
    Error error("NotImplemented", fmt::format("The operation {} is not implemented.", operation), 501);
    error.shape = "UnsupportedOperation";
    error.fault = Fault::receiver;
    return error;
}

Error request_expired(std::string message) {
    return {"RequestExpired", std::move(message), 400};
}

Error request_too_large(std::size_t limit_bytes) {
    return {"RequestEntityTooLarge",
            fmt::format("The request body is over the limit of {} bytes.", limit_bytes), 413};
}

Error serialization_exception(std::string message) {
    return {"SerializationException", std::move(message), 400};
}

Error service_unavailable(std::string cause) {
    return Error("ServiceUnavailable", "The request has failed due to a temporary failure of the server.",
                 503)
        .because(std::move(cause));
}

Error signature_does_not_match(std::string message) {
    Error error("SignatureDoesNotMatch", std::move(message), 403);
    error.shape = "InvalidSignatureException";
    return error;
}

Error throttling() {
    Error error("Throttling", "Rate exceeded", 400);
    error.shape = "ThrottlingException";
    return error;
}

Error unknown_operation(std::string message) {
    return {"UnknownOperationException", std::move(message), 400};
}

Error validation_exception(std::string message) {
    Error error("ValidationError", std::move(message), 400);
    error.shape = "ValidationException";
    return error;
}

}  // namespace wire
