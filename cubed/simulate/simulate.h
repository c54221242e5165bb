// cubed simulate: visitors whose true causes are known, sent through the whole pipeline.
#pragma once

int simulate_command(int argc, char** argv);
