// Translates SQLite's calls and result codes to those of the store.
#include "core/catalog/region_vfs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <sqlite3.h>

namespace cairn {
namespace {

struct RegionFile {
    sqlite3_file base; // First: SQLite knows only this.
    RegionStore* store;
};

RegionStore& storeOf(sqlite3_file* file)
{
    return *reinterpret_cast<RegionFile*>(file)->store;
}

RegionStore& storeOf(sqlite3_vfs* vfs)
{
    return *static_cast<RegionStore*>(vfs->pAppData);
}

// The system's own VFS, for time, randomness and sleep.
sqlite3_vfs* systemVfs()
{
    return sqlite3_vfs_find(nullptr);
}

int resultCode(ErrorCode code, int otherwise)
{
    switch (code) {
    case ErrorCode::CatalogFull:
    case ErrorCode::NoSpace:
        return SQLITE_FULL;
    case ErrorCode::CatalogDamaged:
        return SQLITE_CORRUPT;
    case ErrorCode::ReadOnlyArray:
        return SQLITE_READONLY;
    case ErrorCode::OutOfMemory:
        return SQLITE_NOMEM;
    default:
        return otherwise;
    }
}

// Runs a call that returns Result<int>, an SQLite code; no exception gets into SQLite.
template<typename Body>
int guarded(RegionStore& store, int otherwise, Body&& body)
{
    Result<int> outcome = catchOutOfMemory(std::forward<Body>(body));
    if (outcome)
        return *outcome;
    const int code = resultCode(outcome.error().code, otherwise);
    store.setLastError(std::move(outcome).error());
    return code;
}

Result<std::uint64_t> checkedOffset(sqlite3_int64 offset, int length)
{
    if (offset < 0 || length < 0)
        return failure(ErrorCode::InvalidArgument, {}, "offset");
    return static_cast<std::uint64_t>(offset);
}

std::span<std::byte> bytesOf(void* data, int length)
{
    return {static_cast<std::byte*>(data), static_cast<std::size_t>(length)};
}

// --- the database file

int closeFile(sqlite3_file* file)
{
    file->pMethods = nullptr;
    return SQLITE_OK;
}

int readMain(sqlite3_file* file, void* into, int length, sqlite3_int64 offset)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_READ, [&]() -> Result<int> {
        const std::uint64_t at = CAIRN_TRY(checkedOffset(offset, length));
        const auto wanted = bytesOf(into, length);
        const std::size_t got = CAIRN_TRY(store.readMain(at, wanted));
        return got == wanted.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    });
}

int writeMain(sqlite3_file* file, const void* from, int length, sqlite3_int64 offset)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_WRITE, [&]() -> Result<int> {
        const std::uint64_t at = CAIRN_TRY(checkedOffset(offset, length));
        // SQLite leaves the reserved bytes of its buffer to us; its own cksumvfs does the same.
        CAIRN_TRY(store.writeMain(at, bytesOf(const_cast<void*>(from), length)));
        return SQLITE_OK;
    });
}

int truncateMain(sqlite3_file* file, sqlite3_int64 size)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_TRUNCATE, [&]() -> Result<int> {
        const std::uint64_t sizeBytes = CAIRN_TRY(checkedOffset(size, 0));
        CAIRN_TRY(store.truncateMain(sizeBytes));
        return SQLITE_OK;
    });
}

int syncMain(sqlite3_file* file, int)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_FSYNC, [&]() -> Result<int> {
        CAIRN_TRY(store.syncMain());
        return SQLITE_OK;
    });
}

int sizeOfMain(sqlite3_file* file, sqlite3_int64* size)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_FSTAT, [&]() -> Result<int> {
        *size = static_cast<sqlite3_int64>(CAIRN_TRY(store.mainBytes()));
        return SQLITE_OK;
    });
}

LockLevel levelOf(int sqliteLevel)
{
    CAIRN_ASSERT(sqliteLevel >= SQLITE_LOCK_NONE && sqliteLevel <= SQLITE_LOCK_EXCLUSIVE);
    return static_cast<LockLevel>(sqliteLevel);
}
static_assert(static_cast<int>(LockLevel::Exclusive) == SQLITE_LOCK_EXCLUSIVE);
static_assert(static_cast<int>(LockLevel::Reserved) == SQLITE_LOCK_RESERVED);

