// `cubed report`: the subcommand.
#pragma once

namespace cubed {

/// Exit status: 0 done, 1 something failed (said on standard error), 2 wrong usage.
int report_command(int argc, char** argv);

}  // namespace cubed
