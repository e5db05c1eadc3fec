// Two copies of the database: what is bad in one is taken from the other, and repaired.
#include "core/catalog/page_stamp.h"
#include "core/catalog/region_database.h"
#include "tests/support/recording_io.h"
#include "tests/support/test_database.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <fmt/format.h>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr const char* kSum = "SELECT count(*) || ':' || sum(length(text)) FROM item";

// Two copies with the same rows.
struct Mirror {
    std::shared_ptr<MemoryMedium> media[2] = {formattedMedium(), formattedMedium()};
    MemoryIo first{media[0]};
    MemoryIo second{media[1]};
    std::uint32_t pages = 0;
    std::string sum;

    Mirror()
    {
        auto database = openDatabase({&first, &second}, DatabaseMode::Live, true);
        CAIRN_ASSERT(database);
        fillDatabase(**database, 300);
        sum = query(**database, kSum);
        pages = static_cast<std::uint32_t>((*database)->pageCount());
    }

    Result<std::unique_ptr<RegionDatabase>> open()
    {
        return openDatabase({&first, &second}, DatabaseMode::Live);
    }
    MemoryIo& copy(std::size_t index) { return index == 0 ? first : second; }
    std::span<std::byte> page(std::size_t index, std::uint32_t number)
    {
        return std::span(media[index]->bytes)
            .subspan(static_cast<std::size_t>(pageOffset(first.sizeBytes(), number)), kPageBytes);
    }
    bool pagesEqual()
    {
        for (std::uint32_t number = 1; number <= pages; ++number) {
            if (!std::ranges::equal(page(0, number), page(1, number)))
                return false;
        }
        return true;
    }
};

std::optional<Error> writeError(IoCall call)
{
    if (call == IoCall::Write || call == IoCall::Flush || call == IoCall::Zero)
        return Error{ErrorCode::WriteFailed, 5, {}, {}, 0};
    return std::nullopt;
}

void failWrites(MemoryIo& io)
{
    io.observer.setHook([](IoCall call, ByteRange, std::uint64_t) { return writeError(call); });
}

} // namespace

class TestRegionDatabaseMirror final : public QObject {
    Q_OBJECT

private slots:
    void copiesAreWrittenEqual()
    {
        Mirror mirror;
        QVERIFY(mirror.pages > 10);
        QVERIFY(mirror.pagesEqual());
        QVERIFY(mirror.first.content() == mirror.second.content());
    }

    void everyDamagedPageIsRepairedFromTheOtherCopy()
    {
        SeededRandom random(testSeed());
        Mirror mirror;
        for (std::uint32_t number = 1; number <= mirror.pages; ++number) {
            const std::size_t damaged = random.below(2);
            auto page = mirror.page(damaged, number);
            page[random.below(kPageBytes)] ^= static_cast<std::byte>(1U << random.below(8));
            {
                auto database = mirror.open();
                QVERIFY(database);
                QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
                QCOMPARE(query(**database, kSum), mirror.sum);
                QCOMPARE((*database)->repairs(), 1U);
                QVERIFY((*database)->failedCopies().empty());
            }
            QVERIFY(mirror.pagesEqual());
        }
    }

    void stalePageGivesWayToTheNewer()
    {
        Mirror mirror;
        const auto before = mirror.second.content();
        {
            auto database = mirror.open();
            QVERIFY(database);
            QCOMPARE(execute(**database, "UPDATE item SET text = 'new' WHERE id = 200"), 0);
        }
        // The second copy's drive lost every write to the database but that of page 1.
        for (std::uint32_t number = 2; number <= mirror.pages; ++number) {
            const auto offset =
                static_cast<std::size_t>(pageOffset(mirror.first.sizeBytes(), number));
            std::ranges::copy(std::span(before).subspan(offset, kPageBytes),
                              mirror.page(1, number).begin());
        }
        auto database = mirror.open();
        QVERIFY(database);
        QCOMPARE(query(**database, "SELECT text FROM item WHERE id = 200"), "new");
        QVERIFY((*database)->repairs() > 0);
        QVERIFY(mirror.pagesEqual());
    }