int lockMain(sqlite3_file* file, int level)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_LOCK, [&]() -> Result<int> {
        return CAIRN_TRY(store.lock(levelOf(level))) ? SQLITE_OK : SQLITE_BUSY;
    });
}

int unlockMain(sqlite3_file* file, int level)
{
    storeOf(file).unlock(levelOf(level));
    return SQLITE_OK;
}

int checkReserved(sqlite3_file* file, int* reserved)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_CHECKRESERVEDLOCK, [&]() -> Result<int> {
        *reserved = CAIRN_TRY(store.reservedByAny()) ? 1 : 0;
        return SQLITE_OK;
    });
}

int fileControl(sqlite3_file*, int, void*)
{
    return SQLITE_NOTFOUND;
}

int sectorSize(sqlite3_file*)
{
    return kPageBytes;
}

int deviceCharacteristics(sqlite3_file*)
{
    return 0;
}

// --- the journal file

int readJournal(sqlite3_file* file, void* into, int length, sqlite3_int64 offset)
{
    RegionStore& store = storeOf(file);
    // Not SQLITE_CORRUPT: only an I/O error makes SQLite stop to trust its cache.
    const int code = guarded(store, SQLITE_IOERR_READ, [&]() -> Result<int> {
        const std::uint64_t at = CAIRN_TRY(checkedOffset(offset, length));
        const auto wanted = bytesOf(into, length);
        std::ranges::fill(wanted, std::byte{0});
        const std::size_t got = CAIRN_TRY(store.journal().read(at, wanted));
        return got == wanted.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    });
    return code == SQLITE_CORRUPT ? SQLITE_IOERR_DATA : code;
}

int writeJournal(sqlite3_file* file, const void* from, int length, sqlite3_int64 offset)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_WRITE, [&]() -> Result<int> {
        const std::uint64_t at = CAIRN_TRY(checkedOffset(offset, length));
        CAIRN_TRY(store.writeJournal(
            at, {static_cast<const std::byte*>(from), static_cast<std::size_t>(length)}));
        return SQLITE_OK;
    });
}

int eraseJournal(RegionStore& store)
{
    return guarded(store, SQLITE_IOERR_DELETE, [&]() -> Result<int> {
        CAIRN_TRY(store.eraseJournal());
        return SQLITE_OK;
    });
}

int truncateJournal(sqlite3_file* file, sqlite3_int64 size)
{
    return size == 0 ? eraseJournal(storeOf(file)) : SQLITE_OK;
}

int syncJournal(sqlite3_file* file, int)
{
    RegionStore& store = storeOf(file);
    return guarded(store, SQLITE_IOERR_FSYNC, [&]() -> Result<int> {
        CAIRN_TRY(store.syncJournal());
        return SQLITE_OK;
    });
}

int sizeOfJournal(sqlite3_file* file, sqlite3_int64* size)
{
    *size = static_cast<sqlite3_int64>(storeOf(file).journal().sizeBytes());
    return SQLITE_OK;
}

int lockNothing(sqlite3_file*, int)
{
    return SQLITE_OK;
}

int noReserved(sqlite3_file*, int* reserved)
{
    *reserved = 0;
    return SQLITE_OK;
}

constexpr sqlite3_io_methods methodsOfMain()
{
    sqlite3_io_methods methods{};
    methods.iVersion = 1;
    methods.xClose = closeFile;
    methods.xRead = readMain;
    methods.xWrite = writeMain;
    methods.xTruncate = truncateMain;
    methods.xSync = syncMain;
    methods.xFileSize = sizeOfMain;
    methods.xLock = lockMain;
    methods.xUnlock = unlockMain;
    methods.xCheckReservedLock = checkReserved;
    methods.xFileControl = fileControl;
    methods.xSectorSize = sectorSize;
    methods.xDeviceCharacteristics = deviceCharacteristics;
    return methods;
}

