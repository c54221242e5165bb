#include "base/durable_log.h"

#include <atomic>
#include <fcntl.h>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/files.h"
#include "base/log_files.h"
#include "base/random.h"

namespace base {
namespace {

using Records = std::vector<std::string>;

struct Opened {
    std::unique_ptr<DurableLog> log;
    Records records;
    std::vector<DurableLog::Position> positions;
};

Result<Opened> open_log(DurableLog::Options options,
                        std::unique_ptr<LogFiles> files = std::make_unique<LogFiles>()) {
    Opened opened;
    const auto replay = [&](DurableLog::Position at, std::span<const std::byte> record) -> Result<Unit> {
        opened.records.emplace_back(as_text(record));
        opened.positions.push_back(at);
        return Unit{};
    };
    opened.log = TRY(open_durable_log(std::move(options), replay, std::move(files)));
    return opened;
}

std::filesystem::path last_segment(const std::filesystem::path& directory) {
    std::filesystem::path last;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        last = std::max(last, entry.path());
    return last;
}

/// A disk that is full after some bytes, or that refuses to sync, and can be told to recover.
class FaultyFiles final : public LogFiles {
  public:
    struct Faults {
        std::atomic<std::int64_t> bytes_left{INT64_MAX};
        std::atomic<bool> sync_fails{false};
        std::atomic<bool> truncate_fails{false};
    };
    explicit FaultyFiles(Faults& faults) : faults_(faults) {}

    Result<Unit> write_at(int descriptor, std::string_view bytes, std::uint64_t offset) override {
        const std::int64_t left = faults_.bytes_left;
        const auto fits = std::min<std::int64_t>(left, static_cast<std::int64_t>(bytes.size()));
        faults_.bytes_left -= fits;
        TRY(LogFiles::write_at(descriptor, bytes.substr(0, static_cast<std::size_t>(fits)), offset));
        if (fits < static_cast<std::int64_t>(bytes.size()))
            return Failure{FailureKind::no_space, "disk full"};
        return Unit{};
    }
    Result<Unit> sync(int descriptor) override {
        if (faults_.sync_fails) return Failure{FailureKind::internal, "I/O error"};
        return LogFiles::sync(descriptor);
    }
    Result<Unit> truncate(int descriptor, std::uint64_t size) override {
        if (faults_.truncate_fails) return Failure{FailureKind::internal, "I/O error"};
        return LogFiles::truncate(descriptor, size);
    }

