// The errors that all AWS services share ("Common Errors" of every API reference).
#pragma once

#include <string>

#include "wire/error.h"

namespace wire {

Error access_denied(std::string message);  ///< AccessDeniedException (AccessDenied where XML is spoken)
Error expired_token();                     ///< temporary credentials past their time
Error incomplete_signature(std::string message);
Error internal_failure(std::string cause);  ///< 500; the cause goes to the log only
Error invalid_action(std::string message);  ///< no such operation
Error invalid_client_token_id();            ///< an access key id nobody has
Error invalid_parameter_value(std::string message);
Error malformed_query_string(std::string message);
Error missing_action();
Error missing_authentication_token();
Error missing_parameter(std::string message);
Error not_implemented(std::string operation);  ///< 501: known to AWS, not to us
Error request_expired(std::string message);
Error request_too_large(std::size_t limit_bytes);    ///< 413
Error serialization_exception(std::string message);  ///< bytes that are not the protocol, or a wrong type
Error service_unavailable(std::string cause);        ///< 503; the cause goes to the log only
Error signature_does_not_match(std::string message);
Error throttling();
Error unknown_operation(std::string message);  ///< UnknownOperationException, JSON's invalid_action
Error validation_exception(std::string message);

}  // namespace wire
