// stratus: the operator's tool. `stratus status` says how a stratusd does, `stratus credentials` whose keys
// there are.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "stratus/apps/stratus/commands.h"

int main(int argc, char** argv) {
    CLI::App app("stratus: looks after a stratusd", "stratus");
    app.require_subcommand(1);

    stratus::StatusOptions status;
    auto* status_command =
        app.add_subcommand("status", "health, requests per operation, queue depths, store");
    status_command->add_option("--endpoint-url", status.endpoint_url, "of the stratusd")
        ->capture_default_str();
    status_command->add_option("--data-dir", status.data_dir, "adds what the files there take");

    stratus::CredentialsOptions credentials;
    auto* credentials_command = app.add_subcommand(
        "credentials",
        "the accounts of a data directory; with --account, makes that account's root credentials");
    credentials_command->add_option("--data-dir", credentials.data_dir)->required();
    credentials_command->add_option("--account", credentials.account, "twelve digits");
    credentials_command->add_option("--region", credentials.region)->capture_default_str();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::fprintf(stderr, "stratus: %s (--help lists the options)\n", error.what());
        return 2;
    }
    const auto done =
        status_command->parsed() ? stratus::show_status(status) : stratus::show_credentials(credentials);
    if (done.ok()) return 0;
    std::fprintf(stderr, "stratus: %s\n", done.error().what.c_str());
    return 1;
}
