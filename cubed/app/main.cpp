// cubed: one executable, one subcommand per part of the platform. This table is all that is here.
#include <cstdio>
#include <cstring>

#include "cubed/control/control_command.h"
#include "cubed/dash/dash_command.h"
#include "cubed/dcs/dcs.h"
#include "cubed/dps/dps_command.h"
#include "cubed/predictor/train_command.h"
#include "cubed/report/report_command.h"
#include "cubed/simulate/simulate.h"

struct Command {
    const char* name;
    int (*run)(int argc, char** argv);
    const char* summary;
};

// In the order a hit travels. A part adds its declaration's include above and its line here.
static const Command commands[] = {
    {"dcs", dcs_command, "data collection service: hits in, durable, into the accounts' queues"},
    {"dps", cubed::dps::dps_command, "take hits off the queues and write visits"},
    {"control", cubed::control::control_command, "accounts and their configuration"},
    {"train", cubed::train_command, "models from journeys: report tables and a model file in S3"},
    {"report", cubed::report_command, "channels, journeys and validation as a table, JSON or CSV"},
    {"dash", cubed::dash::dash_command, "the dashboard, and a demo shop that carries the tag"},
    {"simulate", simulate_command, "visitors whose true causes are known, through the whole pipeline"},
    {nullptr, nullptr, nullptr},
};

static int print_usage(std::FILE* out) {
    std::fprintf(out, "usage: cubed COMMAND [OPTIONS]\n\ncommands:\n");
    for (const Command* command = commands; command->name != nullptr; ++command) {
        std::fprintf(out, "  %-10s %s\n", command->name, command->summary);
    }
    std::fprintf(out, "\n'cubed COMMAND --help' lists a command's options.\n");
    return out == stdout ? 0 : 2;
}

int main(int argc, char** argv) {
    if (argc < 2) return print_usage(stderr);
    if (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "help") == 0) return print_usage(stdout);
    for (const Command* command = commands; command->name != nullptr; ++command) {
        if (std::strcmp(argv[1], command->name) == 0) return command->run(argc - 1, argv + 1);
    }
    std::fprintf(stderr, "cubed: no command '%s'\n", argv[1]);
    return print_usage(stderr);
}
