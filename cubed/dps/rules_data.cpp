#include "cubed/dps/rules_data.h"

// The assembler takes the files in: no generator, and no compiler chewing on a megabyte of literals.
#define EMBED(symbol, file)                   \
    __asm__(                                  \
        ".section .rodata\n"                  \
        ".global " #symbol "_begin\n" #symbol \
        "_begin:\n"                           \
        ".incbin \"" file                     \
        "\"\n"                                \
        ".global " #symbol "_end\n" #symbol   \
        "_end:\n"                             \
        ".byte 0\n"                           \
        ".previous\n");                       \
    extern "C" const char symbol##_begin[];   \
    extern "C" const char symbol##_end[];

EMBED(cubed_uap_core, UAP_CORE_FILE)
EMBED(cubed_crawlers, CRAWLERS_FILE)

namespace cubed::dps {

std::string_view uap_core_rules() {
    return {cubed_uap_core_begin, std::size_t(cubed_uap_core_end - cubed_uap_core_begin)};
}

std::string_view crawler_user_agents() {
    return {cubed_crawlers_begin, std::size_t(cubed_crawlers_end - cubed_crawlers_begin)};
}

}  // namespace cubed::dps
