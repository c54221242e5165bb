// Service: everything the gateway and the clients need to know of one AWS service, as constant tables.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "wire/context.h"
#include "wire/error.h"
#include "wire/schema.h"

namespace wire {

enum class Protocol : std::uint8_t { aws_json, query, ec2_query, rest_json, rest_xml };

/// What an operation's handler gave: its output, of the type its `output` shape describes, or "not yet".
using Reply = std::variant<Value, Park>;

struct Operation {
    std::string_view name;  ///< "CreateQueue"
    const Shape* input = nullptr;
    const Shape* output = nullptr;
    std::string_view result_wrapper;  ///< query: "CreateQueueResult"; empty when there is no output
    std::string_view http_method = "POST";
    std::string_view uri = "/";  ///< "/{Bucket}/{Key+}?uploads"
    int http_status = 200;       ///< of a success
    bool anonymous = false;      ///< may come without a signature (authtype none)
    bool parks = false;
    bool unwrapped = false;          ///< rest-xml: the answer's one member is the root element itself
    bool checksum_required = false;  ///< S3: a body without MD5 or checksum is refused
    std::span<const std::string_view> errors;  ///< names of the modelled errors
    /// Calls the handler. `api` must be the Api this service() was bound with (see Binding).
    Outcome<Reply> (*invoke)(void* api, const Context& context, const void* input) = nullptr;
};

/// How a request finds an operation in the REST protocols, and by name in the others. AWS's whole list: also
/// what we do not implement (operation == nullptr), so that it is refused as such and never taken for
/// something else.
struct Route {
    std::string_view name;
    std::string_view method;
    std::string_view uri;
    std::span<const std::string_view> required_query;
    std::span<const std::string_view> required_headers;
    const Operation* operation = nullptr;
};

struct ErrorInfo {
    std::string_view shape;  ///< "QueueDoesNotExist"
    std::string_view code;   ///< "AWS.SimpleQueueService.NonExistentQueue"
    int http_status = 400;
};

/// How a service words what validation finds (validate.h).
enum class ValidationStyle : std::uint8_t {
    validation_exception,
    validation_error,
    sqs,
    s3,
    secrets_manager,
    ec2
};

struct Service {
    std::string_view name;  ///< "sqs"; also the endpoint prefix
    std::string_view signing_name;
    std::string_view api_version;
    std::string_view target_prefix;  ///< X-Amz-Target: "<prefix>.<Operation>"
    std::string_view json_version;   ///< "1.0"
    std::string_view xml_namespace;
    std::string_view error_namespace;     ///< JSON __type prefix: "com.amazonaws.sqs"; may be empty
    std::span<const Protocol> protocols;  ///< the first is what our own client speaks
    bool queue_url_in_path = false;  ///< SQS's query requests may name the queue by the path they are sent to
    bool query_compatible = false;   ///< JSON errors also carry x-amzn-query-error
    ValidationStyle validation = ValidationStyle::validation_exception;
    std::span<const Operation> operations;
    std::span<const Route> routes;
    std::span<const ErrorInfo> errors;
};

/// By AWS's name; null when we do not implement it.
const Operation* find_operation(const Service& service, std::string_view name);
/// True for every operation that AWS's model has, implemented or not.
bool is_known(const Service& service, std::string_view operation_name);

/// A service's tables with the object that implements them: what a gateway registers. Made by
/// aws::<svc>::bind(api).
struct Binding {
    const Service* service = nullptr;
    void* api = nullptr;
};

}  // namespace wire
