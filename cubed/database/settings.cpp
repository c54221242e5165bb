#include "cubed/database/settings.h"

#include <charconv>
#include <memory>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

namespace cubed::database {

using base::Failure;
using base::FailureKind;

base::Result<Settings> settings_from_secret(std::string_view json) {
    boost::system::error_code error;
    const auto value = boost::json::parse(boost::json::string_view(json.data(), json.size()), error);
    if (error || !value.is_object())
        return Failure{FailureKind::invalid, "a database secret is a JSON object"};
    Settings settings;
    const auto text = [&](const char* name) -> std::string {
        const auto* member = value.get_object().if_contains(name);
        if (member == nullptr) return "";
        if (member->is_string()) return std::string(member->get_string().data(), member->get_string().size());
        return member->is_number() ? boost::json::serialize(*member) : "";
    };
    if (const auto engine = text("engine"); !engine.empty() && !engine.starts_with("postgres")) {
        return Failure{FailureKind::invalid,
                       fmt::format("a database of engine '{}' is not supported", engine)};
    }
    settings.host = text("host");
    settings.user = text("username");
    settings.password = text("password");
    settings.database = text("dbname");
    if (const auto port = text("port"); !port.empty()) {
        const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), settings.port);
        if (failed != std::errc() || end != port.data() + port.size() || settings.port < 1 ||
            settings.port > 65535) {
            return Failure{FailureKind::invalid, "a database secret's port is a number from 1 to 65535"};
        }
    }
    if (settings.host.empty() || settings.user.empty() || settings.database.empty()) {
        return Failure{FailureKind::invalid, "a database secret needs host, username, password and dbname"};
    }
    return settings;
}

std::string secret_of(const Settings& settings) {
    return boost::json::serialize(boost::json::object{{"engine", "postgres"},
                                                      {"host", settings.host},
                                                      {"port", settings.port},
                                                      {"username", settings.user},
                                                      {"password", settings.password},
                                                      {"dbname", settings.database}});
}

base::Result<Settings> settings_from_connection_string(std::string_view text) {
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(std::string(text).c_str(), &problem), PQconninfoFree);
    if (!options) {
        // libpq's message may quote the string, and with it a password.
        PQfreemem(problem);
        return Failure{FailureKind::invalid, "not a PostgreSQL connection string"};
    }
    Settings settings;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string_view name = option->keyword;
        if (name == "host") settings.host = option->val;
        if (name == "user") settings.user = option->val;
        if (name == "password") settings.password = option->val;
        if (name == "dbname") settings.database = option->val;
        if (name == "port") settings.port = std::atoi(option->val);
    }
    if (settings.port < 1 || settings.port > 65535) return Failure{FailureKind::invalid, "not a port"};
    return settings;
}

}  // namespace cubed::database