    void misdirectedPageIsNotTakenForAnother()
    {
        Mirror mirror;
        std::ranges::copy(mirror.page(0, 5), mirror.page(0, 6).begin());
        auto database = mirror.open();
        QVERIFY(database);
        QCOMPARE(query(**database, kSum), mirror.sum);
        QCOMPARE((*database)->repairs(), 1U);
        QVERIFY(mirror.pagesEqual());
    }

    void pageOfAnotherArrayIsNotTaken()
    {
        Mirror mirror;
        const auto generation = stampedGeneration(mirror.page(0, 4).first<kPageBytes>(), 4,
                                                  StampKey::of(testArrayId()));
        QVERIFY(generation);
        stampPage(mirror.page(0, 4).first<kPageBytes>(), 4, *generation + 1, StampKey::of(Uuid{}));
        auto database = mirror.open();
        QVERIFY(database);
        QCOMPARE(query(**database, kSum), mirror.sum);
        QCOMPARE((*database)->repairs(), 1U);
    }

    void loneDamagedPageIsAnErrorAndNeverData()
    {
        for (const DatabaseMode mode : {DatabaseMode::Private, DatabaseMode::Live}) {
            Mirror mirror;
            for (std::uint32_t number = 1; number <= mirror.pages; ++number) {
                auto page = mirror.page(0, number);
                page[100] ^= std::byte{4};
                auto database = openDatabase({&mirror.first}, mode);
                if (database) {
                    QCOMPARE(query(**database, kSum), "error 11"); // SQLITE_CORRUPT
                    const Error* error = (*database)->lastError();
                    QVERIFY(error != nullptr);
                    QCOMPARE(error->code, ErrorCode::CatalogDamaged);
                    QCOMPARE(error->detail, fmt::format("page {}", number));
                } else {
                    QCOMPARE(database.error().code, ErrorCode::CatalogDamaged);
                    QCOMPARE(number, 1U);
                }
                page[100] ^= std::byte{4};
            }
        }
    }

    void pageDamagedInBothCopiesIsAnError()
    {
        Mirror mirror;
        mirror.page(0, 7)[9] ^= std::byte{1};
        mirror.page(1, 7)[11] ^= std::byte{1};
        auto database = mirror.open();
        QVERIFY(database);
        QCOMPARE(query(**database, kSum), "error 11");
        QCOMPARE((*database)->lastError()->code, ErrorCode::CatalogDamaged);
        QCOMPARE((*database)->repairs(), 0U);
    }

    void unreadableSectorIsReadFromTheOtherCopy()
    {
        Mirror mirror;
        const ByteRange bad{pageOffset(mirror.first.sizeBytes(), 3), 512};
        mirror.first.observer.setHook([bad](IoCall call, ByteRange range, std::uint64_t) {
            return call == IoCall::Read && range.overlaps(bad)
                       ? std::optional(Error{ErrorCode::ReadFailed, 5, {}, {}, 0})
                       : std::nullopt;
        });
        auto database = mirror.open();
        QVERIFY(database);
        QCOMPARE(query(**database, kSum), mirror.sum);
        QVERIFY((*database)->repairs() > 0); // Written back: a drive remaps such a sector.
        QVERIFY((*database)->failedCopies().empty());
    }

    void copyThatFailsAWriteIsDroppedAndTheCommitHolds()
    {
        for (const std::size_t failing : {0U, 1U}) {
            Mirror mirror;
            {
                auto database = mirror.open();
                QVERIFY(database);
                failWrites(mirror.copy(failing));
                QCOMPARE(execute(**database, "DELETE FROM item WHERE id > 100"), 0);
                QCOMPARE((*database)->failedCopies(), std::vector{failing});
                QCOMPARE(query(**database, "SELECT count(*) FROM item"), "100");
            }
            mirror.copy(failing).observer.setHook({});
            MemoryIo& good = mirror.copy(1 - failing);
            QCOMPARE(countOf(mirror.copy(failing)), "300");
            QCOMPARE(countOf(good), "100");
            QVERIFY(*repairCopy(good, mirror.copy(failing), testArrayId()) > 0);
            QCOMPARE(countOf(mirror.copy(failing)), "100");
            QVERIFY(mirror.pagesEqual());
        }
    }