constexpr sqlite3_io_methods methodsOfJournal()
{
    sqlite3_io_methods methods = methodsOfMain();
    methods.xRead = readJournal;
    methods.xWrite = writeJournal;
    methods.xTruncate = truncateJournal;
    methods.xSync = syncJournal;
    methods.xFileSize = sizeOfJournal;
    methods.xLock = lockNothing;
    methods.xUnlock = lockNothing;
    methods.xCheckReservedLock = noReserved;
    return methods;
}

constexpr sqlite3_io_methods kMainMethods = methodsOfMain();
constexpr sqlite3_io_methods kJournalMethods = methodsOfJournal();

// --- the file system

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flagsOut)
{
    file->pMethods = nullptr;
    if (name == nullptr)
        return SQLITE_CANTOPEN;
    const bool isMain = std::strcmp(name, RegionVfs::kDatabaseName) == 0;
    if (!isMain && std::strcmp(name, RegionVfs::kJournalName) != 0)
        return SQLITE_CANTOPEN;
    reinterpret_cast<RegionFile*>(file)->store = &storeOf(vfs);
    file->pMethods = isMain ? &kMainMethods : &kJournalMethods;
    if (flagsOut != nullptr)
        *flagsOut = flags;
    return SQLITE_OK;
}

int deleteFile(sqlite3_vfs* vfs, const char* name, int)
{
    if (std::strcmp(name, RegionVfs::kJournalName) != 0)
        return SQLITE_IOERR_DELETE_NOENT;
    return eraseJournal(storeOf(vfs));
}

int accessFile(sqlite3_vfs* vfs, const char* name, int, int* result)
{
    *result = 0;
    if (std::strcmp(name, RegionVfs::kJournalName) != 0)
        return SQLITE_OK;
    RegionStore& store = storeOf(vfs);
    return guarded(store, SQLITE_IOERR_ACCESS, [&]() -> Result<int> {
        *result = CAIRN_TRY(store.journalExists()) ? 1 : 0;
        return SQLITE_OK;
    });
}

int fullPathname(sqlite3_vfs*, const char* name, int length, char* into)
{
    sqlite3_snprintf(length, into, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int length, char* into)
{
    return systemVfs()->xRandomness(systemVfs(), length, into);
}

int sleepMicroseconds(sqlite3_vfs*, int microseconds)
{
    return systemVfs()->xSleep(systemVfs(), microseconds);
}

int currentTime(sqlite3_vfs*, double* julianDay)
{
    return systemVfs()->xCurrentTime(systemVfs(), julianDay);
}

int lastSystemError(sqlite3_vfs* vfs, int, char*)
{
    const auto& error = storeOf(vfs).lastError();
    return error ? error->osError : 0;
}

std::string uniqueName()
{
    static std::atomic<std::uint64_t> next{1};
    return fmt::format("cairn-region-{}", next.fetch_add(1));
}

} // namespace

RegionVfs::RegionVfs(RegionStore& store)
    : m_name(uniqueName()), m_vfs(std::make_unique<sqlite3_vfs>())
{
    m_vfs->iVersion = 1;
    m_vfs->szOsFile = sizeof(RegionFile);
    m_vfs->mxPathname = 64;
    m_vfs->zName = m_name.c_str();
    m_vfs->pAppData = &store;
    m_vfs->xOpen = openFile;
    m_vfs->xDelete = deleteFile;
    m_vfs->xAccess = accessFile;
    m_vfs->xFullPathname = fullPathname;
    m_vfs->xRandomness = randomness;
    m_vfs->xSleep = sleepMicroseconds;
    m_vfs->xCurrentTime = currentTime;
    m_vfs->xGetLastError = lastSystemError;
}

Result<std::unique_ptr<RegionVfs>> RegionVfs::create(RegionStore& store)
{
    std::unique_ptr<RegionVfs> vfs(new RegionVfs(store));
    if (sqlite3_vfs_register(vfs->m_vfs.get(), 0) != SQLITE_OK)
        return failure(ErrorCode::OutOfMemory);
    return vfs;
}

RegionVfs::~RegionVfs()
{
    sqlite3_vfs_unregister(m_vfs.get());
}

} // namespace cairn
