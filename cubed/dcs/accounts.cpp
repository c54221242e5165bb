#include "cubed/dcs/accounts.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "cubed/database/connection.h"

namespace cubed::dcs {

namespace json = boost::json;
using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

namespace {

/// A transaction that commits late carries an older `updated`: look back this far at each pass.
constexpr std::chrono::seconds overlap{60};

void parse_ranges(Account& account) {
    for (const std::string& range : account.blocked_ranges) {
        if (const auto network = Network::parse(range)) account.blocked_networks.push_back(*network);
    }
}

std::vector<std::string> strings_of(const json::value& value) {
    std::vector<std::string> texts;
    if (const auto* array = value.if_array()) {
        for (const json::value& item : *array) {
            if (const auto* text = item.if_string()) texts.emplace_back(*text);
        }
    }
    return texts;
}

constexpr database::Sql changed_accounts(
    "SELECT a.token, a.queue_name, a.active, a.maintenance IS NOT NULL, a.simulated, a.updated,"
    " (SELECT coalesce(json_agg(range::text), '[]') FROM attrib_blocked_ip b WHERE b.account_id = a.id),"
    " (SELECT coalesce(json_agg(visitor_token), '[]') FROM attrib_blocked_visitor v WHERE v.account_id = "
    "a.id)"
    " FROM attrib_account a WHERE a.updated > $1");

Result<std::vector<std::string>> string_list(std::string_view text) {
    const json::value value = TRY(base::parse_json(text));
    return strings_of(value);
}

}  // namespace

bool Account::blocks_address(std::string_view address) const {
    return std::any_of(blocked_networks.begin(), blocked_networks.end(),
                       [&](const Network& network) { return network.contains(address); });
}

std::shared_ptr<const AccountMap> Accounts::all() const {
    const std::lock_guard lock(mutex_);
    return accounts_;
}

std::shared_ptr<const Account> Accounts::find(std::string_view token) const {
    const auto accounts = all();
    if (!accounts) return nullptr;
    const auto found = accounts->find(token);
    return found == accounts->end() ? nullptr : found->second;
}

void Accounts::replace(AccountMap accounts) {
    auto made = std::make_shared<const AccountMap>(std::move(accounts));
    const std::lock_guard lock(mutex_);
    accounts_ = std::move(made);
}

bool Accounts::loaded() const {
    return all() != nullptr;
}

std::string accounts_to_json(const AccountMap& accounts) {
    json::array list;
    for (const auto& [token, account] : accounts) {
        list.push_back({{"token", token},
                        {"queue_name", account->queue_name},
                        {"active", account->active},
                        {"maintenance", account->maintenance},
                        {"simulated", account->simulated},
                        {"blocked_ranges", json::value_from(account->blocked_ranges)},
                        {"blocked_visitors", json::value_from(account->blocked_visitors)}});
    }
    return json::serialize(list);
}

Result<AccountMap> accounts_from_json(std::string_view text) {
    const json::value list = TRY(base::parse_json(text));
    if (!list.is_array()) return Failure{FailureKind::corrupt, "kept accounts: not a list"};
    AccountMap accounts;
    for (const json::value& item : list.get_array()) {
        const auto* object = item.if_object();
        const auto flag = [&](const char* name) {
            const auto* value = object->if_contains(name);
            return value != nullptr && value->is_bool() && value->get_bool();
        };
        const auto text_of = [&](const char* name) {
            const auto* value = object->if_contains(name);
            return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
        };
        if (object == nullptr) return Failure{FailureKind::corrupt, "kept accounts: not an object"};
        auto account = std::make_shared<Account>();
        account->token = text_of("token");
        account->queue_name = text_of("queue_name");
        account->active = flag("active");
        account->maintenance = flag("maintenance");
        account->simulated = flag("simulated");
        if (const auto* ranges = object->if_contains("blocked_ranges"))
            account->blocked_ranges = strings_of(*ranges);
        if (const auto* visitors = object->if_contains("blocked_visitors")) {
            for (std::string& visitor : strings_of(*visitors))
                account->blocked_visitors.insert(std::move(visitor));
        }
        parse_ranges(*account);
        accounts[account->token] = std::move(account);
    }
    return accounts;
}

AccountRefresher::AccountRefresher(Accounts& accounts, database::SettingsSource settings, Options options)
    : accounts_(accounts), settings_(std::move(settings)), options_(std::move(options)) {}

AccountRefresher::~AccountRefresher() {
    stop();
}

void AccountRefresher::start() {
    load_cache();
    if (const auto refreshed = refresh(); !refreshed.ok()) {
        base::log_warning("dcs", "account configuration is not to be had; serving what is known",
                          {{"cause", refreshed.error().what}, {"known", accounts_.loaded()}});
    }
    thread_ = std::thread([this] { run(); });
}

void AccountRefresher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void AccountRefresher::run() {
    bool was_up = true;
    std::unique_lock lock(mutex_);
    // Until the first success, look more often: nobody can be served.
    while (!stopped_.wait_for(lock, newest_ ? options_.every : options_.every / 10,
                              [this] { return stopping_; })) {
        lock.unlock();
        const auto refreshed = refresh();
        if (refreshed.ok() != was_up) {
            was_up = refreshed.ok();
            if (was_up) base::log_info("dcs", "account configuration is fresh again");
            if (!was_up) {
                base::log_warning("dcs", "account configuration is stale",
                                  {{"cause", refreshed.error().what}});
            }
        }
        lock.lock();
    }
}

Result<Unit> AccountRefresher::refresh() {
    const database::Settings settings = TRY(settings_());
    database::Connection connection = TRY(database::Connection::open(settings));
    const base::Instant since = newest_ ? *newest_ - overlap : base::Instant{};
    const database::Rows rows = TRY(connection.query(changed_accounts, since));

    AccountMap accounts;
    if (const auto known = newest_ ? accounts_.all() : nullptr) accounts = *known;
    std::optional<base::Instant> newest = newest_;
    for (size_t row = 0; row < rows.size(); ++row) {
        auto account = std::make_shared<Account>();
        account->token = rows.string(row, 0);
        account->queue_name = rows.string(row, 1);
        account->active = rows.boolean(row, 2);
        account->maintenance = rows.boolean(row, 3);
        account->simulated = rows.boolean(row, 4);
        newest = std::max(newest.value_or(base::Instant{}), rows.instant(row, 5));
        account->blocked_ranges = TRY(string_list(rows.text(row, 6)));
        for (std::string& visitor : TRY(string_list(rows.text(row, 7)))) {
            account->blocked_visitors.insert(std::move(visitor));
        }
        parse_ranges(*account);
        accounts[account->token] = std::move(account);
    }
    const bool changed = newest != newest_ || !accounts_.loaded();
    newest_ = newest;
    if (!rows.empty() || !accounts_.loaded()) accounts_.replace(std::move(accounts));
    if (changed) save_cache();
    return Unit{};
}

void AccountRefresher::load_cache() {
    const auto text = base::read_file(options_.cache_file);
    if (!text.ok()) return;
    auto accounts = accounts_from_json(*text);
    if (accounts.ok()) {
        accounts_.replace(accounts.take());
    } else {
        base::log_warning("dcs", "kept accounts cannot be read", {{"cause", accounts.error().what}});
    }
}

void AccountRefresher::save_cache() const {
    const auto accounts = accounts_.all();
    const auto written = base::write_file_durably(options_.cache_file, accounts_to_json(*accounts));
    if (!written.ok()) base::log_warning("dcs", "accounts cannot be kept", {{"cause", written.error().what}});
}

}  // namespace cubed::dcs
