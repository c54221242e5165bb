// SqliteConnection: one connection with its prepared statements. Internal to SqliteStore.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "stratus/store/store.h"

namespace stratus {

enum class SqliteMode { writer, reader };

/// Not thread-safe: its owner hands it to one thread at a time. Statements are prepared once, when first
/// used. Errors of SQLite come back as Failures: FULL is no_space, CORRUPT and NOTADB are corrupt, BUSY is
/// conflict.
class SqliteConnection final : public Transaction {
  public:
    static base::Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& file,
                                                                SqliteMode mode, const std::string& vfs);
    ~SqliteConnection() override;
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    base::Result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override;
    base::Result<std::vector<Entry>> scan(std::string_view table, const Range& range,
                                          std::size_t limit) const override;
    base::Result<base::Unit> put(std::string_view table, std::string_view key,
                                 std::string_view value) override;
    base::Result<base::Unit> erase(std::string_view table, std::string_view key) override;

    /// A statement without parameters or rows.
    base::Result<base::Unit> execute(const char* sql);
    /// False once SQLite has ended the transaction on its own, as it may when the disk is full.
    bool in_transaction() const;

  private:
    explicit SqliteConnection(sqlite3* handle) : handle_(handle) {}
    base::Result<sqlite3_stmt*> prepared(std::string_view sql) const;
    base::Failure failure(std::string_view doing) const;
    base::Result<base::Unit> step_to_end(sqlite3_stmt* statement, std::string_view doing) const;

    sqlite3* handle_;
    mutable std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

}  // namespace stratus
