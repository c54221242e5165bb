// wire::Error: what a client is told. Built by the generated factories (aws::<svc>::errors) and by
// common_errors.h.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/result.h"

namespace wire {

enum class Fault {
    sender,    ///< the client's to fix; trying again will not help
    receiver,  ///< ours
};

/// One error of an AWS API. A plain value. `cause` is for our log and never sent.
struct Error {
    std::string code;   ///< as the query protocol and rest-xml say it
    std::string shape;  ///< the modelled name, for JSON's __type; empty where it is the code
    std::string message;
    int http_status = 400;
    Fault fault = Fault::sender;
    std::map<std::string, std::string> members;  ///< extra modelled members, by wire name
    std::map<std::string, std::string> headers;  ///< response headers the answer also carries (S3, REST)
    std::string cause;

    Error(std::string code_text, std::string message_text, int status = 400)
        : code(std::move(code_text)),
          message(std::move(message_text)),
          http_status(status),
          fault(status >= 500 ? Fault::receiver : Fault::sender) {}

    /// A failure of the store, the disk or a peer is the cloud's fault: 503 where trying again may help, else
    /// 500. The client gets no detail; `cause` does. A handler that knows better maps the kind before it gets
    /// here.
    Error(const base::Failure& failure);  // NOLINT: implicit, so that TRY turns a Failure into an answer

    Error&& because(std::string why) && {
        cause = std::move(why);
        return std::move(*this);
    }
    Error&& with(std::string member, std::string value) && {
        members.insert_or_assign(std::move(member), std::move(value));
        return std::move(*this);
    }
    Error&& with_header(std::string name, std::string value) && {
        headers.insert_or_assign(std::move(name), std::move(value));
        return std::move(*this);
    }
    /// The name JSON protocols use.
    const std::string& type() const { return shape.empty() ? code : shape; }
};

Error to_wire(const base::Failure& failure);

template <class T>
using Outcome = base::Result<T, Error>;

}  // namespace wire
