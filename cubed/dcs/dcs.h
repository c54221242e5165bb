// cubed dcs: the data collection service.
#pragma once

int dcs_command(int argc, char** argv);
