// Dash over HTTP: pages for everybody, the read API for whoever is signed in.
#pragma once

#include <memory>

#include "base/executor.h"
#include "cubed/dash/accounts.h"
#include "cubed/dash/sessions.h"
#include "cubed/dash/static_files.h"
#include "net/http_server.h"

namespace cubed::dash {

/// Borrows accounts and sessions. Requests run on a small pool: a slow report never stops the loop.
/// Thread-safe.
class Server final : public net::Handler {
  public:
    Server(StaticFiles files, Accounts& accounts, Sessions& sessions);
    ~Server() override;

    net::Admission admit(const net::RequestHead& head) override;
    void handle(net::Request request, std::shared_ptr<net::ResponseSink> sink) override;

  private:
    net::Response answer(net::Request request);
    net::Response answer_api(const WebRequest& request);
    net::Response sign_in(const WebRequest& request);
    net::Response answer_report(Account& account, const WebRequest& request);

    const StaticFiles files_;
    Accounts& accounts_;
    Sessions& sessions_;
    base::ThreadPool pool_;
};

}  // namespace cubed::dash
