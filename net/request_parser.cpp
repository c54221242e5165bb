#include "net/request_parser.h"

#include <algorithm>

namespace net {

namespace http = boost::beast::http;

namespace {

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

void RequestParser::on_request_impl(http::verb, Text method, Text target, int version, Error& error) {
    error = {};
    head_.method.assign(method.data(), method.size());
    head_.target.assign(target.data(), target.size());
    head_.version = static_cast<unsigned>(version);
}

void RequestParser::on_field_impl(http::field field, Text name, Text value, Error& error) {
    error = {};
    if (is_header_done()) return;  // trailers: nobody has asked for them, so nobody is told
    if (field == http::field::host) ++hosts_;
    if (field == http::field::transfer_encoding) has_transfer_encoding_ = true;
    head_.headers.add(view(name), view(value));
}

std::size_t RequestParser::on_body_impl(Text body, Error& error) {
    error = {};
    body_.append(body.data(), body.size());
    return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, Error& error) {
    return on_body_impl(body, error);
}

bool RequestParser::is_ambiguous() const {
    const bool wrong_hosts = hosts_ > 1 || (hosts_ == 0 && head_.version >= 11);
    const bool unknown_coding = has_transfer_encoding_ && !chunked();
    const bool chunked_in_the_past = chunked() && head_.version < 11;
    return wrong_hosts || unknown_coding || chunked_in_the_past || head_.version < 10 || head_.version > 11;
}

}  // namespace net
