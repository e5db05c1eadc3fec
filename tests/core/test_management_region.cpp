// The layout of a management region and its super blocks.
#include "core/catalog/management_region.h"
#include "tests/support/memory_io.h"
#include "tests/support/state_stride.h"
#include "tests/support/test_database.h"

#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

SuperBlock someSuper()
{
    SuperBlock super;
    super.arrayId = testArrayId();
    super.memberId = *Uuid::parse("00000000-0000-4000-8000-000000000001");
    super.commitId = 42;
    return super;
}

void flip(MemoryIo& io, std::uint64_t offset)
{
    auto byte = std::array{io.content()[static_cast<std::size_t>(offset)] ^ std::byte{1}};
    io.fill(offset, byte);
}

} // namespace

class TestManagementRegion final : public QObject {
    Q_OBJECT

private slots:
    void areasLieApartAndInsideTheRegion()
    {
        for (std::uint64_t size = kMinimumManagementBytes; size < 9 * kGiB; size = size * 9 / 5) {
            const auto areas = managementAreas(size);
            QVERIFY(areas);
            QCOMPARE(areas->journal.offsetBytes, kAreasOffset);
            QCOMPARE(*areas->journal.end(), areas->main.offsetBytes);
            QVERIFY(*areas->main.end() <= size);
            QCOMPARE(areas->main.offsetBytes % kPageBytes, 0U);
            QCOMPARE(areas->main.lengthBytes % kPageBytes, 0U);
            QVERIFY(areas->main.lengthBytes <= kGiB);
        }
    }

    void journalHoldsARecordOfEveryPage()
    {
        for (std::uint64_t size = kMinimumManagementBytes; size < 4 * kGiB; size = size * 7 / 4) {
            const auto areas = managementAreas(size);
            QVERIFY(areas);
            const std::uint64_t pages = areas->main.lengthBytes / kPageBytes;
            // Its header, a record a page, and the block at the end that stays unused.
            QVERIFY(areas->journal.lengthBytes >= pages * (kPageBytes + 8) + 2 * kPageBytes);
        }
    }

    void smallRegionIsRefused()
    {
        QCOMPARE(managementAreas(kMinimumManagementBytes - 1).error().code, ErrorCode::InvalidSize);
        MemoryIo io(kMinimumManagementBytes - kPageBytes);
        QCOMPARE(formatManagementRegion(io, someSuper()).error().code, ErrorCode::InvalidSize);
        QCOMPARE(readSuperBlock(io).error().code, ErrorCode::InvalidSize);
    }

    void superBlockIsReadAsWritten()
    {
        MemoryIo io(kMinimumManagementBytes);
        QVERIFY(formatManagementRegion(io, someSuper()));
        auto super = readSuperBlock(io);
        QVERIFY(super);
        QCOMPARE(super->arrayId, someSuper().arrayId);
        QCOMPARE(super->memberId, someSuper().memberId);
        QCOMPARE(super->commitId, 42U);
        QCOMPARE(super->regionBytes, kMinimumManagementBytes);
        QVERIFY(!super->repairing);
        super->repairing = true;
        QVERIFY(writeSuperBlock(io, *super));
        QVERIFY(readSuperBlock(io)->repairing);
        QVERIFY(io.content() == io.durableContent());
    }

    void newerSlotCountsAndTheOlderIsOverwritten()
    {
        MemoryIo io(kMinimumManagementBytes);
        QVERIFY(formatManagementRegion(io, someSuper()));
        for (std::uint64_t commit = 1; commit < 6; ++commit) {
            SuperBlock super = *readSuperBlock(io);
            super.commitId = commit;
            QVERIFY(writeSuperBlock(io, super));
            QCOMPARE(readSuperBlock(io)->commitId, commit);
            QCOMPARE(readSuperBlock(io)->sequence, commit + 2);
        }
    }

    void damagedSlotGivesWayToTheOther()
    {
        for (const std::uint64_t slot : kSuperSlotOffsets) {
            MemoryIo io(kMinimumManagementBytes);
            QVERIFY(formatManagementRegion(io, someSuper()));
            flip(io, slot + 50);
            const auto super = readSuperBlock(io);
            QVERIFY(super);
            QCOMPARE(super->arrayId, someSuper().arrayId);
        }
    }

    void everyDamagedByteOfTheOnlySlotIsNoticed()
    {
        MemoryIo io(kMinimumManagementBytes);
        QVERIFY(formatManagementRegion(io, someSuper()));
        const std::vector<std::byte> gone(kPageBytes);
        io.fill(kSuperSlotOffsets[1], gone);
        for (std::uint64_t byte = 0; byte < kPageBytes; byte += stateStride()) {
            flip(io, byte);
            const auto super = readSuperBlock(io);
            QVERIFY(!super);
            QCOMPARE(super.error().code,
                     byte < 8 ? ErrorCode::CatalogForeign : ErrorCode::CatalogDamaged);
            flip(io, byte);
        }
        QVERIFY(readSuperBlock(io));
    }

    void regionWithoutMagicIsForeign()
    {
        MemoryIo io(kMinimumManagementBytes);
        QCOMPARE(readSuperBlock(io).error().code, ErrorCode::CatalogForeign);
    }

    void unreadableSlotGivesWayToTheOther()
    {
        MemoryIo io(kMinimumManagementBytes);
        QVERIFY(formatManagementRegion(io, someSuper()));
        io.observer.failAt(1);
        QVERIFY(readSuperBlock(io));
        io.observer.setHook([](IoCall call, ByteRange, std::uint64_t) {
            return call == IoCall::Read ? std::optional(Error{ErrorCode::ReadFailed, 5, {}, {}, 0})
                                        : std::nullopt;
        });
        QCOMPARE(readSuperBlock(io).error().code, ErrorCode::ReadFailed);
    }

    void formatCutShortIsNoCatalog()
    {
        for (std::uint64_t nth = 1;; ++nth) {
            MemoryIo io(kMinimumManagementBytes);
            QVERIFY(formatManagementRegion(io, someSuper()));
            io.observer.reset();
            io.observer.failAt(nth);
            if (formatManagementRegion(io, someSuper())) {
                QVERIFY(nth > 5);
                return;
            }
            const auto super = readSuperBlock(io);
            QVERIFY(super || super.error().code == ErrorCode::CatalogForeign);
        }
    }

    void documentationTellsAStrangerWhereTheDatabaseIs()
    {
        MemoryIo io(kMinimumManagementBytes);
        QVERIFY(formatManagementRegion(io, someSuper()));
        const auto content = io.content();
        const std::string text(reinterpret_cast<const char*>(&content[kDocumentation.offsetBytes]),
                               kPageBytes);
        const auto areas = managementAreas(io.sizeBytes());
        const std::string skip = "skip=" + std::to_string(areas->main.offsetBytes / kPageBytes);
        QVERIFY(text.find("dd if=REGION") != std::string::npos);
        QVERIFY(text.find(skip) != std::string::npos);
        QVERIFY(text.find(someSuper().arrayId.toString()) != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestManagementRegion)
#include "test_management_region.moc"
