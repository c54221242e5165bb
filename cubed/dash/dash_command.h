// cubed dash: the dashboard, and the demo shop beside it when asked for.
#pragma once

namespace cubed::dash {

/// Runs until SIGTERM or SIGINT. Exit status 0, or 1 when it cannot start.
int dash_command(int argc, char** argv);

}  // namespace cubed::dash
