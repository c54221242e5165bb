// cubed dps: the data processing service, and the replay of what it set aside.
#pragma once

namespace cubed::dps {

/// Runs until SIGTERM or SIGINT. Exit status 0; 1 when it cannot start; 2 for bad usage.
int dps_command(int argc, char** argv);

}  // namespace cubed::dps
