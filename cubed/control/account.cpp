#include "cubed/control/account.h"

#include <algorithm>

#include <fmt/format.h>

namespace cubed::control {

using base::Failure;
using base::FailureKind;
using base::Result;
using database::Connection;
using database::Rows;

static bool is_name(std::string_view text, std::size_t shortest, std::size_t longest) {
    return text.size() >= shortest && text.size() <= longest &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<AccountNames> account_names(std::string_view name, std::string_view location) {
    if (!is_name(name, 1, 20)) return Failure{FailureKind::invalid, "a name is 1 to 20 of a-z and 0-9"};
    if (!is_name(location, 2, 10))
        return Failure{FailureKind::invalid, "a location is 2 to 10 of a-z and 0-9"};
    const std::string token = fmt::format("c-a-{}-{}", name, location);
    return AccountNames{.token = token,
                        .database = fmt::format("cubed_a_{}_{}", name, location),
                        .queue = "visscore_main_" + token,
                        .dead_letter_queue = "visscore_dead_" + token,
                        .secret = "cubed/account/" + token};
}

Result<AccountNames> account_names_of(std::string_view token) {
    const std::size_t dash = token.rfind('-');
    if (!token.starts_with("c-a-") || dash == std::string_view::npos || dash < 4) {
        return Failure{FailureKind::invalid, "an account token is c-a-<name>-<location>"};
    }
    return account_names(token.substr(4, dash - 4), token.substr(dash + 1));
}

Result<std::string> clean_domain(std::string_view text) {
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
        text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find_first_of("/?#"));
    text = text.substr(0, text.find(':'));
    std::string host(text);
    std::ranges::transform(host, host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (host.starts_with("www.")) host.erase(0, 4);
    const bool legal = std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (!legal || host.empty() || host.size() > 253 || host.front() == '.' || host.back() == '.' ||
        host.find("..") != std::string::npos) {
        return Failure{FailureKind::invalid, fmt::format("'{}' is not a host name", text)};
    }
    return host;
}

static std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

static Account account_at(const Rows& rows, std::size_t row) {
    Account account{.id = rows.integer(row, 0),
                    .token = rows.string(row, 1),
                    .name = rows.string(row, 2),
                    .domain = rows.string(row, 3),
                    .domains = split_lines(rows.text(row, 4)),
                    .database_name = rows.string(row, 5),
                    .database_secret = rows.string(row, 6),
                    .queue_name = rows.string(row, 7),
                    .simulated = rows.boolean(row, 8),
                    .active = rows.boolean(row, 9),
                    .maintenance = rows.maybe_instant(row, 10),
                    .currency = rows.string(row, 11),
                    .session_idle_seconds = int(rows.integer(row, 12)),
                    .late_days = int(rows.integer(row, 13)),
                    .updated = rows.instant(row, 14)};
    account.domains.insert(account.domains.begin(), account.domain);
    return account;
}

static constinit const database::Sql select_accounts =
    "SELECT a.id, a.token, a.name, a.domain, "
    "coalesce((SELECT string_agg(d.domain, E'\\n' ORDER BY d.domain) FROM attrib_account_domain d "
    "          WHERE d.account_id = a.id), ''), "
    "a.database_name, a.database_secret, a.queue_name, a.simulated, a.active, a.maintenance, a.currency, "
    "a.session_idle_seconds, a.late_days, a.updated FROM attrib_account a ";

Result<std::vector<Account>> load_accounts(Connection& attrib) {
    database::Statement statement(select_accounts);
    const Rows rows = TRY(attrib.query(statement.text("ORDER BY a.token")));
    std::vector<Account> accounts;
    for (std::size_t row = 0; row < rows.size(); ++row) accounts.push_back(account_at(rows, row));
    return accounts;
}

Result<Account> load_account(Connection& attrib, std::string_view token) {
    database::Statement statement(select_accounts);
    const Rows rows = TRY(attrib.query(statement.text("WHERE a.token = ").parameter(token)));
    if (rows.empty()) return Failure{FailureKind::not_found, fmt::format("no account '{}'", token)};
    return account_at(rows, 0);
}

}  // namespace cubed::control
