// SqliteStore: the Store on one SQLite file, in WAL mode with synchronous=FULL.
#pragma once

#include <filesystem>
#include <memory>

#include "stratus/store/store.h"

namespace stratus {

/// Thread-safe. One thread writes: it takes all functions that wait, runs each in a savepoint, and commits
/// them together, one fsync for the group. Readers use a small pool of connections, each a snapshot. The
/// caller sees to it that one process at a time uses the file (stratusd locks its data directory). After the
/// disk was full or failed, the group gets the Failure, nothing of it is kept, and the next group is tried
/// anew.
class SqliteStore final : public Store {
  public:
    struct Options {
        std::filesystem::path file;
        std::size_t readers = 4;      ///< connections; more concurrent reads wait
        std::size_t group_max = 256;  ///< functions in one commit
        std::string vfs;  ///< SQLite VFS by name; empty: the system's. For the tests' faulty disk.
    };

    static base::Result<std::unique_ptr<SqliteStore>> open(Options options);
    ~SqliteStore() override;

    base::Result<base::Unit> clear() override;
    StoreStatistics statistics() const override;

  private:
    struct State;
    explicit SqliteStore(std::unique_ptr<State> state);
    base::Result<base::Unit> run_write(const std::function<bool(Transaction&)>& body) override;
    base::Result<base::Unit> run_read(const std::function<void(const Snapshot&)>& body) override;

    std::unique_ptr<State> state_;
};

}  // namespace stratus
