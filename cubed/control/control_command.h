// cubed control: accounts and their configuration, from the command line.
#pragma once

namespace cubed::control {

/// Exit status 0; 1 when it failed, with the reason on stderr; 2 for bad usage.
int control_command(int argc, char** argv);

}  // namespace cubed::control
