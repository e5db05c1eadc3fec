// Quotes as little as a shell needs.
#include "core/base/command_word.h"

namespace cairn {

std::string wordOnCommandLine(const std::string& text, const std::string& otherwise)
{
    if (text.find_first_of(" \t'\"$&;|<>()*?\\`!#~") == std::string::npos)
        return text;
    return text.find_first_of("\"$`\\!") == std::string::npos ? '"' + text + '"' : otherwise;
}

} // namespace cairn
