#include "cubed/dps/processor.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/log.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cubed/schema/envelope.h"

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using database::Connection;

/// A batch on its way: hits, what could not be read, and the messages that may be removed once both are
/// stored.
struct Processor::Work {
    struct Poison {
        std::string id, body, reason;
    };
    std::vector<QueueMessage> messages;
    std::vector<Hit> hits;
    std::vector<Poison> poison;
};

AccountMetrics::AccountMetrics(base::MetricsRegistry& registry, const std::string& account)
    : hits(registry.counter("cubed_dps_hits_total", "Hits committed", {{"account", account}})),
      duplicates(
          registry.counter("cubed_dps_duplicate_hits_total", "Hits taken before", {{"account", account}})),
      late(registry.counter("cubed_dps_late_hits_total", "Hits older than accepted", {{"account", account}})),
      messages(registry.counter("cubed_dps_messages_total", "Messages removed", {{"account", account}})),
      quarantined(
          registry.counter("cubed_dps_quarantined_total", "Poison set aside", {{"account", account}})),
      retries(registry.counter("cubed_dps_retries_total", "Batches tried again", {{"account", account}})),
      visits(registry.counter("cubed_dps_visits_total", "Visits begun", {{"account", account}})),
      events(registry.counter("cubed_dps_events_total", "Events stored", {{"account", account}})),
      lag_seconds(registry.gauge("cubed_dps_lag_seconds",
                                 "Collector to commit, of the last batch's oldest hit",
                                 {{"account", account}})),
      queue_depth(
          registry.gauge("cubed_dps_queue_messages", "Messages on the queue", {{"account", account}})),
      batch_seconds(registry.histogram("cubed_dps_batch_seconds", "One batch, begin to commit",
                                       {{"account", account}})) {}

Processor::Processor(AccountSource account, QueueSource& queue, database::SettingsSource client, Tools tools,
                     AccountMetrics& metrics, Options options)
    : account_(std::move(account)),
      queue_(queue),
      client_(std::move(client)),
      tools_(tools),
      metrics_(metrics),
      options_(options) {}

static void pause(std::stop_token stop, std::chrono::milliseconds time) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, time, [] { return false; });
}

/// Connected, with a configuration that is not too old. `not_found` when the account is gone or off.
Result<Unit> Processor::ensure_ready(std::stop_token stop) {
    if (!connection_ || !connection_->usable()) {
        configuration_.reset();
        connection_.reset();
        connection_ = TRY(database::connect_when_up(client_, stop, options_.pauses));
        // The planner knows nothing of the arrays a batch brings; each look-up is by an index, whatever the
        // statistics of a young table say.
        TRY(connection_->execute(
            "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"));
    }
    const base::Instant now = tools_.clock.now();
    if (configuration_ && now - refreshed_ < options_.refresh) return Unit{};
    const auto account = account_();
    if (!account) return Failure{FailureKind::not_found, "the account is gone"};
    configuration_ = TRY(load_configuration(*connection_, *account));
    refreshed_ = now;
    return Unit{};
}

void Processor::open_message(Work& work, const QueueMessage& message) const {
    auto items = open_envelope_items(message.body);
    if (!items.ok()) {
        work.poison.push_back({message.id, message.body, items.error().what});
        return;
    }
    for (std::size_t i = 0; i < items->size(); ++i) {
        auto hit = decode_hit((*items)[i]);
        std::string reason;
        if (!hit.ok()) {
            reason = hit.error().what;
        } else if (hit->account != configuration_->account.token) {
            reason = "a hit of another account";
        } else {
            work.hits.push_back(hit.take());
            continue;
        }
        work.poison.push_back({message.id + "#" + std::to_string(i), std::move((*items)[i]), reason});
    }
}

Result<Processor::Work> Processor::receive(std::chrono::seconds wait) {
    Work work;
    while (work.hits.size() < options_.batch_hits && work.poison.size() < 100) {
        auto messages = queue_.receive(work.messages.empty() ? wait : std::chrono::seconds(0));
        if (!messages.ok()) {
            if (work.messages.empty()) return messages.take_error();
            break;  // what is here is worth committing; the next receive will say what is wrong
        }
        if (messages->empty()) break;
        for (QueueMessage& message : *messages) {
            open_message(work, message);
            message.body.clear();
            work.messages.push_back(std::move(message));
        }
    }
    return work;
}

