// MemoryLog: the DurableLog's contract without a disk, for tests that choose when writes land, fail or are
// lost.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/durable_log.h"

namespace stratus::sqs {

/// Thread-safe. Writes settle at once, or, with `hold` set, at settle(). The records outlive the log object,
/// so that a test can open the next one over any prefix of them.
class MemoryLog final : public base::DurableLog {
  public:
    struct Record {
        Position position;
        std::string bytes;
    };
    using Records = std::vector<Record>;

    /// Replays the first `count` of the records, then goes on behind them.
    static base::Result<std::unique_ptr<base::DurableLog>> open(Records& records, std::size_t count,
                                                                std::uint64_t segment_bytes,
                                                                const Replay& replay) {
        records.resize(count);
        auto log = std::make_unique<MemoryLog>(records, segment_bytes);
        for (const Record& record : records) {
            TRY(replay(record.position, std::as_bytes(std::span(record.bytes))));
        }
        return std::unique_ptr<base::DurableLog>(std::move(log));
    }

    MemoryLog(Records& records, std::uint64_t segment_bytes)
        : records_(records), segment_bytes_(segment_bytes) {
        if (!records.empty()) {
            first_segment_ = records.front().position.segment;
            next_ = {records.back().position.segment + 1, 0};
        }
    }

    void hold() { holding_ = true; }
    /// Settles all that is waiting, with this result; failed records are cut out.
    void settle(const base::Result<base::Unit>& result) {
        std::vector<std::pair<std::uint64_t, Callback>> ready;
        {
            const std::lock_guard lock(mutex_);
            if (!result.ok())
                records_.resize(records_.size() - static_cast<std::size_t>(sequence_ - durable_));
            durable_ = sequence_;
            ready.swap(waiting_);
        }
        for (auto& [sequence, callback] : ready) callback(result);
    }

    base::Result<Appended> append(std::span<const std::byte> record) override {
        const std::lock_guard lock(mutex_);
        if (fail_appends) return base::Failure{base::FailureKind::no_space, "the test's disk is full"};
        if (next_.offset >= segment_bytes_) next_ = {next_.segment + 1, 0};
        const Position position = next_;
        records_.push_back(
            {position, std::string(reinterpret_cast<const char*>(record.data()), record.size())});
        next_.offset += static_cast<std::uint32_t>(record.size()) + 1;
        ++sequence_;
        if (!holding_) durable_ = sequence_;
        return Appended{sequence_, position};
    }
    using DurableLog::append;
    std::uint64_t durable_sequence() const override { return durable_; }
    base::Result<base::Unit> wait_durable(std::uint64_t) override { return base::Unit{}; }
    void when_durable(std::uint64_t sequence, Callback callback) override {
        {
            const std::lock_guard lock(mutex_);
            if (sequence > durable_) {
                waiting_.emplace_back(sequence, std::move(callback));
                return;
            }
        }
        callback(base::Unit{});
    }
    base::Result<std::string> read(Position position) override {
        const std::lock_guard lock(mutex_);
        for (const Record& record : records_) {
            if (record.position == position) return record.bytes;
        }
        return base::Failure{base::FailureKind::not_found, "no such record"};
    }
    base::Result<base::Unit> remove_segments_before(std::uint64_t segment) override {
        const std::lock_guard lock(mutex_);
        std::erase_if(records_, [&](const Record& one) { return one.position.segment < segment; });
        first_segment_ = std::max(first_segment_, std::min(segment, next_.segment));
        return base::Unit{};
    }
    std::uint64_t first_segment() const override { return first_segment_; }
    std::uint64_t active_segment() const override { return next_.segment; }
    std::uint64_t bytes() const override {
        const std::lock_guard lock(mutex_);
        std::uint64_t total = 0;
        for (const Record& record : records_) total += record.bytes.size();
        return total;
    }

    bool fail_appends = false;

  private:
    mutable std::mutex mutex_;
    Records& records_;
    const std::uint64_t segment_bytes_;
    Position next_;
    std::uint64_t first_segment_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t durable_ = 0;
    bool holding_ = false;
    std::vector<std::pair<std::uint64_t, Callback>> waiting_;
};

}  // namespace stratus::sqs
