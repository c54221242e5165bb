#include "cubed/database/connection.h"

#include <algorithm>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace cubed::database {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

void Connection::Finish::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

/// What a SQLSTATE means to a caller, by class (PostgreSQL's appendix A) with the exceptions first.
static FailureKind kind_of(std::string_view state) {
    if (state == "53100" || state == "53200") return FailureKind::no_space;
    // Unique, foreign-key and exclusion violations may pass next time; the other constraints judge the data
    // alone.
    if (state == "23502" || state == "23514" || state == "23000") return FailureKind::invalid;
    if (state == "57014") return FailureKind::timed_out;
    if (state == "3D000") return FailureKind::not_found;
    if (state == "42501") return FailureKind::denied;
    const std::string_view group = state.substr(0, 2);
    if (group == "08" || group == "57" || group == "53" || group == "58") return FailureKind::unavailable;
    if (group == "23" || group == "40" || group == "55") return FailureKind::conflict;
    if (group == "22") return FailureKind::invalid;
    if (group == "28") return FailureKind::denied;
    return FailureKind::internal;
}

/// The first line of libpq's message. The detail line is left out: it quotes the row's values.
static std::string first_line(const char* message) {
    std::string_view text = message == nullptr ? "" : message;
    text = text.substr(0, text.find('\n'));
    return std::string(text);
}

Result<Connection> Connection::open(const Settings& settings) {
    const std::string port = std::to_string(settings.port);
    const std::string timeout = std::to_string(settings.connect_timeout_seconds);
    const char* names[] = {"host",
                           "port",
                           "user",
                           "password",
                           "dbname",
                           "application_name",
                           "connect_timeout",
                           "client_encoding",
                           "options",
                           "keepalives_idle",
                           "tcp_user_timeout",
                           nullptr};
    const char* values[] = {settings.host.c_str(),
                            port.c_str(),
                            settings.user.c_str(),
                            settings.password.c_str(),
                            settings.database.c_str(),
                            settings.application.c_str(),
                            timeout.c_str(),
                            "UTF8",
                            "-c TimeZone=UTC -c DateStyle=ISO -c client_min_messages=warning",
                            "30",
                            "30000",
                            nullptr};
    Connection connection(PQconnectdbParams(names, values, 0));
    if (!connection.connection_) return Failure{FailureKind::no_space, "no memory for a database connection"};
    PGconn* raw = connection.connection_.get();
    if (PQstatus(raw) == CONNECTION_OK) {
        // A notice has nowhere to go; the failure of a statement carries its own text.
        PQsetNoticeProcessor(
            raw, [](void*, const char*) {}, nullptr);
        return connection;
    }
    const std::string message = PQerrorMessage(raw);
    // libpq gives no SQLSTATE for a refused start; its fixed texts tell the two cases apart that callers
    // need.
    FailureKind kind = FailureKind::unavailable;
    if (message.find("authentication failed") != std::string::npos ||
        message.find("no password") != std::string::npos) {
        kind = FailureKind::denied;
    } else if (message.find("database \"") != std::string::npos &&
               message.find("does not exist") != std::string::npos) {
        kind = FailureKind::not_found;
    }
    return Failure{kind, fmt::format("connecting to database '{}' at {}:{}: {}", settings.database,
                                     settings.host, settings.port, first_line(message.c_str()))};
}

