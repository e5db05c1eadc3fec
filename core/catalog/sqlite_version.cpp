// Which SQLite this program runs with.
#include "core/catalog/region_database.h"

#include <sqlite3.h>

namespace cairn {

const char* sqliteVersion() noexcept
{
    return ::sqlite3_libversion();
}

} // namespace cairn