  private:
    Faults& faults_;
};

// The contract: what was acknowledged is there after a restart, in order, at the same positions.
TEST(DurableLog, ReplaysWhatWasAppended) {
    const TempDirectory directory;
    SeededRandom random(3);
    Records written;
    std::vector<DurableLog::Position> positions;
    {
        const auto log = open_log({.directory = directory.path(), .segment_bytes = 2000}).take().log;
        std::uint64_t last = 0;
        for (int i = 0; i < 200; ++i) {
            written.push_back(random.bytes(1 + random.below(300)));
            const auto appended = log->append(written.back()).take();
            EXPECT_EQ(appended.sequence, static_cast<std::uint64_t>(i) + 1);
            EXPECT_EQ(log->read(appended.position).value(), written.back())
                << "readable before it is durable";
            positions.push_back(appended.position);
            last = appended.sequence;
        }
        ASSERT_TRUE(log->wait_durable(last).ok());
        EXPECT_EQ(log->durable_sequence(), last);
        EXPECT_GT(log->active_segment(), 5u);
    }
    const Opened again = open_log({.directory = directory.path(), .segment_bytes = 2000}).take();
    EXPECT_EQ(again.records, written);
    EXPECT_EQ(again.positions, positions);
    for (std::size_t i = 0; i < written.size(); ++i)
        EXPECT_EQ(again.log->read(positions[i]).value(), written[i]);
    EXPECT_GE(again.log->append("next").value().position, positions.back());
}

// Power can go at any byte. Whatever prefix of the last write reached the disk, replay yields a prefix of the
// records, and the log goes on from there.
TEST(DurableLog, ACutAtAnyByteLeavesAPrefix) {
    const TempDirectory directory;
    const Records written = {"first", std::string(40, 'x'), "third", "the last one"};
    {
        const auto log = open_log({.directory = directory.path()}).take().log;
        for (const std::string& record : written) ASSERT_TRUE(log->append(record).ok());
    }
    const std::string whole = read_file(last_segment(directory.path())).take();
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        for (const std::string& garbage : {std::string(), std::string("\x01"), std::string(24, '\0')}) {
            const TempDirectory copy;
            const std::string torn = whole.substr(0, size) + garbage;
            ASSERT_TRUE(write_file_durably(copy.path() / "00000000000000000001.log", torn).ok());
            auto opened = open_log({.directory = copy.path()}).take();
            ASSERT_LE(opened.records.size(), written.size());
            EXPECT_TRUE(std::equal(opened.records.begin(), opened.records.end(), written.begin())) << size;
            const bool all = opened.records.size() == written.size();
            EXPECT_TRUE(all || size < whole.size());
            if (size % 8 != 0) continue;  // going on costs real fsyncs; some of the cuts are enough
            const auto appended = opened.log->append("after").take();
            ASSERT_TRUE(opened.log->wait_durable(appended.sequence).ok());
            opened.log.reset();
            EXPECT_EQ(open_log({.directory = copy.path()}).value().records.back(), "after");
        }
    }
}

// A flipped bit in acknowledged data must stop the start, not silently drop the rest of the log.
TEST(DurableLog, DamageToAcknowledgedRecordsIsNotATornTail) {
    const TempDirectory directory;
    {
        const auto log = open_log({.directory = directory.path()}).take().log;
        for (int i = 0; i < 5; ++i) {
            ASSERT_TRUE(log->wait_durable(log->append(std::string(30, 'a')).value().sequence).ok());
        }
    }
    const auto path = last_segment(directory.path());
    const std::string whole = read_file(path).take();
    for (const std::size_t at : {3ul, 20ul, 50ul, 120ul, 150ul}) {
        std::string damaged = whole;
        damaged[at] ^= 4;
        ASSERT_TRUE(write_file_durably(path, damaged).ok());
        const auto opened = open_log({.directory = directory.path()});
        ASSERT_FALSE(opened.ok()) << at;
        EXPECT_EQ(opened.error().kind, FailureKind::corrupt);
    }
}

// A disk that fills up: those waiting are told, nothing half-written survives, and when there is room again
// the log goes on without a restart.
TEST(DurableLog, AFullDiskFailsTheGroupAndTheLogGoesOn) {
    for (const std::int64_t room : {0, 5, 10, 16, 20, 100, 2000}) {
        const TempDirectory directory;
        FaultyFiles::Faults faults;
        Records acknowledged;
        {
            const auto log = open_log({.directory = directory.path(), .segment_bytes = 4000},
                                      std::make_unique<FaultyFiles>(faults))
                                 .take()
                                 .log;
            const auto put = [&](const std::string& record) {
                const auto appended = log->append(record).take();
                const bool good = log->wait_durable(appended.sequence).ok();
                if (good) {
                    acknowledged.push_back(record);
                    EXPECT_EQ(log->read(appended.position).value(), record);
                }
                return good;
            };
            ASSERT_TRUE(put("before"));
            faults.bytes_left = room;
            int refused = 0;
            for (int i = 0; i < 40; ++i)
                refused += put(std::string(200, static_cast<char>('a' + i % 26))) ? 0 : 1;
            EXPECT_GT(refused, 20);
            faults.bytes_left = INT64_MAX;
            EXPECT_TRUE(put("after"));
            faults.sync_fails = true;
            EXPECT_FALSE(put("unsynced"));
            faults.sync_fails = false;
            EXPECT_TRUE(put("synced"));
        }
        EXPECT_EQ(open_log({.directory = directory.path()}).value().records, acknowledged) << room;
        EXPECT_LT(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 8);
    }
}

// When even undoing the failed write fails, nothing may be acknowledged until it has been undone.
TEST(DurableLog, AFailedCutIsTriedAgain) {
    const TempDirectory directory;
    FaultyFiles::Faults faults;
    {
        const auto log =
            open_log({.directory = directory.path()}, std::make_unique<FaultyFiles>(faults)).take().log;
        const auto put = [&](std::string_view record) {
            return log->wait_durable(log->append(record).value().sequence).ok();
        };
        ASSERT_TRUE(put("one"));
        faults.bytes_left = 18;
        faults.truncate_fails = true;
        EXPECT_FALSE(put("lost"));
        faults.bytes_left = INT64_MAX;
        EXPECT_FALSE(put("still lost"));
        faults.truncate_fails = false;
        EXPECT_TRUE(put("two"));
    }
    EXPECT_EQ(open_log({.directory = directory.path()}).value().records, (Records{"one", "two"}));
}

// Consumers advance and release space; what they still need and what is being written must stay.
TEST(DurableLog, RemovesOldSegmentsAndHonoursItsLimit) {
    const TempDirectory directory;
    const auto log =
        open_log({.directory = directory.path(), .segment_bytes = 1000, .bytes_max = 5000}).take().log;
    std::vector<DurableLog::Appended> kept;
    for (;;) {
        auto appended = log->append(std::string(150, 'r'));
        if (!appended.ok()) {
            EXPECT_EQ(appended.error().kind, FailureKind::no_space);
            break;
        }
        kept.push_back(appended.take());
        ASSERT_LT(kept.size(), 100u);
    }
    ASSERT_TRUE(log->wait_durable(kept.back().sequence).ok());
    EXPECT_LE(log->bytes(), 5000u);
    ASSERT_TRUE(log->remove_segments_before(kept.back().position.segment).ok());
    EXPECT_EQ(log->first_segment(), kept.back().position.segment);
    EXPECT_FALSE(log->read(kept.front().position).ok());
    EXPECT_TRUE(log->read(kept.back().position).ok());
    ASSERT_TRUE(log->remove_segments_before(UINT64_MAX).ok());
    EXPECT_TRUE(log->read(kept.back().position).ok()) << "the active segment stays";
    EXPECT_TRUE(log->append("room again").ok());
    EXPECT_EQ(log->append("").error().kind, FailureKind::invalid);
    EXPECT_EQ(log->append(std::string(2000, 'x')).error().kind, FailureKind::invalid);
}

// Many writers share groups; every one of them is told exactly once, in order, and every record is kept.
TEST(DurableLog, ConcurrentWritersAreAllToldOnce) {
    const TempDirectory directory;
    constexpr int writers = 4, each = 500;
    std::mutex mutex;
    std::vector<std::uint64_t> told;
    {
        const auto log = open_log({.directory = directory.path(), .segment_bytes = 20'000}).take().log;
        std::vector<std::thread> threads;
        for (int w = 0; w < writers; ++w) {
            threads.emplace_back([&, w] {
                for (int i = 0; i < each; ++i) {
                    const auto appended = log->append(std::to_string(w) + ":" + std::to_string(i)).take();
                    log->when_durable(appended.sequence, [&, appended](const Result<Unit>& outcome) {
                        ASSERT_TRUE(outcome.ok());
                        const std::lock_guard lock(mutex);
                        told.push_back(appended.sequence);
                    });
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    EXPECT_EQ(told.size(), static_cast<std::size_t>(writers * each));
    EXPECT_EQ(std::set<std::uint64_t>(told.begin(), told.end()).size(), told.size());
    EXPECT_EQ(open_log({.directory = directory.path()}).value().records.size(), told.size());
}

}  // namespace
}  // namespace base
