// Whatever bytes come as form parameters, in a body, a query or a path.
#include "aws/s3/api.h"
#include "aws/toy/api.h"
#include "aws/toy/types.h"
#include "wire/codec.h"
#include "wire/select.h"
#include "wire/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto& service = aws::toy::service();
    const auto& operation = *wire::find_operation(service, "Everything");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const net::Headers headers;
    for (const auto protocol : {wire::Protocol::query, wire::Protocol::ec2_query}) {
        aws::toy::EverythingRequest in;
        wire::Problems problems;
        const wire::HttpRequest request{
            .method = "POST", .path = "/", .query = text, .headers = headers, .body = text};
        if (!wire::codec_of(protocol).decode_request(service, operation, request, &in, problems).ok())
            continue;
        (void)wire::validate(service, operation, &in, std::move(problems)).ok();
    }
    const std::size_t mark = std::min(text.find('?'), text.size());
    const wire::HttpRequest request{.method = "PUT",
                                    .path = text.substr(0, mark),
                                    .query = text.substr(std::min(text.size(), mark + 1)),
                                    .headers = headers};
    for (const wire::Service* routed : {&service, &aws::s3::service()}) {
        const auto selection = wire::select_operation(*routed, request);
        if (!selection.ok()) continue;
        wire::Value in = selection->operation->input->structure->make();
        wire::Problems problems;
        (void)wire::codec_of(selection->protocol)
            .decode_request(*routed, *selection->operation, request, in.get(), problems)
            .ok();
    }
    return 0;
}
