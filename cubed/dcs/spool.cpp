#include "cubed/dcs/spool.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/files.h"
#include "base/log.h"
#include "cubed/schema/tlv.h"

namespace cubed::dcs {

using base::DurableLog;
using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using namespace std::chrono_literals;

namespace {

constexpr auto mark_every = 1s;

/// A record is the account's token with its length, then the encoded hit.
std::string record_of(std::string_view account, std::string_view encoded_hit) {
    std::string record;
    record.reserve(account.size() + encoded_hit.size() + 2);
    put_varint(record, account.size());
    record += account;
    record += encoded_hit;
    return record;
}

std::optional<std::pair<std::string_view, std::string_view>> split_record(std::string_view record) {
    const auto size = take_varint(record);
    if (!size || *size > record.size()) return std::nullopt;
    return std::pair(record.substr(0, *size), record.substr(*size));
}

Spool::Item item_of(DurableLog::Position position, std::string bytes) {
    return {position, static_cast<std::uint32_t>(bytes.size()), std::move(bytes)};
}

std::optional<DurableLog::Position> read_mark(const std::filesystem::path& file) {
    const auto text = base::read_file(file, 100);
    if (!text.ok()) return std::nullopt;
    DurableLog::Position mark;
    const char* end = text->data() + text->size();
    const auto segment = std::from_chars(text->data(), end, mark.segment);
    if (segment.ec != std::errc{} || segment.ptr == end) return std::nullopt;
    if (std::from_chars(segment.ptr + 1, end, mark.offset).ec != std::errc{}) return std::nullopt;
    return mark;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(Options options) {
    std::unique_ptr<Spool> spool(new Spool(std::move(options)));
    const Options& chosen = spool->options_;
    TRY(base::make_directories(chosen.directory));
    spool->sent_mark_ = read_mark(chosen.directory / "sent");
    spool->log_ = TRY(DurableLog::open({.directory = chosen.directory / "segments",
                                        .segment_bytes = chosen.segment_bytes,
                                        .bytes_max = chosen.bytes_max},
                                       [&](DurableLog::Position position, std::span<const std::byte> record) {
                                           return spool->replayed(position, base::as_text(record));
                                       }));
    if (spool->waiting_ > 0)
        base::log_info("dcs", "hits of an earlier run wait for delivery", {{"hits", spool->waiting_}});
    return spool;
}

Spool::~Spool() {
    stop();
    log_.reset();  // its last callbacks still use what is declared after it
}

Result<Unit> Spool::replayed(DurableLog::Position position, std::string_view record) {
    if (sent_mark_ && position <= *sent_mark_) return Unit{};
    const auto parts = split_record(record);
    if (!parts) return Failure{FailureKind::corrupt, "spool: a record that is no hit"};
    enqueue(parts->first, item_of(position, std::string(parts->second)));
    return Unit{};
}

Result<Unit> Spool::append(std::string_view account, std::string_view encoded_hit, Settled settled) {
    const auto appended = TRY(log_->append(record_of(account, encoded_hit)));
    log_->when_durable(appended.sequence, [this, account = std::string(account), position = appended.position,
                                           bytes = std::string(encoded_hit),
                                           settled = std::move(settled)](Result<Unit> durable) mutable {
        if (durable.ok()) enqueue(account, item_of(position, std::move(bytes)));
        settled(std::move(durable));
    });
    return Unit{};
}

void Spool::enqueue(std::string_view account, Item item) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        auto found = queues_.find(account);
        if (found == queues_.end()) found = queues_.emplace(account, Queue{}).first;
        Queue& queue = found->second;
        ++outstanding_[item.position.segment];
        newest_ = item.position;
        ++waiting_;
        if (queue.items.empty()) {
            queue.oldest = Clock::now();
            wake = true;
        }
        const size_t size = item.size;
        wake |= queue.bytes < options_.batch_bytes && queue.bytes + size >= options_.batch_bytes;
        queue.bytes += size;
        if (cached_bytes_ + size > options_.cache_bytes_max) {
            item.bytes = std::string();  // read back when its turn comes
        } else {
            cached_bytes_ += size;
        }
        queue.items.push_back(std::move(item));
    }
    if (wake) changed_.notify_one();
}

bool Spool::is_ready(const Queue& queue, Clock::time_point now) const {
    if (queue.items.empty() || queue.not_before > now) return false;
    return queue.bytes >= options_.batch_bytes || now - queue.oldest >= options_.linger;
}

Spool::Clock::time_point Spool::wake_time(Clock::time_point now) const {
    auto wake = now + 1s;
    for (const auto& [account, queue] : queues_) {
        if (queue.items.empty()) continue;
        wake = std::min(wake, std::max(queue.not_before, queue.oldest + options_.linger));
    }
    return std::max(wake, now + 1ms);
}

std::optional<Spool::Work> Spool::take() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (stopping_) return std::nullopt;
        const auto now = Clock::now();
        // The one that waits longest, so that a busy account cannot starve a quiet one.
        auto best = queues_.end();
        for (auto it = queues_.begin(); it != queues_.end(); ++it) {
            if (!is_ready(it->second, now)) continue;
            if (best == queues_.end() || it->second.oldest < best->second.oldest) best = it;
        }
        if (best == queues_.end()) {
            release_segments(lock);
            changed_.wait_until(lock, wake_time(now));
            continue;
        }
        Work work = take_from(best->first, best->second);
        lock.unlock();
        if (const auto loaded = load(work); loaded.ok()) return work;
        put_back(std::move(work));
        lock.lock();
    }
}

