// Pipeline: what happens to a request between the socket and the handler, as a list.
#pragma once

#include "base/random.h"
#include "net/http_server.h"
#include "stratus/gateway/admission.h"
#include "stratus/gateway/authenticator.h"
#include "stratus/gateway/control_endpoints.h"
#include "stratus/gateway/dispatcher.h"
#include "stratus/gateway/router.h"

namespace stratus {

/// The gateway's net::Handler. Thread-safe; borrows its parts.
class Pipeline final : public net::Handler {
  public:
    Pipeline(const Router& router, Admission& admission, const Authenticator& authenticator,
             Dispatcher& dispatcher, ControlEndpoints& control, base::Random& random,
             const base::Clock& clock);

    net::Admission admit(const net::RequestHead& head) override;
    void handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) override;
    void handle_stream(net::RequestHead head, std::shared_ptr<net::BodyReader> body,
                       std::shared_ptr<net::ResponseSink> sink) override;

  private:
    using Stage = wire::Outcome<base::Unit> (Pipeline::*)(Exchange&) const;
    static const Stage stages[];

    wire::Outcome<base::Unit> find_service(Exchange& exchange) const;
    wire::Outcome<base::Unit> authenticate(Exchange& exchange) const;
    wire::Outcome<base::Unit> find_operation(Exchange& exchange) const;
    wire::Outcome<base::Unit> authorise(Exchange& exchange) const;
    wire::Outcome<base::Unit> decode_and_validate(Exchange& exchange) const;

    void begin(const ExchangePtr& exchange);
    void run(const ExchangePtr& exchange);
    net::Response refuse(const Address& address, const wire::Error& error) const;

    const Router& router_;
    Admission& admission_;
    const Authenticator& authenticator_;
    Dispatcher& dispatcher_;
    ControlEndpoints& control_;
    base::Random& random_;
    const base::Clock& clock_;
};

}  // namespace stratus
