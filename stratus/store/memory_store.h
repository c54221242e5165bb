// MemoryStore: the Store's contract without a disk, for unit tests of services.
#pragma once

#include <map>
#include <shared_mutex>

#include "stratus/store/store.h"

namespace stratus {

/// Thread-safe. Runs functions on the caller's thread; keeps nothing after it is gone. The same contract test
/// runs against this and SqliteStore. `fail_writes` makes every write fail as a full disk would.
class MemoryStore final : public Store {
  public:
    base::Result<base::Unit> clear() override;
    StoreStatistics statistics() const override;
    void fail_writes(std::optional<base::Failure> failure);

  private:
    friend class MemoryTransaction;
    using Entries = std::map<std::string, std::string, std::less<>>;
    using Tables = std::map<std::string, Entries, std::less<>>;

    base::Result<base::Unit> run_write(const std::function<bool(Transaction&)>& body) override;
    base::Result<base::Unit> run_read(const std::function<void(const Snapshot&)>& body) override;

    mutable std::shared_mutex mutex_;
    Tables tables_;
    StoreStatistics statistics_;
    std::optional<base::Failure> failure_;
};

}  // namespace stratus
