// Arithmetic on extents from a stranger's table cannot wrap.
#include "core/base/byte_range.h"

#include <QtTest>

using namespace cairn;

class TestByteRange : public QObject {
    Q_OBJECT

private slots:
    void sumsThatWrapAreNothing();
    void aRangeThatWrapsIsInsideNothing();
    void touchingRangesDoNotOverlap();
    void emptyRangesOverlapNothing();
    void roundingKeepsMultiples();
};

void TestByteRange::sumsThatWrapAreNothing()
{
    QCOMPARE(checkedAdd(1, 2), std::optional<std::uint64_t>(3));
    QVERIFY(!checkedAdd(UINT64_MAX, 1));
    QVERIFY(!checkedMultiply(UINT64_MAX / 2 + 1, 2));
    QCOMPARE((ByteRange{5, 10}.end()), std::optional<std::uint64_t>(15));
    QVERIFY((!ByteRange{UINT64_MAX, 1}.end()));
}

void TestByteRange::aRangeThatWrapsIsInsideNothing()
{
    const ByteRange all{0, UINT64_MAX};
    QVERIFY(all.contains({100, 5}));
    QVERIFY((!all.contains({UINT64_MAX - 1, 10})));
    QVERIFY((!ByteRange{0, 100}.contains({90, 11})));
    QVERIFY((ByteRange{0, 100}.contains({100, 0})));
}

void TestByteRange::touchingRangesDoNotOverlap()
{
    QVERIFY((!ByteRange{0, 10}.overlaps({10, 10})));
    QVERIFY((ByteRange{0, 10}.overlaps({9, 10})));
    QVERIFY((ByteRange{UINT64_MAX - 5, 100}.overlaps({UINT64_MAX - 1, 1})));
}

void TestByteRange::emptyRangesOverlapNothing()
{
    QVERIFY((!ByteRange{5, 0}.overlaps({0, 10})));
    QVERIFY((!ByteRange{0, 10}.overlaps({5, 0})));
}

void TestByteRange::roundingKeepsMultiples()
{
    QCOMPARE(roundDown(4095, 4096), std::uint64_t{0});
    QCOMPARE(roundUp(4096, 4096), std::uint64_t{4096});
    QCOMPARE(roundUp(4097, 4096), std::uint64_t{8192});
    QCOMPARE(divideUp(UINT64_MAX, 2), std::uint64_t{1} << 63U);
}

QTEST_GUILESS_MAIN(TestByteRange)
#include "test_byte_range.moc"