Spool::Work Spool::take_from(const std::string& account, Queue& queue) {
    Work work{.account = account};
    size_t bytes = 0;
    while (!queue.items.empty() && bytes < options_.batch_bytes) {
        Item& item = queue.items.front();
        cached_bytes_ -= item.bytes.size();
        queue.bytes -= item.size;
        bytes += item.size;
        work.items.push_back(std::move(item));
        queue.items.pop_front();
    }
    queue.oldest = Clock::now();
    return work;
}

Result<Unit> Spool::load(Work& work) {
    for (Item& item : work.items) {
        if (!item.bytes.empty()) continue;
        const std::string record = TRY(log_->read(item.position));
        const auto parts = split_record(record);
        if (!parts) return Failure{FailureKind::corrupt, "spool: a record that is no hit"};
        item.bytes = parts->second;
    }
    return Unit{};
}

void Spool::put_back(Work work) {
    const std::lock_guard lock(mutex_);
    Queue& queue = queues_[work.account];
    for (auto item = work.items.rbegin(); item != work.items.rend(); ++item) {
        cached_bytes_ += item->bytes.size();
        queue.bytes += item->size;
        queue.items.push_front(std::move(*item));
    }
    const auto pause = std::min<Clock::duration>(100ms * (1 << std::min(queue.failures, 9)), 30s);
    ++queue.failures;
    queue.not_before = Clock::now() + pause;
}

void Spool::done(const Work& work) {
    std::unique_lock lock(mutex_);
    queues_[work.account].failures = 0;
    for (const Item& item : work.items) {
        const auto segment = outstanding_.find(item.position.segment);
        if (segment != outstanding_.end() && --segment->second == 0) outstanding_.erase(segment);
    }
    waiting_ -= work.items.size();
    release_segments(lock);
}

/// Removes segments that hold nothing undelivered; when all is delivered, notes how far, at most once a
/// second.
void Spool::release_segments(std::unique_lock<std::mutex>& lock) {
    if (!newest_) return;
    const std::uint64_t keep = outstanding_.empty() ? newest_->segment : outstanding_.begin()->first;
    const auto now = Clock::now();
    const bool mark = outstanding_.empty() && newest_ != marked_ && now - marked_at_ >= mark_every;
    const DurableLog::Position position = *newest_;
    if (mark) {
        marked_ = position;
        marked_at_ = now;
    }
    lock.unlock();
    if (keep > log_->first_segment()) {
        const auto removed = log_->remove_segments_before(keep);
        if (!removed.ok()) base::log_warning("dcs", "spool segments stay", {{"cause", removed.error().what}});
    }
    if (mark) {
        const std::string text = std::to_string(position.segment) + ' ' + std::to_string(position.offset);
        std::ignore = base::write_file_durably(options_.directory / "sent", text);
    }
    lock.lock();
}

void Spool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
}

std::size_t Spool::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

}  // namespace cubed::dcs