bool Connection::usable() const {
    return connection_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Connection::alive() {
    // An idle connection has nothing to read, unless the server said goodbye.
    return usable() && PQconsumeInput(connection_.get()) == 1 && usable();
}

bool Connection::in_transaction() const {
    const auto status = PQtransactionStatus(connection_.get());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Failure Connection::failure(pg_result* result, const char* doing) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    sqlstate_ = state == nullptr ? "" : state;
    const char* message = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    std::string text =
        message != nullptr ? first_line(message) : first_line(PQerrorMessage(connection_.get()));
    if (!usable()) return {FailureKind::unavailable, fmt::format("{}: {}", doing, text)};
    return {sqlstate_.empty() ? FailureKind::internal : kind_of(sqlstate_),
            fmt::format("{}: {} (SQLSTATE {})", doing, text, sqlstate_)};
}

Result<Rows> Connection::take(pg_result* result, const char* doing) {
    switch (result == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_SINGLE_TUPLE:
        case PGRES_EMPTY_QUERY: return Rows(result);
        default:
            auto failed = failure(result, doing);
            PQclear(result);
            return failed;
    }
}

/// Pointers to the values' text, as libpq wants them. A NUL byte would cut a value short without a word.
static Result<std::vector<const char*>> pointers_to(const std::vector<Value>& values) {
    std::vector<const char*> pointers;
    pointers.reserve(values.size());
    for (const Value& value : values) {
        if (!value.null() && value.text().find('\0') != std::string::npos) {
            return Failure{FailureKind::invalid, "a parameter holds a NUL byte"};
        }
        pointers.push_back(value.null() ? nullptr : value.text().c_str());
    }
    return pointers;
}

Result<Rows> Connection::query(const Statement& statement) {
    const auto values = TRY(pointers_to(statement.values()));
    return take(PQexecParams(connection_.get(), statement.text().c_str(), int(values.size()), nullptr,
                             values.data(), nullptr, nullptr, 0),
                "query");
}

Result<Rows> Connection::query_prepared(Sql sql, const std::vector<Value>& values) {
    const auto pointers = TRY(pointers_to(values));
    auto known = std::find(prepared_.begin(), prepared_.end(), sql.text());
    const std::string name = "s" + std::to_string(known - prepared_.begin());
    if (known == prepared_.end()) {
        TRY(take(PQprepare(connection_.get(), name.c_str(), sql.text(), 0, nullptr), "prepare"));
        prepared_.push_back(sql.text());
    }
    return take(PQexecPrepared(connection_.get(), name.c_str(), int(pointers.size()), pointers.data(),
                               nullptr, nullptr, 0),
                "query");
}

Result<Unit> Connection::execute(const Statement& statement) {
    CHECK(statement.values().empty(), "execute() takes no parameters");
    TRY(take(PQexec(connection_.get(), statement.text().c_str()), "execute"));
    return Unit{};
}

/// Reads what is left of the statement in progress, so that the connection is ready for the next.
void Connection::drain() {
    while (pg_result* rest = PQgetResult(connection_.get())) {
        const auto status = PQresultStatus(rest);
        PQclear(rest);
        if (status == PGRES_COPY_IN) PQputCopyEnd(connection_.get(), "given up");
        if (!usable()) return;
    }
}

Result<std::vector<Rows>> Connection::pipeline(const std::vector<Statement>& statements) {
    PGconn* raw = connection_.get();
    if (PQenterPipelineMode(raw) != 1) return failure(nullptr, "pipeline");
    std::optional<Failure> failed;
    std::size_t sent = 0;
    for (; sent < statements.size() && !failed; ++sent) {
        const auto values = pointers_to(statements[sent].values());
        if (!values.ok()) {
            failed = values.error();
        } else if (PQsendQueryParams(raw, statements[sent].text().c_str(), int(values->size()), nullptr,
                                     values->data(), nullptr, nullptr, 0) != 1) {
            failed = failure(nullptr, "pipeline");
        }
        if (failed) break;
    }
    if (PQpipelineSync(raw) != 1 && !failed) failed = failure(nullptr, "pipeline");
    std::vector<Rows> answers;
    for (std::size_t i = 0; i < sent && usable(); ++i) {
        while (pg_result* result = PQgetResult(raw)) {
            if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
                PQclear(result);
                continue;
            }
            auto taken = take(result, "pipeline");
            if (taken.ok()) {
                answers.push_back(taken.take());
            } else if (!failed) {
                failed = taken.take_error();
            }
        }
    }
    if (pg_result* sync = usable() ? PQgetResult(raw) : nullptr) PQclear(sync);
    PQexitPipelineMode(raw);
    if (!failed && !usable()) failed = failure(nullptr, "pipeline");
    if (failed) return *failed;
    return answers;
}

Result<Unit> Connection::stream(const Statement& statement,
                                const std::function<Result<Unit>(const Rows&)>& row) {
    const auto values = TRY(pointers_to(statement.values()));
    PGconn* raw = connection_.get();
    if (PQsendQueryParams(raw, statement.text().c_str(), int(values.size()), nullptr, values.data(), nullptr,
                          nullptr, 0) != 1) {
        return failure(nullptr, "stream");
    }
    PQsetSingleRowMode(raw);
    while (pg_result* result = PQgetResult(raw)) {
        auto one = take(result, "stream");
        if (!one.ok()) {
            drain();
            return one.take_error();
        }
        if (one->empty()) continue;
        if (auto taken = row(*one); !taken.ok()) {
            if (PGcancel* cancel = PQgetCancel(raw)) {
                char problem[256];
                PQcancel(cancel, problem, sizeof problem);
                PQfreeCancel(cancel);
            }
            drain();
            return taken.take_error();
        }
    }
    return Unit{};
}

Result<std::int64_t> Connection::copy_in(const Statement& copy, const CopyRows& rows) {
    PGconn* raw = connection_.get();
    pg_result* start = PQexec(raw, copy.text().c_str());
    if (PQresultStatus(start) != PGRES_COPY_IN) {
        auto failed = failure(start, "copy");
        PQclear(start);
        return failed;
    }
    PQclear(start);
    // Pieces of 1 MiB: libpq copies what it is given into its own buffer before it sends.
    constexpr std::size_t piece_bytes = 1 << 20;
    const std::string_view stream = rows.stream();
    for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
        const auto piece = stream.substr(at, piece_bytes);
        if (PQputCopyData(raw, piece.data(), int(piece.size())) != 1) return failure(nullptr, "copy");
    }
    if (PQputCopyData(raw, "\377\377", 2) != 1) return failure(nullptr, "copy");
    if (PQputCopyEnd(raw, nullptr) != 1) return failure(nullptr, "copy");
    auto done = take(PQgetResult(raw), "copy");
    drain();
    const Rows answer = TRY(std::move(done));
    return answer.affected();
}

Result<Transaction> Transaction::begin(Connection& connection) {
    TRY(connection.execute(Sql("BEGIN")));
    return Transaction(connection);
}

Transaction::~Transaction() {
    if (connection_ != nullptr && connection_->usable() && connection_->in_transaction()) {
        std::ignore = connection_->execute(Sql("ROLLBACK"));
    }
}

Result<Unit> Transaction::commit() {
    Connection& connection = *std::exchange(connection_, nullptr);
    auto committed = connection.execute(Sql("COMMIT"));
    if (!committed.ok() && !connection.usable()) {
        return Failure{FailureKind::timed_out, "commit: the connection was lost; the outcome is unknown"};
    }
    return committed;
}

}  // namespace cubed::database
