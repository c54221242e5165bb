// One HTTP/1 request being read: Beast's parser, filling our own types. Only net's .cpp files include this.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "net/message.h"

namespace net {

/// Single use, single-threaded. Feed it with put() until is_header_done(), then, eager, until is_done().
class RequestParser final : public boost::beast::http::basic_parser<true> {
  public:
    /// Borrows both: the head is filled by the first part, the body appended to by the second.
    RequestParser(RequestHead& head, std::string& body) : head_(head), body_(body) {}

    /// What the standard leaves no room for but Beast lets through; each is a way to make two servers
    /// disagree on where a request ends. Call when the header is done.
    bool is_ambiguous() const;

  private:
    using Error = boost::beast::error_code;
    using Text = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                         Error& error) override;
    void on_response_impl(int, Text, int, Error&) override {}
    void on_field_impl(boost::beast::http::field field, Text name, Text value, Error& error) override;
    void on_header_impl(Error& error) override { error = {}; }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Error& error) override { error = {}; }
    std::size_t on_body_impl(Text body, Error& error) override;
    void on_chunk_header_impl(std::uint64_t, Text, Error& error) override { error = {}; }
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error& error) override;
    void on_finish_impl(Error& error) override { error = {}; }

    RequestHead& head_;
    std::string& body_;
    int hosts_ = 0;
    bool has_transfer_encoding_ = false;
};

}  // namespace net
