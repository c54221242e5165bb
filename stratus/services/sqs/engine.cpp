#include "stratus/services/sqs/engine.h"

#include <future>
#include <mutex>

#include "base/encoding.h"

namespace stratus::sqs {

using base::Instant;
using base::Result;
using base::Unit;

/// Hands the sections of each record to the queues they are about.
class Engine::Replayer final : public RecordVisitor {
  public:
    explicit Replayer(Engine& engine) : engine_(engine), now_(engine.clock_.now()) {}

    Result<Unit> operator()(base::DurableLog::Position position, std::span<const std::byte> sealed) {
        const std::string bytes = TRY(engine_.journal_.unseal(base::as_text(sealed)));
        return visit_record(bytes, position, *this);
    }
    void sent(QueueId queue, StoredMessage message, Location location) override {
        if (const auto found = engine_.find(queue)) found->replay_sent(std::move(message), location, now_);
    }
    void erased(QueueId queue, MessageNumber number) override {
        if (const auto found = engine_.find(queue)) found->replay_erased(number);
    }
    void counted(QueueId queue, MessageNumber number, std::uint32_t receive_count) override {
        if (const auto found = engine_.find(queue)) found->replay_counted(number, receive_count);
    }
    void remembered(QueueId queue, RememberedSend send, Location location) override {
        if (const auto found = engine_.find(queue)) found->replay_remembered(std::move(send), location, now_);
    }

  private:
    Engine& engine_;
    const Instant now_;
};

Engine::Engine(Options options, base::Clock& clock, base::Random& random)
    : options_(std::move(options)), clock_(clock), random_(random), journal_(options_.journal_key, random) {}

/// The log goes first: its last callbacks still find their queues.
Engine::~Engine() {
    log_.reset();
}

Result<std::unique_ptr<Engine>> Engine::open(Options options, const OpenLog& open_log,
                                             const std::vector<Known>& queues, base::Clock& clock,
                                             base::Random& random) {
    std::unique_ptr<Engine> engine(new Engine(std::move(options), clock, random));
    for (const Known& known : queues) engine->add(known.id, known.rules)->purge_before(known.purged_before);
    Replayer replayer(*engine);
    engine->log_ = TRY(open_log([&](auto position, auto record) { return replayer(position, record); }));
    engine->journal_.attach(*engine->log_);
    return engine;
}

std::shared_ptr<Queue> Engine::add(QueueId id, QueueRules rules) {
    const std::lock_guard lock(queues_mutex_);
    auto& queue = queues_[id];
    if (!queue) queue = std::make_shared<Queue>(id, rules, options_.limits, journal_);
    return queue;
}

std::shared_ptr<Queue> Engine::find(QueueId id) const {
    const std::shared_lock lock(queues_mutex_);
    const auto at = queues_.find(id);
    return at == queues_.end() ? nullptr : at->second;
}

void Engine::remove(QueueId id) {
    std::shared_ptr<Queue> gone;  // destroyed with no lock held: it may be large
    const std::lock_guard lock(queues_mutex_);
    const auto at = queues_.find(id);
    if (at == queues_.end()) return;
    gone = std::move(at->second);
    queues_.erase(at);
}

std::vector<std::shared_ptr<Queue>> Engine::all() const {
    const std::shared_lock lock(queues_mutex_);
    std::vector<std::shared_ptr<Queue>> queues;
    for (const auto& [id, queue] : queues_) queues.push_back(queue);
    return queues;
}

Result<Unit> Engine::clear() {
    std::map<QueueId, std::shared_ptr<Queue>> gone;
    {
        const std::lock_guard lock(queues_mutex_);
        gone.swap(queues_);
    }
    return log_->remove_segments_before(log_->active_segment());
}

Result<ReceiveAnswer> Engine::receive(Queue& queue, ReceiveRequest request, Queue* dead_letters,
                                      const std::string& source_arn) {
    const Instant now = clock_.now();
    if (dead_letters == nullptr) {
        request.dead_letter = false;
        return queue.receive(request, now);
    }
    const std::shared_lock moving(moves_mutex_);
    request.dead_letter = true;
    ReceiveAnswer answer = TRY(queue.receive(request, now));
    if (answer.dead.empty()) return answer;
    std::vector<Removed> moved = answer.dead;
    const bool fifo = queue.rules().fifo;
    for (Removed& one : moved) {
        auto payload = std::make_shared<Payload>(*one.message.payload);
        payload->dead_letter_source = source_arn;
        one.message.payload = std::move(payload);
        if (fifo) one.message.sent = now;  // AWS: retention starts anew in a FIFO dead-letter queue only
    }
    const auto done = move(queue, *dead_letters, std::move(answer.dead), moved, now);
    answer.dead.clear();
    answer.moved_away = done.ok();
    if (!done.ok() && answer.deliveries.empty()) return done.error();
    return answer;
}

/// Puts `moved` into the target and, should the record not reach the disk, the originals back into the
/// source.
Result<Unit> Engine::move(Queue& source, Queue& target, std::vector<Removed> originals,
                          const std::vector<Removed>& moved, Instant now) {
    const auto accepted = target.accept(source.id(), moved, now);
    if (!accepted.ok()) {
        undone_moves_.fetch_add(1);
        source.put_back(std::move(originals));
        return accepted.error();
    }
    auto undo = [this, from = source.weak_from_this(), to = target.weak_from_this(),
                 accepted = accepted.value(), originals = std::move(originals)](const Result<Unit>& written) {
        if (written.ok()) return;
        undone_moves_.fetch_add(1);
        if (const auto queue = to.lock()) queue->forget_unwritten(accepted.first, accepted.last);
        if (const auto queue = from.lock()) queue->put_back(originals);
    };
    log_->when_durable(accepted.value().log_sequence, std::move(undo));
    return Unit{};
}

Result<Engine::Redriven> Engine::redrive(Queue& from, const TargetOf& target_of, std::size_t count_max) {
    const std::shared_lock moving(moves_mutex_);
    const Instant now = clock_.now();
    Redriven redriven;
    auto took = from.take_visible(count_max, now);
    if (!took.ok()) {
        undone_moves_.fetch_add(1);
        return took.take_error();
    }
    std::vector<Removed> taken = took.take();
    redriven.emptied = taken.size() < count_max;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        const auto target = target_of(*taken[i].message.payload);
        std::vector<Removed> one{taken[i]};
        auto payload = std::make_shared<Payload>(*one[0].message.payload);
        payload->message_id = random_.uuid4();
        payload->dead_letter_source.clear();
        one[0].message.payload = std::move(payload);
        one[0].message.sent = now;
        one[0].message.receive_count = 0;
        if (target) {
            const auto done = move(from, *target, {taken[i]}, one, now);
            if (done.ok()) {
                ++redriven.moved;
                continue;
            }
            undone_moves_.fetch_add(1);
            from.put_back({taken.begin() + static_cast<std::ptrdiff_t>(i) + 1, taken.end()});
            return done.error();
        }
        undone_moves_.fetch_add(1);
        from.put_back({taken.begin() + static_cast<std::ptrdiff_t>(i), taken.end()});
        redriven.stuck = true;
        redriven.emptied = false;
        break;
    }
    return redriven;
}