    // Whichever call of whichever kind fails in one copy, the statement succeeds on the other.
    void anyFailureOfOneCopyLeavesTheOtherInCharge()
    {
        for (std::uint64_t nth = 1;; ++nth) {
            Mirror mirror;
            mirror.second.observer.reset();
            mirror.second.observer.failAt(nth);
            {
                auto database = mirror.open();
                QVERIFY(database);
                QCOMPARE(execute(**database, "UPDATE item SET text = 'z' WHERE id % 5 = 0"), 0);
                QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
            }
            const std::uint64_t calls = mirror.second.observer.totalCalls();
            mirror.second.observer.setHook({});
            QVERIFY(repairCopy(mirror.first, mirror.second, testArrayId()));
            QVERIFY(mirror.pagesEqual());
            if (nth > calls)
                break;
        }
    }

    void lastCopyThatFailsFailsTheCommit()
    {
        Mirror mirror;
        auto database = mirror.open();
        QVERIFY(database);
        failWrites(mirror.first);
        failWrites(mirror.second);
        QVERIFY(execute(**database, "DELETE FROM item") != 0);
        QVERIFY((*database)->lastError() != nullptr);
        QCOMPARE((*database)->lastError()->code, ErrorCode::WriteFailed);
        QCOMPARE((*database)->failedCopies().size(), 1U);
        database->reset();
        for (MemoryIo* io : {&mirror.first, &mirror.second}) {
            io->observer.setHook({});
            QCOMPARE(countOf(*io), "300");
        }
    }

    void copiesOfDifferentSizeHoldWhatTheSmallerHolds()
    {
        const auto small = formattedMedium(4 * kMiB);
        const auto large = formattedMedium(9 * kMiB);
        MemoryIo first(large);
        MemoryIo second(small);
        auto database = openDatabase({&first, &second}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 300);
        QCOMPARE((*database)->pageLimit(), managementAreas(4 * kMiB)->main.lengthBytes / 4096);
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
    }

    void repairOfAnEqualCopyWritesNothing()
    {
        Mirror mirror;
        mirror.second.observer.reset();
        QCOMPARE(*repairCopy(mirror.first, mirror.second, testArrayId()), 0U);
        QCOMPARE(mirror.second.observer.count(IoCall::Write).calls, 0U);
    }

    void newlyFormattedCopyIsFilled()
    {
        Mirror mirror;
        const auto fresh = formattedMedium(5 * kMiB);
        MemoryIo third(fresh);
        QCOMPARE(*repairCopy(mirror.first, third, testArrayId()), mirror.pages);
        QCOMPARE(countOf(third), "300");
        auto database = openDatabase({&mirror.first, &third}, DatabaseMode::Live);
        QVERIFY(database);
        QCOMPARE(execute(**database, "DELETE FROM item WHERE id < 5"), 0);
        QCOMPARE((*database)->repairs(), 0U);
    }

    // Incident: a copy that was behind was overwritten on a full filesystem, and was no copy then.
    void repairThatFailsLeavesTheOldStateOrTheNew()
    {
        for (const bool forGood : {false, true}) {
            for (std::uint64_t nth = 1;; ++nth) {
                Mirror mirror;
                changeFirst(mirror);
                const bool reached = repairFailingAt(mirror, nth, forGood, OldState::Kept);
                const std::string rows = countOf(mirror.second);
                QVERIFY2(rows == "300" || rows == "699", rows.c_str());
                // As often as it is tried, and when there is room again.
                std::ignore = repairFailingAt(mirror, nth, forGood, OldState::Kept);
                const std::string again = countOf(mirror.second);
                QVERIFY2(again == "300" || again == "699", again.c_str());
                QVERIFY(repairCopy(mirror.first, mirror.second, testArrayId()));
                QCOMPARE(countOf(mirror.second), "699");
                if (!reached)
                    break;
            }
        }
    }

    void powerCutInARepairLeavesTheOldStateOrTheNew()
    {
        Mirror mirror;
        changeFirst(mirror);
        const auto before = mirror.media[1]->bytes;
        const auto log = std::make_shared<WriteLog>();
        {
            RecordingIo recorded(mirror.media[1], 0, log);
            QVERIFY(repairCopy(mirror.first, recorded, testArrayId()));
        }
        SeededRandom random(testSeed());
        bool seenOld = false;
        for (CrashStates states(*log, {before});; states.advance()) {
            for (const Unflushed unflushed :
                 {Unflushed::Lost, Unflushed::Kept, Unflushed::BySector}) {
                MemoryIo cut(states.medium(0, unflushed, random));
                const std::string rows = countOf(cut);
                QVERIFY2(rows == "300" || rows == "699",
                         fmt::format("{} after {}", rows, states.position()).c_str());
                seenOld = seenOld || rows == "300";
                QVERIFY(repairCopy(mirror.first, cut, testArrayId()));
                QCOMPARE(countOf(cut), "699");
            }
            if (states.atEnd())
                break;
        }
        QVERIFY(seenOld);
    }