/// Writes, waiting for a database that is away, until the outcome is known. A batch whose outcome is unknown
/// is written again: the ledger tells what was taken.
Result<BatchCounts> Processor::write_when_up(std::span<const Hit> hits, std::stop_token stop) {
    auto wait = options_.pauses.first;
    for (int conflicts = 0;;) {
        if (const auto ready = ensure_ready(stop); !ready.ok()) {
            // The connection may have died while it lay idle: what was received must not wait for SQS to give
            // it out again.
            if (ready.error().kind != FailureKind::unavailable || stop.stop_requested()) return ready.error();
            pause(stop, wait);
            wait = std::min(wait * 2, options_.pauses.longest);
            continue;
        }
        const auto begun = std::chrono::steady_clock::now();
        auto written = write_batch(*connection_, *configuration_, tools_.user_agents, tools_.geography, hits);
        if (written.ok()) {
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
            metrics_.batch_seconds.observe(took.count());
            count(*written, hits);
            return written;
        }
        const FailureKind kind = written.error().kind;
        const bool again = kind == FailureKind::unavailable || kind == FailureKind::timed_out ||
                           kind == FailureKind::no_space ||
                           (kind == FailureKind::conflict && ++conflicts < 20) || !connection_->usable();
        if (!again) return written;
        metrics_.retries.add();
        // A conflict may be with the configuration (a pattern or event that is gone): read it anew.
        configuration_.reset();
        base::log_warning("dps", "batch is tried again",
                          {{"hits", hits.size()}, {"reason", written.error().what}});
        pause(stop, wait);
        wait = std::min(wait * 2, options_.pauses.longest);
        if (stop.stop_requested())
            return Failure{FailureKind::unavailable, "stopped before the batch was committed"};
    }
}

void Processor::count(const BatchCounts& counts, std::span<const Hit> hits) {
    taken_ += counts.hits;
    metrics_.hits.add(std::uint64_t(counts.hits));
    metrics_.duplicates.add(std::uint64_t(counts.duplicates));
    metrics_.late.add(std::uint64_t(counts.late));
    metrics_.visits.add(std::uint64_t(counts.visits));
    metrics_.events.add(std::uint64_t(counts.events));
    if (hits.empty()) return;
    const auto oldest = std::ranges::min_element(hits, {}, &Hit::collector_time)->collector_time;
    metrics_.lag_seconds.set(std::chrono::duration<double>(tools_.clock.now() - oldest).count());
}

/// Hits that the database cannot take for what they are must not hold up the rest: halve until they stand
/// alone, then set them aside.
Result<Unit> Processor::commit_hits(std::span<const Hit> hits, std::stop_token stop) {
    if (hits.empty()) return Unit{};
    auto written = write_when_up(hits, stop);
    if (written.ok()) return Unit{};
    const FailureKind kind = written.error().kind;
    const bool of_the_data = kind == FailureKind::invalid || kind == FailureKind::internal ||
                             kind == FailureKind::conflict || kind == FailureKind::corrupt;
    if (!of_the_data || stop.stop_requested()) return written.take_error();
    if (hits.size() == 1) {
        return quarantine("hit " + hits[0].id, encode_hit(hits[0]), written.error().what, stop);
    }
    TRY(commit_hits(hits.first(hits.size() / 2), stop));
    return commit_hits(hits.subspan(hits.size() / 2), stop);
}

