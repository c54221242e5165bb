// One worker: takes messages off an account's queue and commits their hits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "cubed/control/account.h"
#include "cubed/database/pool.h"
#include "cubed/dps/batch.h"
#include "cubed/dps/queue_source.h"

namespace cubed::dps {

/// The rates and lags of one account, shared by its workers.
struct AccountMetrics {
    AccountMetrics(base::MetricsRegistry& registry, const std::string& account);
    base::Counter &hits, &duplicates, &late, &messages, &quarantined, &retries, &visits, &events;
    base::Gauge &lag_seconds, &queue_depth;
    base::Histogram& batch_seconds;
};

/// What all workers share. Borrowed.
struct Tools {
    UserAgentParser& user_agents;
    const Geography& geography;
    const base::Clock& clock;
};

/// Runs in one thread of its own; several per account, on this machine or others, share a queue. A message is
/// removed only after the commit of its hits, so a crash anywhere repeats work and never loses or doubles a
/// hit. The database may go away: the worker waits for it and goes on.
class Processor {
  public:
    struct Options {
        std::size_t batch_hits = 20'000;   ///< receive on until a batch has about as many
        std::chrono::seconds poll{10};     ///< also how long a stop may take
        std::chrono::seconds refresh{10};  ///< of the configuration
        database::BackOff pauses{};
    };
    /// The account as it is now; nothing when it is gone. Asked at each refresh.
    using AccountSource = std::function<std::optional<control::Account>()>;

    Processor(AccountSource account, QueueSource& queue, database::SettingsSource client, Tools tools,
              AccountMetrics& metrics, Options options);

    /// Works until stopped.
    void run(std::stop_token stop);
    /// Takes what is on the queue until it answers empty; for tests and replays. The number of hits taken.
    base::Result<std::int64_t> drain(std::stop_token stop);

    /// Opens a message body and commits its hits, alone; for replays. Poison is a failure here, not
    /// quarantined.
    base::Result<BatchCounts> process_body(std::string_view body, std::stop_token stop);

  private:
    struct Work;
    base::Result<base::Unit> step(std::stop_token stop, std::chrono::seconds wait, bool& idle);
    base::Result<Work> receive(std::chrono::seconds wait);
    void open_message(Work& work, const QueueMessage& message) const;
    base::Result<base::Unit> commit(Work& work, std::stop_token stop);
    base::Result<base::Unit> commit_hits(std::span<const Hit> hits, std::stop_token stop);
    base::Result<BatchCounts> write_when_up(std::span<const Hit> hits, std::stop_token stop);
    base::Result<base::Unit> quarantine(const std::string& id, const std::string& body,
                                        const std::string& reason, std::stop_token stop);
    base::Result<base::Unit> ensure_ready(std::stop_token stop);
    void count(const BatchCounts& counts, std::span<const Hit> hits);

    const AccountSource account_;
    QueueSource& queue_;
    const database::SettingsSource client_;
    const Tools tools_;
    AccountMetrics& metrics_;
    const Options options_;
    std::optional<database::Connection> connection_;
    std::shared_ptr<const ClientConfiguration> configuration_;
    base::Instant refreshed_{};
    std::int64_t taken_ = 0;
};

/// Puts the quarantined messages of an account through again. Those that still fail stay, with the new
/// reason. How many went through, and how many stay.
struct Replayed {
    std::int64_t done = 0, failed = 0;
};
base::Result<Replayed> replay_quarantine(database::Connection& connection, Processor& processor,
                                         std::stop_token stop);

}  // namespace cubed::dps
