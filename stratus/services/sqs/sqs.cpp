// Opening, background work, and what all operations share.
#include "stratus/services/sqs/sqs.h"

#include <algorithm>

#include <fmt/core.h>

#include "aws/sqs/errors.h"
#include "base/crypto.h"
#include "base/log.h"
#include "stratus/services/sqs/codec.h"
#include "stratus/services/sqs/move_task.h"
#include "stratus/services/sqs/policy.h"
#include "wire/common_errors.h"

namespace stratus::sqs {

namespace {

namespace errors = aws::sqs::errors;
using base::Unit;
using wire::Context;
using wire::Outcome;

std::array<std::uint64_t, 2> receipt_key(const std::string& key) {
    const std::string bytes = base::hmac_sha256(key, "sqs.receipts");
    Reader reader(bytes);
    return {reader.u64(), reader.u64()};
}

constexpr std::chrono::milliseconds round_length{100};

}  // namespace

Sqs::Sqs(Options options, Services services)
    : options_(std::move(options)), at_(services), receipts_(receipt_key(options_.key)) {}

Sqs::~Sqs() {
    stop();
}

base::Result<std::unique_ptr<Sqs>> Sqs::open(Options options, Services services) {
    std::unique_ptr<Sqs> sqs(new Sqs(std::move(options), services));
    TRY(sqs->load());
    return sqs;
}

/// Queues and tasks from the store, then their messages from the log.
base::Result<Unit> Sqs::load() {
    constexpr std::size_t everything = 10'000'000;
    const auto rows = TRY(
        at_.store.read([&](const Snapshot& at) { return queue_table.scan(at, Range::all(), everything); }));
    const auto task_rows = TRY(at_.store.read(
        [&](const Snapshot& at) { return move_task_table.scan(at, Range::all(), everything); }));
    std::vector<Engine::Known> known;
    std::vector<std::pair<QueueName, QueueRecord>> found;
    for (const auto& row : rows) {
        KeyReader reader(row.key);
        QueueName name;
        name.account = TRY(reader.text());
        name.region = TRY(reader.text());
        name.name = TRY(reader.text());
        known.push_back(
            {row.record.id, settings_of(row.record.attributes, name.name).rules, row.record.purged_before});
        found.emplace_back(std::move(name), row.record);
    }
    Engine::Options engine_options{base::hmac_sha256(options_.key, "sqs.journal"), options_.limits,
                                   options_.slack_bytes};
    engine_ = TRY(Engine::open(std::move(engine_options), options_.open_log, known, at_.clock, at_.random));
    for (auto& [name, record] : found) {
        auto queue = engine_->find(record.id);
        registry_.put(make_live(std::move(name), std::move(record), std::move(queue)));
    }
    for (const auto& row : task_rows) tasks_.push_back(std::make_shared<Task>(row.record));
    return Unit{};
}

void Sqs::start() {
    worker_ = std::thread([this] {
        std::unique_lock lock(worker_mutex_);
        while (!stopping_) {
            lock.unlock();
            const bool more = work();
            lock.lock();
            if (!more) worker_wake_.wait_for(lock, round_length, [this] { return stopping_; });
        }
    });
}

void Sqs::stop() {
    {
        const std::lock_guard lock(worker_mutex_);
        stopping_ = true;
    }
    worker_wake_.notify_all();
    if (worker_.joinable()) worker_.join();
}

bool Sqs::work() {
    const auto reclaimed = engine_->reclaim();
    if (!reclaimed.ok()) base::log_warning("sqs", "log not reclaimed", {{"why", reclaimed.error().what}});
    bool more = reclaimed.ok() && reclaimed.value();
    std::vector<TaskRef> running;
    {
        const std::lock_guard lock(tasks_mutex_);
        std::copy_if(tasks_.begin(), tasks_.end(), std::back_inserter(running),
                     [](const TaskRef& task) { return task->is_active(); });
    }
    for (const TaskRef& task : running) more |= advance(*task);
    return more;
}

base::Result<Unit> Sqs::reset() {
    const std::lock_guard control(control_mutex_);
    const std::lock_guard tasks(tasks_mutex_);
    tasks_.clear();
    registry_.clear();
    return engine_->clear();
}

void Sqs::publish(base::MetricsRegistry& metrics) {
    metrics.on_render([this, &metrics] {
        const base::Instant now = at_.clock.now();
        for (const LiveQueueRef& live : registry_.all()) {
            const auto counts = live->queue->counts(now);
            const base::Labels labels{
                {"account", live->name.account}, {"region", live->name.region}, {"queue", live->name.name}};
            const auto set = [&](std::string_view name, std::string_view help, double value) {
                metrics.gauge(name, help, labels).set(value);
            };
            const double age =
                counts.oldest ? std::chrono::duration<double>(now - *counts.oldest).count() : 0.0;
            set("stratus_sqs_messages_visible", "Messages that can be received now.",
                static_cast<double>(counts.visible));
            set("stratus_sqs_messages_in_flight", "Messages with a consumer.",
                static_cast<double>(counts.in_flight));
            set("stratus_sqs_messages_delayed", "Messages not yet visible.",
                static_cast<double>(counts.delayed));
            set("stratus_sqs_oldest_message_seconds", "Age of the oldest message.", age);
        }
        metrics.gauge("stratus_sqs_log_bytes", "Size of the message log.")
            .set(static_cast<double>(engine_->log().bytes()));
        metrics.gauge("stratus_sqs_log_live_bytes", "Of it, messages that still exist.")
            .set(static_cast<double>(engine_->journal().live_bytes()));
    });
}

void Sqs::hold(const Context& ctx, std::uint64_t log_sequence) {
    if (log_sequence != 0 && ctx.hold != nullptr) ctx.hold->after(engine_->log(), log_sequence);
}

QueueName Sqs::name_in(const Context& ctx, std::string_view name) {
    return {ctx.caller.account, ctx.region, std::string(name)};
}

std::string Sqs::url_of(const Context& ctx, const QueueName& name) const {
    return fmt::format("{}://{}/{}/{}", ctx.secure ? "https" : "http", ctx.host, name.account, name.name);
}

/// The last two parts of the URL's path are account and name; host and scheme are whatever the client calls
/// us.
Outcome<LiveQueueRef> Sqs::find_queue(const Context& ctx, std::string_view url, std::string_view action) {
    const std::string_view whole = url;
    const auto scheme = url.find("://");
    const auto path = scheme == std::string_view::npos ? std::string_view::npos : url.find('/', scheme + 3);
    const auto slash = url.rfind('/');
    if (path == std::string_view::npos || slash <= path) {
        return errors::invalid_address(fmt::format("The address {} is not valid for this endpoint.", whole));
    }
    const std::string_view name = url.substr(slash + 1);
    url = url.substr(0, slash);
    const std::string_view account = url.substr(url.rfind('/') + 1);
    const auto found = registry_.find({std::string(account), ctx.region, std::string(name)});
    if (!found) {
        if (name.empty() || account.empty()) {
            return errors::invalid_address(
                fmt::format("The address {} is not valid for this endpoint.", whole));
        }
        return errors::queue_does_not_exist("The specified queue does not exist.");
    }
    if (ctx.caller.account != account && !allows(found->settings.policy, ctx.caller, action)) {
        return wire::access_denied(fmt::format("Access to the resource {} is denied.", whole));
    }
    return found;
}

}  // namespace stratus::sqs
