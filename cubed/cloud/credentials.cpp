#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cubed/cloud/cloud.h"

namespace cubed {

using base::Failure;
using base::FailureKind;
using base::Result;

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

Result<Credentials> parse_credentials(std::string_view file, std::string_view profile) {
    Credentials found;
    bool inside = false;
    bool seen = false;
    while (!file.empty()) {
        const std::string_view line = trimmed(file.substr(0, file.find('\n')));
        file.remove_prefix(std::min(file.size(), std::min(file.find('\n'), file.size() - 1) + 1));
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            inside = trimmed(line.substr(1, line.find(']') - 1)) == profile;
            seen |= inside;
            continue;
        }
        const size_t equals = line.find('=');
        if (!inside || equals == std::string_view::npos) continue;
        const std::string_view name = trimmed(line.substr(0, equals));
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (name == "aws_access_key_id") found.access_key_id = value;
        if (name == "aws_secret_access_key") found.secret_access_key = value;
        if (name == "aws_session_token") found.session_token = value;
    }
    if (!seen)
        return Failure{FailureKind::not_found, "credentials: no profile '" + std::string(profile) + "'"};
    if (found.access_key_id.empty() || found.secret_access_key.empty()) {
        return Failure{FailureKind::invalid,
                       "credentials: profile '" + std::string(profile) + "' lacks a key"};
    }
    return found;
}

CloudOptions cloud_options_from_environment() {
    CloudOptions options;
    options.endpoint_url = environment("AWS_ENDPOINT_URL");
    options.region = environment("AWS_REGION");
    if (options.region.empty()) options.region = environment("AWS_DEFAULT_REGION");
    if (options.region.empty()) options.region = "eu-west-1";
    options.credentials_file = environment("AWS_SHARED_CREDENTIALS_FILE");
    if (options.credentials_file.empty())
        options.credentials_file = environment("HOME") + "/.aws/credentials";
    if (const std::string profile = environment("AWS_PROFILE"); !profile.empty()) options.profile = profile;
    options.credentials = {environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"),
                           environment("AWS_SESSION_TOKEN")};
    return options;
}

void add_cloud_options(CLI::App& app, CloudOptions& options) {
    app.add_option("--endpoint-url", options.endpoint_url, "The cloud's endpoint; AWS's own when not given");
    app.add_option("--region", options.region, "AWS region")->capture_default_str();
    app.add_option("--credentials-file", options.credentials_file, "AWS shared-credentials file");
    app.add_option("--profile", options.profile, "Profile in that file")->capture_default_str();
}

}  // namespace cubed
