# Writes OUT: a C++ source that holds the bytes of IN, as numbers so that no character needs escaping.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT}.new "// Generated: the built tag.
#include \"cubed/dcs/tag_script.h\"

namespace cubed::dcs {
static const unsigned char bytes[] = {${bytes}};
std::string_view tag_script() { return {reinterpret_cast<const char*>(bytes), sizeof bytes}; }
}  // namespace cubed::dcs
")
execute_process(COMMAND ${CMAKE_COMMAND} -E rename ${OUT}.new ${OUT})
