#include "stratus/store/sqlite_connection.h"

#include <algorithm>
#include <limits>

namespace stratus {
namespace {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS entries(space TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(space, key)) WITHOUT ROWID";

// FULL: every commit is synced. The cache is per connection and counts against the idle memory of the
// process.
constexpr const char* writer_settings[] = {
    "PRAGMA journal_mode=WAL",           "PRAGMA synchronous=FULL",  "PRAGMA cache_size=-4096",
    "PRAGMA journal_size_limit=8388608", "PRAGMA temp_store=MEMORY", schema,
};
constexpr const char* reader_settings[] = {"PRAGMA query_only=ON", "PRAGMA cache_size=-2048"};

FailureKind kind_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL: return FailureKind::no_space;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return FailureKind::corrupt;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return FailureKind::conflict;
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY: return FailureKind::denied;
        case SQLITE_IOERR: return FailureKind::unavailable;
        default: return FailureKind::internal;
    }
}

void bind_blob(sqlite3_stmt* statement, int index, std::string_view bytes) {
    // A null pointer would bind NULL instead of an empty blob.
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    sqlite3_bind_blob64(statement, index, data, bytes.size(), SQLITE_STATIC);
}

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::string column_blob(sqlite3_stmt* statement, int column) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return size == 0 ? std::string() : std::string(data, size);
}

/// Puts a statement back to its start whichever way the function that uses it ends.
class Rewind {
  public:
    explicit Rewind(sqlite3_stmt* statement) : statement_(statement) {}
    ~Rewind() { sqlite3_reset(statement_); }
    Rewind(const Rewind&) = delete;
    Rewind& operator=(const Rewind&) = delete;

  private:
    sqlite3_stmt* statement_;
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& file,
                                                                 SqliteMode mode, const std::string& vfs) {
    sqlite3* handle = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == SqliteMode::writer ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
    auto connection = std::unique_ptr<SqliteConnection>(new SqliteConnection(handle));
    if (code != SQLITE_OK) return connection->failure("opening " + file.string());
    sqlite3_busy_timeout(handle, 5'000);
    if (mode == SqliteMode::writer) {
        for (const char* sql : writer_settings) TRY(connection->execute(sql));
    } else {
        for (const char* sql : reader_settings) TRY(connection->execute(sql));
    }
    return connection;
}

SqliteConnection::~SqliteConnection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

Failure SqliteConnection::failure(std::string_view doing) const {
    const int code = handle_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle_);
    const char* text = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    return Failure{kind_of(code), "store: " + std::string(doing) + ": " + text};
}

Result<sqlite3_stmt*> SqliteConnection::prepared(std::string_view sql) const {
    if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return failure("preparing a statement");
    statements_.emplace(sql, statement);
    return statement;
}

Result<Unit> SqliteConnection::step_to_end(sqlite3_stmt* statement, std::string_view doing) const {
    const Rewind rewind(statement);
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) code = sqlite3_step(statement);
    if (code != SQLITE_DONE) return failure(doing);
    return Unit{};
}

Result<Unit> SqliteConnection::execute(const char* sql) {
    sqlite3_stmt* statement = TRY(prepared(sql));
    return step_to_end(statement, sql);
}

bool SqliteConnection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

Result<std::optional<std::string>> SqliteConnection::get(std::string_view table, std::string_view key) const {
    sqlite3_stmt* statement = TRY(prepared("SELECT value FROM entries WHERE space=?1 AND key=?2"));
    const Rewind rewind(statement);
    bind_text(statement, 1, table);
    bind_blob(statement, 2, key);
    switch (sqlite3_step(statement)) {
        case SQLITE_ROW: return std::optional<std::string>(column_blob(statement, 0));
        case SQLITE_DONE: return std::optional<std::string>();
        default: return failure("reading");
    }
}

Result<std::vector<Entry>> SqliteConnection::scan(std::string_view table, const Range& range,
                                                  std::size_t limit) const {
    std::string from = range.from;
    std::string to = range.to;
    if (range.after && range.descending && (to.empty() || *range.after < to)) to = *range.after;
    if (range.after && !range.descending) from = std::max(from, *range.after + '\0');
    if (range.after && range.descending && range.after->empty()) return std::vector<Entry>();

    std::string sql = "SELECT key, value FROM entries WHERE space=?1 AND key>=?2";
    if (!to.empty()) sql += " AND key<?3";
    sql += range.descending ? " ORDER BY key DESC LIMIT ?4" : " ORDER BY key LIMIT ?4";
    sqlite3_stmt* statement = TRY(prepared(sql));
    const Rewind rewind(statement);
    bind_text(statement, 1, table);
    bind_blob(statement, 2, from);
    if (!to.empty()) bind_blob(statement, 3, to);
    constexpr std::size_t limit_max = std::numeric_limits<std::int64_t>::max();
    sqlite3_bind_int64(statement, 4, static_cast<std::int64_t>(std::min(limit, limit_max)));

    std::vector<Entry> entries;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        entries.push_back(Entry{column_blob(statement, 0), column_blob(statement, 1)});
    }
    if (code != SQLITE_DONE) return failure("listing");
    return entries;
}

Result<Unit> SqliteConnection::put(std::string_view table, std::string_view key, std::string_view value) {
    sqlite3_stmt* statement =
        TRY(prepared("INSERT INTO entries(space, key, value) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT(space, key) DO UPDATE SET value=excluded.value"));
    bind_text(statement, 1, table);
    bind_blob(statement, 2, key);
    bind_blob(statement, 3, value);
    return step_to_end(statement, "writing");
}

Result<Unit> SqliteConnection::erase(std::string_view table, std::string_view key) {
    sqlite3_stmt* statement = TRY(prepared("DELETE FROM entries WHERE space=?1 AND key=?2"));
    bind_text(statement, 1, table);
    bind_blob(statement, 2, key);
    return step_to_end(statement, "erasing");
}

}  // namespace stratus
