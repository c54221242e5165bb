// The demo shop: a site of a client, with the tag on every page. Its own listener, as a client's site has.
#pragma once

#include <memory>
#include <string>

#include "cubed/dash/static_files.h"
#include "net/http_server.h"

namespace cubed::dash {

class Shop final : public net::Handler {
  public:
    /// `collector`: the DCS as the visitor's browser reaches it; `account`: whose tag it carries.
    Shop(StaticFiles files, std::string collector, std::string account)
        : files_(std::move(files)), collector_(std::move(collector)), account_(std::move(account)) {}

    net::Admission admit(const net::RequestHead& head) override;
    void handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) override;

  private:
    const StaticFiles files_;
    const std::string collector_, account_;
};

}  // namespace cubed::dash
