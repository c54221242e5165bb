#include "stratus/store/sqlite_store.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <thread>

#include "stratus/store/sqlite_connection.h"

namespace stratus {
namespace {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

/// One function that waits to be committed. Lives on the stack of the thread that waits.
struct Job {
    const std::function<bool(Transaction&)>* body;
    std::promise<Result<Unit>> done;
    bool keeps = false;
};

/// Runs one function in its savepoint. An error means that the whole group's transaction is gone.
Result<Unit> run_in_savepoint(SqliteConnection& connection, Job& job) {
    TRY(connection.execute("SAVEPOINT one"));
    try {
        job.keeps = (*job.body)(connection);
    } catch (const std::exception&) {
        job.keeps = false;  // run_write's caller sees no result and reports it
    }
    if (!connection.in_transaction()) return Failure{FailureKind::no_space, "store: the disk is full"};
    if (!job.keeps) TRY(connection.execute("ROLLBACK TO one"));
    return connection.execute("RELEASE one");
}

Result<std::uint64_t> run_group(SqliteConnection& connection, const std::vector<Job*>& group) {
    TRY(connection.execute("BEGIN IMMEDIATE"));
    std::uint64_t kept = 0;
    for (Job* job : group) {
        TRY(run_in_savepoint(connection, *job));
        kept += job->keeps ? 1 : 0;
    }
    TRY(connection.execute(kept > 0 ? "COMMIT" : "ROLLBACK"));
    return kept;
}

}  // namespace

struct SqliteStore::State {
    Options options;
    std::unique_ptr<SqliteConnection> writer;

    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<Job*> waiting;
    bool stopping = false;

    std::mutex readers_mutex;
    std::condition_variable reader_free;
    std::vector<std::unique_ptr<SqliteConnection>> readers_free;
    std::size_t readers_open = 0;

    std::atomic<std::uint64_t> writes = 0;
    std::atomic<std::uint64_t> commits = 0;
    std::thread thread;

    void write_forever();
    void commit(const std::vector<Job*>& group);
    Result<std::unique_ptr<SqliteConnection>> take_reader();
    void give_reader(std::unique_ptr<SqliteConnection> reader);
};

void SqliteStore::State::write_forever() {
    std::vector<Job*> group;
    for (;;) {
        {
            std::unique_lock lock(mutex);
            arrived.wait(lock, [&] { return stopping || !waiting.empty(); });
            if (waiting.empty()) return;
            while (!waiting.empty() && group.size() < options.group_max) {
                group.push_back(waiting.front());
                waiting.pop_front();
            }
        }
        commit(group);
        group.clear();
    }
}

void SqliteStore::State::commit(const std::vector<Job*>& group) {
    auto kept = run_group(*writer, group);
    // A function that kept nothing may still have seen what an earlier one of a failed group wrote, so the
    // failure goes to all of them.
    if (!kept.ok() && writer->in_transaction()) std::ignore = writer->execute("ROLLBACK");
    if (kept.ok() && *kept > 0) {
        writes += *kept;
        ++commits;
    }
    for (Job* job : group) job->done.set_value(kept.ok() ? Result<Unit>(Unit{}) : Result<Unit>(kept.error()));
}

Result<std::unique_ptr<SqliteConnection>> SqliteStore::State::take_reader() {
    {
        std::unique_lock lock(readers_mutex);
        reader_free.wait(lock, [&] { return !readers_free.empty() || readers_open < options.readers; });
        if (!readers_free.empty()) {
            auto reader = std::move(readers_free.back());
            readers_free.pop_back();
            return reader;
        }
        ++readers_open;
    }
    auto opened = SqliteConnection::open(options.file, SqliteMode::reader, options.vfs);
    if (!opened.ok()) give_reader(nullptr);
    return opened;
}

void SqliteStore::State::give_reader(std::unique_ptr<SqliteConnection> reader) {
    {
        const std::lock_guard lock(readers_mutex);
        if (reader) {
            readers_free.push_back(std::move(reader));
        } else {
            --readers_open;
        }
    }
    reader_free.notify_one();
}

SqliteStore::SqliteStore(std::unique_ptr<State> state) : state_(std::move(state)) {
    state_->thread = std::thread([state = state_.get()] { state->write_forever(); });
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(Options options) {
    auto state = std::make_unique<State>();
    state->writer = TRY(SqliteConnection::open(options.file, SqliteMode::writer, options.vfs));
    state->options = std::move(options);
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(state)));
}

SqliteStore::~SqliteStore() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->arrived.notify_all();
    state_->thread.join();
}

Result<Unit> SqliteStore::run_write(const std::function<bool(Transaction&)>& body) {
    CHECK(std::this_thread::get_id() != state_->thread.get_id(), "write() inside write() waits for itself");
    Job job{.body = &body};
    auto done = job.done.get_future();
    {
        const std::lock_guard lock(state_->mutex);
        state_->waiting.push_back(&job);
    }
    state_->arrived.notify_one();
    return done.get();
}

Result<Unit> SqliteStore::run_read(const std::function<void(const Snapshot&)>& body) {
    auto reader = TRY(state_->take_reader());
    auto begun = reader->execute("BEGIN");
    if (begun.ok()) {
        try {
            body(*reader);
        } catch (const std::exception& stray) {
            begun = Failure{FailureKind::internal, std::string("store: a read threw: ") + stray.what()};
        }
        std::ignore = reader->execute("ROLLBACK");
    }
    state_->give_reader(std::move(reader));
    return begun;
}

Result<Unit> SqliteStore::clear() {
    return write([](Transaction& tx) -> Result<Unit> {
        // Without WHERE SQLite drops the table's pages instead of visiting its rows.
        return static_cast<SqliteConnection&>(tx).execute("DELETE FROM entries");
    });
}

StoreStatistics SqliteStore::statistics() const {
    StoreStatistics statistics{.writes = state_->writes, .commits = state_->commits};
    for (const char* suffix : {"", "-wal"}) {
        std::error_code ignored;
        const auto size = std::filesystem::file_size(state_->options.file.string() + suffix, ignored);
        if (!ignored) statistics.bytes += size;
    }
    return statistics;
}

}  // namespace stratus
