// Whatever bytes come as a JSON body: an error or a value that survives being written and read again.
#include <cstdlib>

#include "aws/toy/api.h"
#include "aws/toy/schema.h"
#include "aws/toy/types.h"
#include "wire/codec.h"
#include "wire/describe.h"
#include "wire/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto& service = aws::toy::service();
    const auto& operation = *wire::find_operation(service, "Everything");
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const net::Headers headers;
    for (const auto protocol : {wire::Protocol::aws_json, wire::Protocol::rest_json}) {
        const auto& codec = wire::codec_of(protocol);
        aws::toy::EverythingRequest in;
        wire::Problems problems;
        const wire::HttpRequest request{
            .method = "POST", .path = "/", .query = "", .headers = headers, .body = body};
        if (!codec.decode_request(service, operation, request, &in, problems).ok()) continue;
        (void)wire::describe_for_log(shape_of(in), &in);
        (void)wire::validate(service, operation, &in, std::move(problems)).ok();
        const auto written = codec.encode_request(service, operation, &in);
        if (!written.ok()) continue;
        const wire::HttpRequest again{
            .method = "POST", .path = "/", .query = "", .headers = headers, .body = written->body};
        aws::toy::EverythingRequest second;
        wire::Problems ignored;
        if (!codec.decode_request(service, operation, again, &second, ignored).ok()) std::abort();
    }
    return 0;
}
