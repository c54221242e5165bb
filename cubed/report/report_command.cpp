#include "cubed/report/report_command.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "cubed/predictor/account_access.h"
#include "cubed/report/reports.h"

namespace cubed {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

namespace {

struct ReportArguments {
    CloudOptions cloud = cloud_options_from_environment();
    std::string account;
    std::string format = "table";
    report::Selection selection;
};

using Report = Result<std::vector<report::Table>> (*)(database::Connection&, const report::Selection&);

CLI::App* add_report(CLI::App& app, const char* name, const char* summary, ReportArguments& arguments) {
    CLI::App* command = app.add_subcommand(name, summary);
    command->add_option("--account", arguments.account, "the account's token, c-a-<name>-<location>")
        ->required();
    command->add_option("--format", arguments.format, "table, json or csv");
    command->add_option("--goal", arguments.selection.goal, "one goal's number; all active goals otherwise");
    command->add_option("--from", arguments.selection.from, "first day (UTC), YYYY-MM-DD");
    command->add_option("--to", arguments.selection.to, "last day (UTC), YYYY-MM-DD");
    add_cloud_options(*command, arguments.cloud);
    return command;
}

Result<Unit> check_day(const std::string& day) {
    if (day.empty()) return Unit{};
    if (day.size() != 10 || !base::parse_iso8601(day).ok()) {
        return Failure{FailureKind::invalid, "a day is written YYYY-MM-DD, not '" + day + "'"};
    }
    return Unit{};
}

Result<std::string> make_report(const ReportArguments& arguments, Report report) {
    const auto format = TRY(report::format_of(arguments.format));
    TRY(check_day(arguments.selection.from));
    TRY(check_day(arguments.selection.to));
    const auto cloud = TRY(Cloud::connect(arguments.cloud));
    auto open = TRY(predictor::open_account(cloud, arguments.account));
    const auto tables = TRY(report(open.connection, arguments.selection));
    return report::render(tables, format);
}

}  // namespace

int report_command(int argc, char** argv) {
    CLI::App app("Print an account's reports", "cubed report");
    app.require_subcommand(1);
    ReportArguments arguments;
    CLI::App* channels =
        add_report(app, "channels", "modelled credit beside last click, by channel", arguments);
    CLI::App* journeys =
        add_report(app, "journeys", "converting journeys, their touches and credits", arguments);
    add_report(app, "validation", "what was refused or set aside, and truth beside models", arguments);
    channels->add_flag("--intervals", arguments.selection.intervals,
                       "every model's figures with their intervals");
    journeys->add_option("--visitor", arguments.selection.visitor, "one visitor's token");
    journeys->add_option("--limit", arguments.selection.limit, "conversions")
        ->check(CLI::Range(1, 1'000'000));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const Report report = channels->parsed()   ? report::channel_report
                          : journeys->parsed() ? report::journey_report
                                               : report::validation_report;
    const auto text = make_report(arguments, report);
    if (!text.ok()) {
        fmt::print(stderr, "cubed report: {} ({})\n", text.error().what, base::name_of(text.error().kind));
        return text.error().kind == FailureKind::invalid ? 2 : 1;
    }
    std::fwrite(text->data(), 1, text->size(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace cubed
