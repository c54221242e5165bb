#include "stratus/store/memory_store.h"

#include <algorithm>
#include <exception>
#include <mutex>

namespace stratus {

using base::Result;
using base::Unit;

/// Changes in place and remembers how to undo them.
class MemoryTransaction final : public Transaction {
  public:
    explicit MemoryTransaction(MemoryStore::Tables& tables) : tables_(tables) {}

    Result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override {
        const auto* entries = find(table);
        if (entries == nullptr) return std::optional<std::string>();
        const auto found = entries->find(key);
        if (found == entries->end()) return std::optional<std::string>();
        return std::optional<std::string>(found->second);
    }

    Result<std::vector<Entry>> scan(std::string_view table, const Range& range,
                                    std::size_t limit) const override {
        std::vector<Entry> found;
        const auto* entries = find(table);
        if (entries == nullptr) return found;
        auto begin = entries->lower_bound(range.from);
        auto end = range.to.empty() ? entries->end() : entries->lower_bound(range.to);
        if (!range.to.empty() && range.to <= range.from) end = begin;
        if (!range.descending) {
            if (range.after && *range.after >= range.from) begin = entries->upper_bound(*range.after);
            if (!range.to.empty() && range.after && *range.after >= range.to) begin = end;
            for (; begin != end && found.size() < limit; ++begin)
                found.push_back({begin->first, begin->second});
        } else {
            if (range.after && (range.to.empty() || *range.after < range.to))
                end = entries->lower_bound(*range.after);
            if (range.after && *range.after < range.from) end = begin;
            while (end != begin && found.size() < limit) {
                --end;
                found.push_back({end->first, end->second});
            }
        }
        return found;
    }

    Result<Unit> put(std::string_view table, std::string_view key, std::string_view value) override {
        remember(table, key);
        tables_[std::string(table)].insert_or_assign(std::string(key), std::string(value));
        return Unit{};
    }

    Result<Unit> erase(std::string_view table, std::string_view key) override {
        remember(table, key);
        tables_[std::string(table)].erase(std::string(key));
        return Unit{};
    }

    void undo() {
        for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
            auto& entries = tables_[change->table];
            if (change->before) {
                entries.insert_or_assign(change->key, *change->before);
            } else {
                entries.erase(change->key);
            }
        }
    }

  private:
    struct Change {
        std::string table;
        std::string key;
        std::optional<std::string> before;
    };

    const MemoryStore::Entries* find(std::string_view table) const {
        const auto found = tables_.find(table);
        return found == tables_.end() ? nullptr : &found->second;
    }

    void remember(std::string_view table, std::string_view key) {
        changes_.push_back({std::string(table), std::string(key), get(table, key).take()});
    }

    MemoryStore::Tables& tables_;
    std::vector<Change> changes_;
};

Result<Unit> MemoryStore::run_write(const std::function<bool(Transaction&)>& body) {
    const std::unique_lock lock(mutex_);
    MemoryTransaction transaction(tables_);
    const bool keep = body(transaction);
    if (!keep || failure_) transaction.undo();
    if (failure_) return *failure_;
    if (keep) {
        ++statistics_.writes;
        ++statistics_.commits;
    }
    return Unit{};
}

Result<Unit> MemoryStore::run_read(const std::function<void(const Snapshot&)>& body) {
    const std::shared_lock lock(mutex_);
    // Only its const half is reachable through Snapshot.
    MemoryTransaction snapshot(tables_);
    body(snapshot);
    return Unit{};
}

Result<Unit> MemoryStore::clear() {
    const std::unique_lock lock(mutex_);
    tables_.clear();
    return Unit{};
}

StoreStatistics MemoryStore::statistics() const {
    const std::shared_lock lock(mutex_);
    return statistics_;
}

void MemoryStore::fail_writes(std::optional<base::Failure> failure) {
    const std::unique_lock lock(mutex_);
    failure_ = std::move(failure);
}

}  // namespace stratus
