// Whatever bytes come as an XML body, as a request's or an answer's.
#include <cstdlib>

#include "aws/toy/api.h"
#include "aws/toy/schema.h"
#include "aws/toy/types.h"
#include "wire/codec.h"
#include "wire/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto& service = aws::toy::service();
    const auto& operation = *wire::find_operation(service, "Everything");
    const std::string body(reinterpret_cast<const char*>(data), size);
    const net::Headers headers;
    const auto& codec = wire::codec_of(wire::Protocol::rest_xml);
    aws::toy::EverythingRequest in;
    wire::Problems problems;
    const wire::HttpRequest request{
        .method = "POST", .path = "/", .query = "", .headers = headers, .body = body};
    if (codec.decode_request(service, operation, request, &in, problems).ok()) {
        const auto written = codec.encode_request(service, operation, &in);
        const wire::HttpRequest again{
            .method = "POST", .path = "/", .query = "", .headers = headers, .body = written->body};
        aws::toy::EverythingRequest second;
        wire::Problems ignored;
        if (!codec.decode_request(service, operation, again, &second, ignored).ok()) std::abort();
        (void)wire::validate(service, operation, &in, std::move(problems)).ok();
    }
    for (const auto protocol : {wire::Protocol::query, wire::Protocol::ec2_query, wire::Protocol::rest_xml}) {
        for (const int status : {200, 400}) {
            aws::toy::EverythingResult out;
            (void)wire::codec_of(protocol)
                .decode_response(service, operation, status, headers, body, &out)
                .ok();
        }
    }
    return 0;
}
