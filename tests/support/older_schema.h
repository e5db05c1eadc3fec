// SQL that makes a catalog one of an older version: it takes away what later ones added.
#pragma once

namespace cairn::test {

inline constexpr const char* kToVersion1 =
    "DROP TABLE undo; DROP TABLE unfinished; DROP TABLE taken_as_is; DROP TABLE unreadable;"
    " DROP TABLE consistency; DROP TABLE sealed; DROP TABLE sealed_bytes; DROP TABLE swap;"
    " DROP TABLE swapped; PRAGMA user_version = 1";

inline constexpr const char* kToVersion2 =
    "DROP TABLE unfinished; DROP TABLE taken_as_is; DROP TABLE unreadable; DROP TABLE consistency;"
    " DROP TABLE sealed; DROP TABLE sealed_bytes; DROP TABLE swap;"
    " DROP TABLE swapped; PRAGMA user_version = 2";

inline constexpr const char* kToVersion6 =
    "DROP TABLE swap; DROP TABLE swapped; PRAGMA user_version = 6";

} // namespace cairn::test
