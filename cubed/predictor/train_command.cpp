#include "cubed/predictor/train_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "base/time.h"
#include "cubed/predictor/account_access.h"
#include "cubed/predictor/fit.h"
#include "cubed/predictor/publish.h"

namespace cubed {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

namespace {

struct TrainArguments {
    CloudOptions cloud = cloud_options_from_environment();
    std::string account;
    std::optional<std::int32_t> goal;
    std::string from;
    std::string to;
    int days = 400;
    predictor::FitOptions fit;
};

void add_options(CLI::App& app, TrainArguments& arguments) {
    app.add_option("--account", arguments.account, "the account's token, c-a-<name>-<location>")->required();
    app.add_option("--goal", arguments.goal, "one goal's number; all active goals otherwise");
    app.add_option("--from", arguments.from, "first day (UTC) of conversions, YYYY-MM-DD");
    app.add_option("--to", arguments.to, "day after the last, YYYY-MM-DD");
    app.add_option("--days", arguments.days, "without --from: at most this many days back")
        ->check(CLI::Range(1, 4000));
    app.add_option("--skip-channels", arguments.fit.skip, "what last_non_direct passes over")->delimiter(',');
    app.add_option("--half-life-days", arguments.fit.half_life_days, "of time decay")
        ->check(CLI::Range(0.01, 1000.0));
    app.add_option("--replicates", arguments.fit.bootstrap.replicates, "of the bootstrap; 0: no intervals")
        ->check(CLI::Range(0, 10'000));
    app.add_option("--level", arguments.fit.bootstrap.level, "coverage of the intervals")
        ->check(CLI::Range(0.5, 0.999));
    app.add_option("--seed", arguments.fit.bootstrap.seed, "of the bootstrap");
    add_cloud_options(app, arguments.cloud);
}

Result<predictor::Window> window_of(database::Connection& connection, const TrainArguments& arguments) {
    auto window = TRY(predictor::whole_window(connection, arguments.days));
    if (!arguments.from.empty())
        window.from = std::chrono::floor<std::chrono::days>(TRY(base::parse_iso8601(arguments.from)));
    if (!arguments.to.empty())
        window.to = std::chrono::floor<std::chrono::days>(TRY(base::parse_iso8601(arguments.to)));
    if (window.from >= window.to) return Failure{FailureKind::invalid, "the window ends before it begins"};
    if (window.to - window.from > std::chrono::days(4000))
        return Failure{FailureKind::invalid, "the window is too long"};
    return window;
}

Result<Unit> train_goal(const Cloud& cloud, predictor::OpenAccount& open, const predictor::Goal& goal,
                        predictor::Window window, const predictor::FitOptions& options) {
    auto& connection = open.connection;
    const auto book = TRY(predictor::load_journeys(connection, goal, open.account.currency, window));
    if (book.other_currency > 0) {
        base::log_warning("train", "conversions in other currencies count, but their revenue does not",
                          {{"goal", goal.name}, {"conversions", book.other_currency}});
    }
    const auto fit = TRY(predictor::fit(book, goal, window, options));
    // File, then rows that name it, then the pointer: whoever follows either finds a file that is there.
    TRY(predictor::put_model(cloud, fit));
    TRY(predictor::write_reports(connection, goal, book, fit, options, base::RealClock{}.now()));
    TRY(predictor::put_latest(cloud, fit));
    // Read back as a scorer would: a file that no scorer can load is found now.
    TRY(predictor::get_latest(cloud, open.account.token, goal.id));
    fmt::print("goal {} \"{}\": {} journeys, {} conversions; {} (held-out log-loss {:.4f}); version {}\n",
               goal.id, goal.name, book.journeys.size(), fit.totals.conversions, fit.model.model,
               fit.order.log_loss[static_cast<std::size_t>(fit.order.order - 1)], fit.version);
    return Unit{};
}

Result<Unit> train(const TrainArguments& arguments) {
    const auto cloud = TRY(Cloud::connect(arguments.cloud));
    auto open = TRY(predictor::open_account(cloud, arguments.account));
    const auto goals = TRY(predictor::load_goals(open.connection, arguments.goal));
    if (goals.empty()) return Failure{FailureKind::not_found, "the account has no active goal"};
    const auto window = TRY(window_of(open.connection, arguments));
    TRY(predictor::ensure_model_bucket(cloud, arguments.cloud.region));
    auto options = arguments.fit;
    options.account = open.account.token;
    for (const auto& goal : goals) TRY(train_goal(cloud, open, goal, window, options));
    return Unit{};
}

}  // namespace

int train_command(int argc, char** argv) {
    CLI::App app("Train an account's models from its journeys: report tables and a model file",
                 "cubed train");
    app.require_subcommand(1);
    TrainArguments arguments;
    CLI::App* customer = app.add_subcommand("customer", "the customer attribution model: channels, per goal");
    add_options(*customer, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto done = train(arguments);
    if (done.ok()) return 0;
    fmt::print(stderr, "cubed train: {} ({})\n", done.error().what, base::name_of(done.error().kind));
    return 1;
}

}  // namespace cubed
