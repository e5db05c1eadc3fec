// Printing that cannot fail.
#include "app/cairnctl/standard_error.h"

#include <cstdio>
#include <tuple>

namespace cairn::ctl {

void tell(std::string_view text)
{
    std::ignore = std::fwrite(text.data(), 1, text.size(), stderr);
    std::ignore = std::fflush(stderr);
}

} // namespace cairn::ctl
