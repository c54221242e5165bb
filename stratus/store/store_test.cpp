// Every service builds on what the Store promises, so both implementations run the same tests: order,
// isolation of failures, snapshots, and (for SQLite) that acknowledged means durable whatever happens to disk
// or process.
#include "stratus/store/store.h"

#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <boost/describe.hpp>
#include <gtest/gtest.h>

#include "base/files.h"
#include "stratus/store/faulty_disk.h"
#include "stratus/store/memory_store.h"
#include "stratus/store/sqlite_store.h"
#include "stratus/store/table.h"

namespace stratus {
namespace {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

Result<Unit> put(Store& store, std::string key, std::string value) {
    return store.write([&](Transaction& tx) { return tx.put("t", key, value); });
}

std::optional<std::string> get(Store& store, std::string key) {
    return store.read([&](const Snapshot& at) { return at.get("t", key); }).value();
}

std::string keys(Store& store, Range range, std::size_t limit = 100) {
    const auto entries = store.read([&](const Snapshot& at) { return at.scan("t", range, limit); });
    std::string joined;
    for (const Entry& entry : entries.value()) joined += entry.key + " ";
    return joined;
}

class StoreContract : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        if (GetParam() == "memory") {
            store_ = std::make_unique<MemoryStore>();
        } else {
            store_ = SqliteStore::open({.file = directory_.path() / "store"}).take();
        }
    }
    base::TempDirectory directory_;
    std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Both, StoreContract, testing::Values("memory", "sqlite"),
                         [](const auto& info) { return info.param; });

// The basics, with bytes that would break text handling.
TEST_P(StoreContract, KeepsAnyBytes) {
    const std::string odd("\0\xff\n'\";--", 8);
    ASSERT_TRUE(put(*store_, odd, odd).ok());
    ASSERT_TRUE(put(*store_, "", "").ok());
    EXPECT_EQ(get(*store_, odd), odd);
    EXPECT_EQ(get(*store_, ""), "");
    EXPECT_EQ(get(*store_, "absent"), std::nullopt);
}

// Listings page through ranges: each of their knobs, in both directions.
TEST_P(StoreContract, ScansRangesInOrder) {
    for (const char* key : {"b", "a", "c", "ba", "\xff\xff", "b\xff"})
        ASSERT_TRUE(put(*store_, key, "v").ok());
    EXPECT_EQ(keys(*store_, Range::all()), "a b ba b\xff c \xff\xff ");
    EXPECT_EQ(keys(*store_, Range::prefix("b")), "b ba b\xff ");
    EXPECT_EQ(keys(*store_, Range::prefix("\xff")), "\xff\xff ");
    EXPECT_EQ(keys(*store_, Range::prefix("b"), 2), "b ba ");
    EXPECT_EQ(keys(*store_, Range::prefix("b").behind("b")), "ba b\xff ");
    EXPECT_EQ(keys(*store_, Range::prefix("b").behind("a")), "b ba b\xff ");
    EXPECT_EQ(keys(*store_, Range::prefix("b").behind("c")), "");
    EXPECT_EQ(keys(*store_, Range::prefix("b").backwards()), "b\xff ba b ");
    EXPECT_EQ(keys(*store_, Range::prefix("b").behind("ba").backwards()), "b ");
    EXPECT_EQ(keys(*store_, Range::prefix("b").behind("c").backwards(), 1), "b\xff ");
    EXPECT_EQ(keys(*store_, Range::prefix("b").behind("a").backwards()), "");
}

// A refused request must leave no trace, and must not take its neighbours with it.
TEST_P(StoreContract, AFailureUndoesOnlyItself) {
    ASSERT_TRUE(put(*store_, "kept", "old").ok());
    const auto refused = store_->write([&](Transaction& tx) -> Result<Unit> {
        TRY(tx.put("t", "kept", "new"));
        TRY(tx.put("t", "extra", "x"));
        EXPECT_EQ(tx.get("t", "kept").value(), "new");  // it sees its own changes
        return Failure{FailureKind::invalid, "no"};
    });
    EXPECT_EQ(refused.error().kind, FailureKind::invalid);
    EXPECT_EQ(get(*store_, "kept"), "old");
    EXPECT_EQ(get(*store_, "extra"), std::nullopt);
}

// Many writers at once: a read-modify-write in one function must never lose an update.
TEST_P(StoreContract, WritersAreSerial) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) {
                const auto done = store_->write([&](Transaction& tx) -> Result<Unit> {
                    const auto now = TRY(tx.get("t", "n"));
                    return tx.put("t", "n", std::to_string(now ? std::stoi(*now) + 1 : 1));
                });
                EXPECT_TRUE(done.ok());
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(get(*store_, "n"), "200");
    EXPECT_EQ(store_->statistics().writes, 200u);
}

TEST_P(StoreContract, ClearForgetsEverything) {
    ASSERT_TRUE(put(*store_, "a", "1").ok());
    ASSERT_TRUE(store_->clear().ok());
    EXPECT_EQ(keys(*store_, Range::all()), "");
}

