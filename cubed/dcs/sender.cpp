#include "cubed/dcs/sender.h"

#include <algorithm>

#include "aws/sqs/types.h"
#include "base/log.h"
#include "cubed/schema/envelope.h"

namespace cubed::dcs {

using base::Failure;
using base::FailureKind;
using base::Result;

namespace {

constexpr size_t batch_messages_max = 10;
/// Encoded hits in one message: a few hundred, so that a consumer's transaction has a good size.
constexpr size_t message_raw_bytes = 128 * 1024;

/// One message: its body and which of the work's items are in it.
struct Message {
    std::string body;
    size_t first = 0, count = 0;
};

std::vector<Message> pack(const Spool::Work& work) {
    std::vector<Message> messages;
    EnvelopePacker packer;
    size_t first = 0;
    const auto seal = [&](size_t end) {
        if (packer.hits() == 0) return;
        messages.push_back({packer.seal(), first, end - first});
        first = end;
    };
    for (size_t i = 0; i < work.items.size(); ++i) {
        if (packer.raw_bytes() >= message_raw_bytes) seal(i);
        if (packer.add(work.items[i].bytes)) continue;
        seal(i);
        CHECK(packer.add(work.items[i].bytes), "a hit alone fits an envelope");
    }
    seal(work.items.size());
    return messages;
}

}  // namespace

Result<std::string> SqsSink::url_of(const std::string& account) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = urls_.find(account); found != urls_.end()) return found->second;
    }
    const auto known = accounts_.find(account);
    const std::string name =
        known && !known->queue_name.empty() ? known->queue_name : main_queue_name(account);
    std::string url = TRY(queue_url(cloud_, name));
    const std::lock_guard lock(mutex_);
    return urls_[account] = url;
}

Result<std::vector<bool>> SqsSink::send(const std::string& account, std::span<const std::string> bodies) {
    aws::sqs::SendMessageBatchRequest request{.queue_url = TRY(url_of(account))};
    for (size_t i = 0; i < bodies.size(); ++i) {
        request.entries.push_back({.id = std::to_string(i), .message_body = bodies[i]});
    }
    const auto answer = cloud_.sqs().send_message_batch(request);
    if (!answer.ok()) {
        const std::lock_guard lock(mutex_);
        urls_.erase(account);
        return failure_of(answer.error());
    }
    std::vector<bool> taken(bodies.size(), false);
    for (const auto& entry : answer->successful) {
        const size_t index = std::strtoul(entry.id.c_str(), nullptr, 10);
        if (index < taken.size()) taken[index] = true;
    }
    return taken;
}

Sender::Sender(Spool& spool, MessageSink& sink, base::MetricsRegistry& metrics)
    : spool_(spool),
      sink_(sink),
      hits_(metrics.counter("dcs_delivered_hits_total", "Hits that the queues have acknowledged")),
      messages_(
          metrics.counter("dcs_delivered_messages_total", "Messages that the queues have acknowledged")),
      failures_(metrics.counter("dcs_delivery_failures_total", "Batches that a queue did not take whole")),
      thread_([this] { run(); }) {}

Sender::~Sender() {
    stop();
}

void Sender::stop() {
    spool_.stop();
    if (thread_.joinable()) thread_.join();
}

void Sender::run() {
    while (auto work = spool_.take()) deliver(std::move(*work));
}

void Sender::deliver(Spool::Work work) {
    std::vector<Message> messages = pack(work);
    Spool::Work delivered{.account = work.account};
    Spool::Work left{.account = work.account};
    const auto move_items = [&](const Message& message, Spool::Work& into) {
        const auto begin = work.items.begin() + static_cast<std::ptrdiff_t>(message.first);
        std::move(begin, begin + static_cast<std::ptrdiff_t>(message.count), std::back_inserter(into.items));
    };
    std::string cause;
    for (size_t next = 0; next < messages.size();) {
        std::vector<std::string> bodies;
        const size_t first = next;
        size_t bytes = 0;
        while (next < messages.size() && bodies.size() < batch_messages_max &&
               bytes + messages[next].body.size() <= sqs_bytes_max) {
            bytes += messages[next].body.size();
            bodies.push_back(std::move(messages[next++].body));
        }
        const auto taken = cause.empty()
                               ? sink_.send(work.account, bodies)
                               : Result<std::vector<bool>>(Failure{FailureKind::unavailable, cause});
        if (!taken.ok()) cause = taken.error().what;
        for (size_t i = first; i < next; ++i) {
            const bool ok = taken.ok() && (*taken)[i - first];
            move_items(messages[i], ok ? delivered : left);
            if (ok) messages_.add();
        }
    }
    hits_.add(delivered.items.size());
    if (!delivered.items.empty()) spool_.done(delivered);
    if (left.items.empty()) return;
    failures_.add();
    base::log_warning("dcs", "hits wait in the spool: the queue did not take them",
                      {{"account", work.account}, {"hits", left.items.size()}, {"cause", cause}});
    spool_.put_back(std::move(left));
}

}  // namespace cubed::dcs