/// Waits until everything appended so far is settled and the callbacks of it have run.
Result<Unit> Engine::fence() {
    const auto appended = TRY(journal_.append(RecordBuilder()));
    std::promise<Result<Unit>> settled;
    log_->when_durable(appended.sequence,
                       [&](Result<Unit> written) { settled.set_value(std::move(written)); });
    return settled.get_future().get();
}

Result<bool> Engine::reclaim() {
    const std::uint64_t live = journal_.live_bytes();
    const std::uint64_t victim = log_->first_segment();
    if (victim >= log_->active_segment() || log_->bytes() < 2 * live + options_.slack_bytes) return false;
    const std::uint64_t undone_before = undone_moves_.load();
    std::vector<std::pair<std::shared_ptr<Queue>, Rewritten>> copies;
    for (const auto& queue : all()) {
        copies.emplace_back(queue, TRY(queue->rewrite_segment(victim, clock_.now())));
    }
    // A message that was between two queues was in neither: let such moves end. Those that begin now have
    // been copied.
    { const std::lock_guard still(moves_mutex_); }
    // Copies and moves must be on disk before the place they were made from goes.
    TRY(fence());
    for (const auto& [queue, rewritten] : copies) {
        for (const std::uint64_t sequence : rewritten.log_sequences) TRY(log_->wait_durable(sequence));
    }
    if (undone_moves_.load() != undone_before)
        return base::Failure{base::FailureKind::conflict, "a move was undone"};
    for (const auto& [queue, rewritten] : copies) queue->relocate(rewritten);
    TRY(log_->remove_segments_before(victim + 1));
    return true;
}

}  // namespace stratus::sqs
