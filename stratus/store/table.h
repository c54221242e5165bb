// Table<T>: one of the store's tables as plain structs, with versions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/record.h"
#include "stratus/store/store.h"

namespace stratus {

/// A record is a struct described with BOOST_DESCRIBE_STRUCT. Adding a member with a default needs nothing
/// more. A change that needs work gets `static constexpr int version = 2; using Previous = OldRecord; static
/// T migrate(Previous)`: old records are then upgraded as they are read, through as many steps as needed.
template <class T>
constexpr int record_version() {
    if constexpr (requires { T::version; }) {
        return T::version;
    } else {
        return 1;
    }
}

/// The stored form: one version byte, then the record. Unknown (newer) versions are `corrupt`, never guessed
/// at.
template <class T>
base::Result<T> decode_versioned(int version, std::string_view bytes) {
    if (version == record_version<T>()) return base::decode_record<T>(bytes);
    if constexpr (requires { typename T::Previous; }) {
        return T::migrate(TRY(decode_versioned<typename T::Previous>(version, bytes)));
    } else {
        return base::Failure{base::FailureKind::corrupt, "a record of version " + std::to_string(version)};
    }
}

/// Stateless but for its name: make them constants, `inline constexpr Table<QueueRecord>
/// queues{"sqs.queues"};`.
template <class T>
class Table {
  public:
    struct Row {
        std::string key;
        T record;
    };

    constexpr explicit Table(std::string_view name) : name_(name) {}

    base::Result<std::optional<T>> get(const Snapshot& at, std::string_view key) const {
        const auto bytes = TRY(at.get(name_, key));
        if (!bytes) return std::optional<T>();
        return std::optional<T>(TRY(decode(*bytes)));
    }

    base::Result<base::Unit> put(Transaction& tx, std::string_view key, const T& record) const {
        std::string bytes(1, static_cast<char>(record_version<T>()));
        bytes += base::encode_record(record);
        return tx.put(name_, key, bytes);
    }

    base::Result<base::Unit> erase(Transaction& tx, std::string_view key) const {
        return tx.erase(name_, key);
    }

    base::Result<std::vector<Row>> scan(const Snapshot& at, const Range& range, std::size_t limit) const {
        std::vector<Row> rows;
        auto entries = TRY(at.scan(name_, range, limit));
        for (Entry& entry : entries) {
            rows.push_back(Row{std::move(entry.key), TRY(decode(entry.value))});
        }
        return rows;
    }

    constexpr std::string_view name() const { return name_; }

  private:
    static base::Result<T> decode(std::string_view bytes) {
        if (bytes.empty()) return base::Failure{base::FailureKind::corrupt, "an empty record"};
        return decode_versioned<T>(static_cast<unsigned char>(bytes[0]), bytes.substr(1));
    }

    std::string_view name_;
};

}  // namespace stratus
