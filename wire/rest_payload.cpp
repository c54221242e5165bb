#include "wire/rest_payload.h"

namespace wire {

bool is_raw(const Member& payload) {
    switch (payload.shape->kind) {
        case Kind::string:
        case Kind::blob:
        case Kind::stream_in:
        case Kind::stream_out: return true;
        default: return false;
    }
}

void read_raw_request(const Member& payload, const HttpRequest& request, void* input) {
    if (payload.shape->kind == Kind::stream_in) {
        auto& reader = *static_cast<std::shared_ptr<BodyReader>*>(payload.make_in(input));
        reader = request.stream ? request.stream : reader_of(std::string(request.body));
    } else if (!request.body.empty() || payload.required) {
        static_cast<std::string*>(payload.make_in(input))->assign(request.body);
    }
}

void write_raw_response(const Member& payload, const void* output, HttpResponse& response) {
    const void* held = payload.in(output);
    if (!held) return;
    if (payload.shape->kind == Kind::stream_out)
        response.body = *static_cast<const BodySource*>(held);
    else
        response.body = BodySource(*static_cast<const std::string*>(held));
    if (!response.headers.contains("Content-Type")) {
        response.headers.set("Content-Type",
                             payload.shape->kind == Kind::string ? "text/plain" : "binary/octet-stream");
    }
}

void write_raw_request(const Member& payload, const void* input, OutgoingRequest& request) {
    const void* held = payload.in(input);
    if (!held) return;
    if (payload.shape->kind == Kind::stream_in) {
        request.stream = *static_cast<const std::shared_ptr<BodyReader>*>(held);
    } else {
        request.body = *static_cast<const std::string*>(held);
    }
}

void read_raw_response(const Member& payload, std::string body, void* output) {
    void* into = payload.make_in(output);
    if (payload.shape->kind == Kind::stream_out)
        *static_cast<BodySource*>(into) = BodySource(std::move(body));
    else
        *static_cast<std::string*>(into) = std::move(body);
}

}  // namespace wire
