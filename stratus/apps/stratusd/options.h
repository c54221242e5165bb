// Options: stratusd's command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace stratus {

struct Options {
    std::filesystem::path data_dir;
    std::string address = "127.0.0.1";
    std::uint16_t port = 4566;
    std::string region = "eu-west-1";
    std::string account = "000000000000";
    std::string tls_certificate_file;
    std::string tls_key_file;
    bool accept_any_credentials = false;
    bool test_endpoints = false;
};

/// Nothing when the process should end: `exit_code` then says how (0 after --help), and one sentence was
/// printed.
std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace stratus