    // What is damaged, or given up, has no state to return to.
    void interruptedReplacementIsNeverTakenForACatalog()
    {
        for (const OldState old : {OldState::Kept, OldState::GivenUp}) {
            for (std::uint64_t nth = 1;; ++nth) {
                Mirror mirror;
                changeFirst(mirror);
                if (old == OldState::Kept)
                    mirror.page(1, 8)[77] ^= std::byte{1};
                const std::string asItWas = countOf(mirror.second);
                const bool reached = repairFailingAt(mirror, nth, false, old);
                const std::string rows = countOf(mirror.second);
                // New only if nothing but the flush of its last mark failed.
                QVERIFY2(rows == asItWas || rows == "699" || rows == "CatalogDamaged",
                         rows.c_str());
                QVERIFY(repairCopy(mirror.first, mirror.second, testArrayId(), old));
                QCOMPARE(countOf(mirror.second), "699");
                if (!reached)
                    break;
            }
        }
    }

    void repairFromADamagedCopyWritesNothing()
    {
        Mirror mirror;
        mirror.page(0, 8)[77] ^= std::byte{1};
        mirror.second.observer.reset();
        QCOMPARE(repairCopy(mirror.first, mirror.second, testArrayId()).error().code,
                 ErrorCode::CatalogDamaged);
        QCOMPARE(mirror.second.observer.count(IoCall::Write).calls, 0U);
        QCOMPARE(countOf(mirror.second), "300");
    }

private:
    // More pages, and others.
    static void changeFirst(Mirror& mirror)
    {
        auto alone = openDatabase({&mirror.first}, DatabaseMode::Live);
        CAIRN_ASSERT(alone);
        CAIRN_ASSERT(execute(**alone, "UPDATE item SET text = upper(text) || '!'") == 0);
        CAIRN_ASSERT(execute(**alone, "INSERT INTO item(text) SELECT text || id FROM item") == 0);
        CAIRN_ASSERT(execute(**alone, "INSERT INTO item(text) SELECT text FROM item LIMIT 100") ==
                     0);
        CAIRN_ASSERT(execute(**alone, "DELETE FROM item WHERE id = 9") == 0);
    }

    // Whether there was an nth call; it fails, and `forGood` all writes after it.
    static bool repairFailingAt(Mirror& mirror, std::uint64_t nth, bool forGood, OldState old)
    {
        bool reached = false;
        mirror.second.observer.reset();
        mirror.second.observer.setHook(
            [&](IoCall call, ByteRange, std::uint64_t index) -> std::optional<Error> {
                const bool now = index + 1 == nth;
                reached = reached || now;
                const bool full = forGood && index + 1 >= nth;
                if (full && (call == IoCall::Write || call == IoCall::Zero))
                    return Error{ErrorCode::NoSpace, 28, {}, {}, 0};
                if (forGood || !now)
                    return std::nullopt;
                const auto failed = writeError(call);
                return failed ? failed : Error{ErrorCode::ReadFailed, 5, {}, {}, 0};
            });
        const bool done = repairCopy(mirror.first, mirror.second, testArrayId(), old).has_value();
        mirror.second.observer.setHook({});
        CAIRN_ASSERT(!done || countOf(mirror.second) == "699");
        return reached;
    }

    // Rows that a private opening of one copy shows, or the name of its error.
    static std::string countOf(RegionIo& io)
    {
        auto database = openDatabase({&io}, DatabaseMode::Private);
        if (!database)
            return errorName(database.error().code);
        if (query(**database, "PRAGMA integrity_check") != "ok")
            return "broken";
        return query(**database, "SELECT count(*) FROM item");
    }
};

QTEST_GUILESS_MAIN(TestRegionDatabaseMirror)
#include "test_region_database_mirror.moc"