// A stray exception in a handler's function is a defect, not the end of the process nor half a change.
TEST_P(StoreContract, AThrowingReadOrWriteFails) {
    if (GetParam() == "memory") GTEST_SKIP() << "lets exceptions through";
    const auto wrote = store_->write([](Transaction& tx) -> Result<Unit> {
        std::ignore = tx.put("t", "a", "1");
        throw std::runtime_error("stray");
    });
    EXPECT_EQ(wrote.error().kind, FailureKind::internal);
    EXPECT_EQ(get(*store_, "a"), std::nullopt);
    const auto read =
        store_->read([](const Snapshot&) -> Result<Unit> { throw std::runtime_error("stray"); });
    EXPECT_EQ(read.error().kind, FailureKind::internal);
    EXPECT_TRUE(put(*store_, "a", "1").ok());
}

// A long listing must see one state although writers go on meanwhile.
TEST(SqliteStoreTest, ReadsAreSnapshots) {
    const base::TempDirectory directory;
    const auto store = SqliteStore::open({.file = directory.path() / "store"}).take();
    ASSERT_TRUE(put(*store, "a", "1").ok());
    const auto seen = store->read([&](const Snapshot& at) -> Result<std::string> {
        std::string values = *TRY(at.get("t", "a"));
        EXPECT_TRUE(put(*store, "a", "2").ok());
        values += *TRY(at.get("t", "a"));
        return values;
    });
    EXPECT_EQ(seen.value(), "11");
    EXPECT_EQ(get(*store, "a"), "2");
}

// Speed under load comes from one sync for many writers; lose that and SQS control calls crawl.
TEST(SqliteStoreTest, ConcurrentWritersShareCommits) {
    const base::TempDirectory directory;
    const auto store = SqliteStore::open({.file = directory.path() / "store"}).take();
    std::atomic<bool> go = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&, t] {
            while (!go) std::this_thread::yield();
            for (int i = 0; i < 20; ++i) EXPECT_TRUE(put(*store, std::to_string(t * 100 + i), "v").ok());
        });
    }
    // Hold the writer until all of them wait, so that at least one group is large.
    EXPECT_TRUE(store
                    ->write([&](Transaction&) -> Result<Unit> {
                        go = true;
                        std::this_thread::yield();
                        return Unit{};
                    })
                    .ok());
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(store->statistics().writes, 321u);
    EXPECT_LT(store->statistics().commits, 321u);
}

// The promise of the product: what was acknowledged survives the power going at any moment.
TEST(SqliteStoreTest, PowerLossLosesNothingAcknowledged) {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        const base::TempDirectory directory;
        const auto file = directory.path() / "store";
        FaultyDisk disk;
        std::vector<std::atomic<int>> acknowledged(4);
        {
            const auto store = SqliteStore::open({.file = file, .vfs = disk.name()}).take();
            std::vector<std::thread> writers;
            for (std::size_t t = 0; t < acknowledged.size(); ++t) {
                writers.emplace_back([&, t] {
                    const std::string padding(700, 'p');  // so that checkpoints happen too
                    for (int i = 1;; ++i) {
                        const auto key = std::to_string(t) + "/" + std::to_string(i);
                        if (!put(*store, key, padding + std::to_string(i)).ok()) return;
                        acknowledged[t] = i;
                    }
                });
            }
            while (acknowledged[seed % 4] < static_cast<int>(10 * seed)) std::this_thread::yield();
            disk.lose_power(seed);
            for (auto& writer : writers) writer.join();
        }
        std::filesystem::remove(file.string() + "-shm");  // memory, gone with the power
        const auto reopened = SqliteStore::open({.file = file}).take();
        for (std::size_t t = 0; t < acknowledged.size(); ++t) {
            for (int i = 1; i <= acknowledged[t]; ++i) {
                const auto value = get(*reopened, std::to_string(t) + "/" + std::to_string(i));
                ASSERT_TRUE(value.has_value()) << "seed " << seed << " lost " << t << "/" << i;
                ASSERT_EQ(value->substr(700), std::to_string(i));
            }
        }
    }
}

