#include "stratus/gateway/durability_hold.h"

#include <algorithm>
#include <mutex>
#include <optional>

namespace stratus {
namespace {

/// Shared by the callbacks of one request's logs.
struct Countdown {
    std::mutex mutex;
    std::size_t left = 0;
    std::optional<base::Failure> failure;
    std::function<void(base::Result<base::Unit>)> done;

    void settle(const base::Result<base::Unit>& one) {
        {
            const std::lock_guard lock(mutex);
            if (!one.ok() && !failure) failure = one.error();
            if (--left > 0) return;
        }
        done(failure ? base::Result<base::Unit>(*failure) : base::Result<base::Unit>(base::Unit{}));
    }
};

}  // namespace

void DurabilityHold::after(base::DurableLog& log, std::uint64_t sequence) {
    waits_.push_back({&log, sequence});
}

void DurabilityHold::release(std::function<void(base::Result<base::Unit>)> done) {
    if (waits_.empty()) return done(base::Unit{});
    auto countdown = std::make_shared<Countdown>();
    countdown->left = waits_.size();
    countdown->done = std::move(done);
    // Each sequence keeps its own callback: one of a batch may have failed although a later one succeeded.
    for (const Wait& wait : waits_) {
        wait.log->when_durable(wait.sequence,
                               [countdown](base::Result<base::Unit> result) { countdown->settle(result); });
    }
    waits_.clear();
}

}  // namespace stratus