Result<Unit> Processor::quarantine(const std::string& id, const std::string& body, const std::string& reason,
                                   std::stop_token stop) {
    while (!stop.stop_requested()) {
        TRY(ensure_ready(stop));
        auto kept = connection_->query(
            "INSERT INTO attrib_quarantine AS q (message_id, body, reason) VALUES ($1, $2, $3) ON CONFLICT "
            "(message_id) "
            "DO UPDATE SET attempts = q.attempts + 1, reason = excluded.reason",
            id, database::Bytes{body}, column_text(reason, 500));
        if (kept.ok()) {
            metrics_.quarantined.add();
            base::log_warning("dps", "poison is set aside",
                              {{"account", configuration_->account.token}, {"id", id}, {"reason", reason}});
            return Unit{};
        }
        if (connection_->usable() && kept.error().kind != FailureKind::unavailable) return kept.take_error();
    }
    return Failure{FailureKind::unavailable, "stopped"};
}

Result<Unit> Processor::commit(Work& work, std::stop_token stop) {
    TRY(commit_hits(work.hits, stop));
    for (const Work::Poison& poison : work.poison)
        TRY(quarantine(poison.id, poison.body, poison.reason, stop));
    // Only now, with everything stored, may the queue forget.
    auto removed = queue_.remove(work.messages);
    if (!removed.ok()) {
        base::log_warning("dps", "messages will come again", {{"reason", removed.error().what}});
        return Unit{};
    }
    metrics_.messages.add(work.messages.size());
    return Unit{};
}

Result<Unit> Processor::step(std::stop_token stop, std::chrono::seconds wait, bool& idle) {
    TRY(ensure_ready(stop));
    const control::Account& account = configuration_->account;
    if (!account.active || account.maintenance) {
        idle = true;
        pause(stop, options_.refresh);
        return Unit{};
    }
    Work work = TRY(receive(wait));
    idle = work.messages.empty();
    if (idle) return Unit{};
    return commit(work, stop);
}

void Processor::run(std::stop_token stop) {
    auto wait = options_.pauses.first;
    while (!stop.stop_requested()) {
        bool idle = false;
        auto stepped = step(stop, options_.poll, idle);
        if (stepped.ok()) {
            wait = options_.pauses.first;
            continue;
        }
        if (stop.stop_requested()) break;
        base::log_warning("dps", "worker waits and goes on", {{"reason", stepped.error().what}});
        pause(stop, wait);
        wait = std::min(wait * 2, options_.pauses.longest);
    }
}

Result<std::int64_t> Processor::drain(std::stop_token stop) {
    taken_ = 0;
    for (bool idle = false; !idle && !stop.stop_requested();) TRY(step(stop, std::chrono::seconds(0), idle));
    return taken_;
}

Result<BatchCounts> Processor::process_body(std::string_view body, std::stop_token stop) {
    TRY(ensure_ready(stop));
    Work work;
    if (open_envelope_items(body).ok()) {
        open_message(work, {.id = "replay", .receipt = "", .body = std::string(body)});
    } else {
        // A single hit that was set aside alone.
        auto hit = TRY(decode_hit(body));
        if (hit.account != configuration_->account.token) {
            return Failure{FailureKind::invalid, "a hit of another account"};
        }
        work.hits.push_back(std::move(hit));
    }
    if (!work.poison.empty()) return Failure{FailureKind::corrupt, work.poison.front().reason};
    return write_when_up(work.hits, stop);
}

Result<Replayed> replay_quarantine(Connection& connection, Processor& processor, std::stop_token stop) {
    const auto rows = TRY(connection.query(
        "SELECT id, body FROM attrib_quarantine WHERE replayed IS NULL ORDER BY id LIMIT 10000"));
    Replayed replayed;
    for (std::size_t row = 0; row < rows.size() && !stop.stop_requested(); ++row) {
        auto taken = processor.process_body(rows.bytes(row, 1), stop);
        if (taken.ok()) {
            TRY(connection.query("UPDATE attrib_quarantine SET replayed = now() WHERE id = $1",
                                 rows.integer(row, 0)));
            ++replayed.done;
        } else {
            TRY(connection.query(
                "UPDATE attrib_quarantine SET attempts = attempts + 1, reason = $2 WHERE id = $1",
                rows.integer(row, 0), column_text(taken.error().what, 500)));
            ++replayed.failed;
        }
    }
    return replayed;
}

}  // namespace cubed::dps
