// One connection to PostgreSQL.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cubed/database/copy.h"
#include "cubed/database/rows.h"
#include "cubed/database/settings.h"
#include "cubed/database/sql.h"

struct pg_conn;

namespace cubed::database {

/// A connection: blocking, one thread at a time. Sessions run in UTC with ISO dates. Failures: `unavailable`
/// when the server is away or going away (the connection is then dead: open another), `conflict` for unique
/// and foreign-key violations, serialization failures and deadlocks, `invalid` for data the server cannot
/// take, `no_space`, `denied`, else `internal`; the text carries the SQLSTATE, never a parameter's value.
class Connection {
  public:
    static base::Result<Connection> open(const Settings& settings);

    /// Runs one statement with its bound values.
    base::Result<Rows> query(const Statement& statement);
    template <class... Values>
    base::Result<Rows> query(Sql sql, Values&&... values) {
        return query(Statement(sql, std::forward<Values>(values)...));
    }

    /// As query, but planned once per connection; for statements that run over and over.
    base::Result<Rows> query_prepared(Sql sql, const std::vector<Value>& values);

    /// Several statements in one text, no parameters: migrations, SET, BEGIN.
    base::Result<base::Unit> execute(const Statement& statement);
    base::Result<base::Unit> execute(Sql sql) { return execute(Statement(sql)); }

    /// Runs the statements in one round trip (libpq's pipeline). All rows, or the first failure: outside an
    /// explicit transaction the statements are one implicit transaction.
    base::Result<std::vector<Rows>> pipeline(const std::vector<Statement>& statements);

    /// Hands each row to `row` (a Rows of one row) as it arrives, so that large results never sit in memory.
    /// A failure from `row` stops the statement.
    base::Result<base::Unit> stream(const Statement& statement,
                                    const std::function<base::Result<base::Unit>(const Rows&)>& row);

    /// COPY ... FROM STDIN (FORMAT binary); returns the number of rows.
    base::Result<std::int64_t> copy_in(const Statement& copy, const CopyRows& rows);
    base::Result<std::int64_t> copy_in(Sql copy, const CopyRows& rows) {
        return copy_in(Statement(copy), rows);
    }

    /// False once the server is known to be gone.
    bool usable() const;
    /// usable(), after a look at the socket (no round trip): for connections that lay idle.
    bool alive();
    /// SQLSTATE of the last failure, or "".
    const std::string& sqlstate() const { return sqlstate_; }
    /// In a transaction block, failed or not.
    bool in_transaction() const;

  private:
    struct Finish {
        void operator()(pg_conn* connection) const;
    };
    explicit Connection(pg_conn* connection) : connection_(connection) {}
    base::Failure failure(pg_result* result, const char* doing);
    base::Result<Rows> take(pg_result* result, const char* doing);
    void drain();

    std::unique_ptr<pg_conn, Finish> connection_;
    std::vector<const char*> prepared_;  ///< statement i is named "s<i>"
    std::string sqlstate_;
};

/// A transaction: rolled back when it goes away without commit(). The connection must outlive it.
class Transaction {
  public:
    static base::Result<Transaction> begin(Connection& connection);
    Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// `timed_out` when the connection died in the middle: the transaction may or may not have happened.
    base::Result<base::Unit> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace cubed::database
