// Store: the durable truth of the control plane; ordered tables of byte strings, in transactions.
//
//   auto created = store.write([&](Transaction& tx) -> wire::Outcome<Unit> {
//       if (TRY(queues.get(tx, key))) return errors::queue_name_exists("...");
//       TRY(queues.put(tx, key, record));
//       return Unit{};
//   });
//   auto found = store.read([&](const Snapshot& at) { return queues.get(at, key); });
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "stratus/store/key.h"

namespace stratus {

struct Entry {
    std::string key;
    std::string value;
};

/// The keys k with from <= k < to; an empty `to` means no upper end. With `after` set, only those behind it
/// in the order of the scan.
struct Range {
    std::string from;
    std::string to;
    std::optional<std::string> after;
    bool descending = false;

    static Range all() { return {}; }
    /// Every key that begins with these bytes: prefix(key_of(account, region)) is one account's region.
    static Range prefix(std::string begin);
    /// Goes on behind this key: for the next page of a listing.
    Range&& behind(std::string key) &&;
    Range&& backwards() &&;
};

/// A consistent view of all tables. Valid inside the function it is given to, on that thread only.
class Snapshot {
  public:
    virtual ~Snapshot() = default;
    virtual base::Result<std::optional<std::string>> get(std::string_view table,
                                                         std::string_view key) const = 0;
    /// At most `limit` entries of the range, in key order.
    virtual base::Result<std::vector<Entry>> scan(std::string_view table, const Range& range,
                                                  std::size_t limit) const = 0;
};

/// A view that also changes. Sees its own changes and those of every write before it.
class Transaction : public Snapshot {
  public:
    virtual base::Result<base::Unit> put(std::string_view table, std::string_view key,
                                         std::string_view value) = 0;
    /// Erasing what is not there succeeds.
    virtual base::Result<base::Unit> erase(std::string_view table, std::string_view key) = 0;
};

/// What a store holds, for metrics and `stratus status`.
struct StoreStatistics {
    std::uint64_t writes = 0;   ///< functions given to write() that committed
    std::uint64_t commits = 0;  ///< groups made durable: writes / commits is the group size
    std::uint64_t bytes = 0;    ///< on disk
};

/// Thread-safe. All writes run one after the other (on the store's writer thread), reads beside them on a
/// snapshot.
class Store {
  public:
    virtual ~Store() = default;

    /// Runs f(Transaction&), which returns a Result of any error type that a base::Failure converts to. When
    /// write() returns a value the change is durable; when f returns an error its changes, and only its, are
    /// undone; when the disk refuses, the Failure comes back and nothing of f is kept (the store itself goes
    /// on working). Many writers share one fsync. f runs once, off the caller's thread while the caller
    /// waits: it must not call write(), nor wait for anything but the transaction.
    template <class F>
    auto write(F&& f) -> std::invoke_result_t<F&, Transaction&> {
        using R = std::invoke_result_t<F&, Transaction&>;
        std::optional<R> result;
        auto committed = run_write([&](Transaction& tx) {
            result.emplace(f(tx));
            return result->ok();
        });
        if (!committed.ok()) return R(committed.take_error());
        if (!result) return R(threw());
        return std::move(*result);
    }

    /// Runs f(const Snapshot&) and returns what it returns. f may take its time: it blocks no writer.
    template <class F>
    auto read(F&& f) -> std::invoke_result_t<F&, const Snapshot&> {
        using R = std::invoke_result_t<F&, const Snapshot&>;
        std::optional<R> result;
        auto ran = run_read([&](const Snapshot& at) { result.emplace(f(at)); });
        if (!ran.ok()) return R(ran.take_error());
        if (!result) return R(threw());
        return std::move(*result);
    }

    /// Forgets every entry of every table, durably. For --test-endpoints' reset.
    virtual base::Result<base::Unit> clear() = 0;
    virtual StoreStatistics statistics() const = 0;

  private:
    static base::Failure threw();
    /// The body returns whether to keep its changes.
    virtual base::Result<base::Unit> run_write(const std::function<bool(Transaction&)>& body) = 0;
    virtual base::Result<base::Unit> run_read(const std::function<void(const Snapshot&)>& body) = 0;
};

}  // namespace stratus