// A full disk is an everyday fault: a clear refusal, no damage, and work goes on when there is room again.
TEST(SqliteStoreTest, AFullDiskRefusesAndRecovers) {
    const base::TempDirectory directory;
    FaultyDisk disk;
    const auto store = SqliteStore::open({.file = directory.path() / "store", .vfs = disk.name()}).take();
    ASSERT_TRUE(put(*store, "before", "1").ok());
    disk.set_bytes_left(20'000);
    Result<Unit> last = Unit{};
    int written = 0;
    while (last.ok() && written < 1'000) {
        last = put(*store, "k" + std::to_string(written), std::string(5'000, 'x'));
        if (last.ok()) ++written;
    }
    ASSERT_FALSE(last.ok());
    EXPECT_EQ(last.error().kind, FailureKind::no_space) << last.error().what;
    EXPECT_EQ(get(*store, "before"), "1");
    EXPECT_EQ(get(*store, "k" + std::to_string(written)), std::nullopt);
    disk.set_bytes_left(UINT64_MAX);
    EXPECT_TRUE(put(*store, "after", "1").ok());
    EXPECT_EQ(get(*store, "after"), "1");
}

/// Writes until it is killed, telling `acknowledged` the number of each write that is durable.
[[noreturn]] void write_until_killed(const std::filesystem::path& file, std::uint32_t first,
                                     int acknowledged) {
    const auto store = SqliteStore::open({.file = file}).take();
    std::atomic<std::uint32_t> next = first;
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t) {
        writers.emplace_back([&] {
            for (;;) {
                const std::uint32_t id = next++;
                if (!put(*store, std::to_string(id), std::string(id % 5000, 'v')).ok()) _exit(1);
                std::ignore = get(*store, std::to_string(id));
                if (::write(acknowledged, &id, sizeof id) != sizeof id) _exit(1);
            }
        });
    }
    for (auto& writer : writers) writer.join();
    _exit(1);
}

// kill -9 while four threads write, again and again on the same file: each time everything that the killed
// process had been told is durable is found, also what earlier ones wrote.
TEST(SqliteStoreTest, KillLosesNothingAcknowledged) {
    const base::TempDirectory directory;
    const auto file = directory.path() / "store";
    std::vector<std::uint32_t> acknowledged;
    for (std::uint32_t round = 0; round < 12; ++round) {
        int pipe_ends[2];
        ASSERT_EQ(pipe(pipe_ends), 0);
        const pid_t child = fork();
        if (child == 0) write_until_killed(file, round * 1'000'000, pipe_ends[1]);
        close(pipe_ends[1]);
        std::uint32_t id = 0;
        for (std::uint32_t seen = 0; ::read(pipe_ends[0], &id, sizeof id) == sizeof id; ++seen) {
            acknowledged.push_back(id);
            if (seen == 20 + round * 10) kill(child, SIGKILL);
        }
        close(pipe_ends[0]);
        waitpid(child, nullptr, 0);
        if (round % 3 != 2) continue;  // closing in order would tidy up what the next process must cope with
        const auto store = SqliteStore::open({.file = file}).take();
        for (const std::uint32_t key : acknowledged) {
            ASSERT_TRUE(get(*store, std::to_string(key)).has_value()) << "round " << round << " lost " << key;
        }
    }
    EXPECT_GE(acknowledged.size(), 800u);
}

// A damaged file must be refused in words, not served.
TEST(SqliteStoreTest, GarbageIsCorrupt) {
    const base::TempDirectory directory;
    const auto file = directory.path() / "store";
    ASSERT_TRUE(base::write_file_durably(file, std::string(8192, 'g')).ok());
    const auto opened = SqliteStore::open({.file = file});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, FailureKind::corrupt);
}

// Keys decide the order of every listing; escaping mistakes would mix accounts.
TEST(Key, SortsAsItsPartsAndComesApartAgain) {
    const std::string nul("a\0", 2);
    const std::string nul_more("a\0b", 3);
    const std::vector<std::string> ordered = {
        key_of("", "z"),  key_of("a"),     key_of("a", ""), key_of("a", "b"), key_of(nul),
        key_of(nul_more), key_of("a\x01"), key_of("ab"),    key_of("b"),
    };
    EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
    EXPECT_LT(key_of("q", std::uint64_t{255}), key_of("q", std::uint64_t{256}));

    const std::string key = key_of(nul_more, std::uint64_t{7}, "");
    KeyReader reader(key);
    EXPECT_EQ(reader.text().value(), nul_more);
    EXPECT_EQ(reader.number().value(), 7u);
    EXPECT_EQ(reader.text().value(), "");
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(reader.text().error().kind, FailureKind::corrupt);
}

struct OldRecord {
    std::string name;
};
BOOST_DESCRIBE_STRUCT(OldRecord, (), (name))

struct Record {
    static constexpr int version = 2;
    using Previous = OldRecord;
    static Record migrate(const Previous& old) { return Record{.title = old.name}; }

    std::string title;
    int count = 7;
};
BOOST_DESCRIBE_STRUCT(Record, (), (title, count))

// Data directories outlive versions of the program: old records are upgraded as they are read.
TEST(TableTest, UpgradesOldRecordsAndRefusesNewerOnes) {
    MemoryStore store;
    constexpr Table<OldRecord> before{"records"};
    constexpr Table<Record> now{"records"};
    const auto wrote = store.write([&](Transaction& tx) -> Result<Unit> {
        TRY(before.put(tx, "a", OldRecord{"first"}));
        TRY(now.put(tx, "b", Record{.title = "second", .count = 1}));
        return tx.put("records", "c", "\x09{}");
    });
    ASSERT_TRUE(wrote.ok());
    const auto checked = store.read([&](const Snapshot& at) -> Result<Unit> {
        EXPECT_EQ(TRY(now.get(at, "a"))->title, "first");
        EXPECT_EQ(TRY(now.get(at, "a"))->count, 7);
        EXPECT_EQ(TRY(now.get(at, "b"))->count, 1);
        EXPECT_FALSE(TRY(now.get(at, "z")).has_value());
        EXPECT_EQ(now.get(at, "c").error().kind, FailureKind::corrupt);
        return Unit{};
    });
    EXPECT_TRUE(checked.ok());
}

}  // namespace
}  // namespace stratus
