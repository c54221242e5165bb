#include "cubed/control/maintain.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "cubed/control/account.h"

namespace cubed::control {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;
using database::Connection;
using database::Statement;

static Result<bool> on_or_off(std::string_view value) {
    if (value == "on" || value == "true" || value == "yes") return true;
    if (value == "off" || value == "false" || value == "no") return false;
    return Failure{FailureKind::invalid, fmt::format("'{}' is neither on nor off", value)};
}

static Result<int> number_between(std::string_view value, int least, int most) {
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least || number > most) {
        return Failure{FailureKind::invalid,
                       fmt::format("'{}' is not a number from {} to {}", value, least, most)};
    }
    return number;
}

/// Runs an UPDATE or INSERT ... SELECT that touches one row of an account that exists.
static Result<Unit> touch_one(Connection& attrib, const Statement& statement, std::string_view token) {
    const auto rows = TRY(attrib.query(statement));
    if (rows.affected() == 0) return Failure{FailureKind::not_found, fmt::format("no account '{}'", token)};
    return Unit{};
}

Result<Unit> set_setting(Connection& attrib, std::string_view token, std::string_view name,
                         std::string_view value) {
    Statement update("UPDATE attrib_account SET ");
    if (name == "active" || name == "simulated") {
        update.identifier(name).text(" = ").parameter(TRY(on_or_off(value)));
    } else if (name == "maintenance") {
        update.text(TRY(on_or_off(value)) ? database::Sql("maintenance = now()") : "maintenance = NULL");
    } else if (name == "name" || name == "currency") {
        if (value.empty() || (name == "currency" && value.size() != 3)) {
            return Failure{FailureKind::invalid, fmt::format("'{}' is no {}", value, name)};
        }
        update.identifier(name).text(" = ").parameter(value);
    } else if (name == "domain") {
        update.text("domain = ").parameter(TRY(clean_domain(value)));
    } else if (name == "time-zone") {
        const auto known = TRY(attrib.query("SELECT FROM pg_timezone_names WHERE name = $1", value));
        if (known.empty()) return Failure{FailureKind::invalid, fmt::format("'{}' is no time zone", value)};
        update.text("time_zone = ").parameter(value);
    } else if (name == "session-idle") {
        update.text("session_idle_seconds = ").parameter(TRY(number_between(value, 60, 86'400)));
    } else if (name == "late-days") {
        update.text("late_days = ").parameter(TRY(number_between(value, 0, 400)));
    } else {
        return Failure{FailureKind::invalid, fmt::format("an account has no setting '{}'", name)};
    }
    return touch_one(attrib, update.text(" WHERE token = ").parameter(token), token);
}

Result<Unit> block_address(Connection& attrib, std::string_view token, std::string_view range,
                           Blocking what) {
    if (what == Blocking::unblock) {
        const auto rows =
            TRY(attrib.query("DELETE FROM attrib_blocked_ip WHERE range = $2::cidr AND account_id = "
                             "(SELECT id FROM attrib_account WHERE token = $1)",
                             token, range));
        if (rows.affected() == 0)
            return Failure{FailureKind::not_found, fmt::format("'{}' was not blocked", range)};
        return Unit{};
    }
    Statement insert("INSERT INTO attrib_blocked_ip (account_id, range) SELECT id, network(");
    insert.parameter(range).text("::inet) FROM attrib_account WHERE token = ").parameter(token);
    return touch_one(
        attrib, insert.text(" ON CONFLICT (account_id, range) DO UPDATE SET note = excluded.note"), token);
}

Result<Unit> block_visitor(Connection& attrib, std::string_view token, std::string_view visitor,
                           Blocking what) {
    if (visitor.size() != 32 || visitor.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
        return Failure{FailureKind::invalid, "a visitor is 32 lower-case hex digits"};
    }
    if (what == Blocking::unblock) {
        const auto rows =
            TRY(attrib.query("DELETE FROM attrib_blocked_visitor WHERE visitor_token = $2 AND account_id = "
                             "(SELECT id FROM attrib_account WHERE token = $1)",
                             token, visitor));
        if (rows.affected() == 0) return Failure{FailureKind::not_found, "this visitor was not blocked"};
        return Unit{};
    }
    Statement insert("INSERT INTO attrib_blocked_visitor (account_id, visitor_token) SELECT id, ");
    insert.parameter(visitor).text(" FROM attrib_account WHERE token = ").parameter(token);
    return touch_one(
        attrib, insert.text(" ON CONFLICT (account_id, visitor_token) DO UPDATE SET note = excluded.note"),
        token);
}

Result<Unit> add_domain(Connection& attrib, std::string_view token, std::string_view domain) {
    Statement insert("INSERT INTO attrib_account_domain (account_id, domain) SELECT id, ");
    insert.parameter(TRY(clean_domain(domain))).text(" FROM attrib_account WHERE token = ").parameter(token);
    return touch_one(attrib,
                     insert.text(" ON CONFLICT (account_id, domain) DO UPDATE SET domain = excluded.domain"),
                     token);
}

}  // namespace cubed::control
