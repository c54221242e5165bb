// Exchange: one request on its way to an answer, held until every hit in it is on disk.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/schema/hit.h"
#include "net/http_server.h"

namespace cubed::dcs {

/// What one hit is told.
struct HitAnswer {
    std::string visitor, session;
    std::vector<Reason> reasons;  ///< of a refusal, or of a hit that was taken in part
    std::string message;          ///< of a refusal; empty when the hit was taken
    int status = 200;
    bool keep_cookies = true;  ///< false: the visitor refused to be followed
};

/// `{"status": true, "vid": ..., "sid": ...}` or the failure shape.
std::string to_json(const HitAnswer& answer);
/// Of a whole array: `{"status": true, "hits": [...]}`.
std::string to_json(const std::vector<HitAnswer>& answers);

/// Counts the hits of a request that are not settled yet; the last one sends the answer. Thread-safe. The one
/// who makes it holds it too, until release().
class Exchange {
  public:
    /// `render` makes the answer once everything is stored; when something could not be, 503 goes out
    /// instead.
    using Render = std::function<net::Response()>;
    Exchange(std::shared_ptr<net::ResponseSink> sink, Render render)
        : sink_(std::move(sink)), render_(std::move(render)) {}

    void hold() { open_.fetch_add(1, std::memory_order_relaxed); }
    void release();
    /// For the spool: releases what hold() held.
    void settle(const base::Result<base::Unit>& stored);
    /// Something could not be kept: the answer will be 503.
    void fail() { failed_.store(true, std::memory_order_relaxed); }

  private:
    const std::shared_ptr<net::ResponseSink> sink_;
    const Render render_;
    std::atomic<int> open_{1};
    std::atomic<bool> failed_{false};
};

/// "Nothing was kept: try again later."
net::Response try_again_later();

}  // namespace cubed::dcs
