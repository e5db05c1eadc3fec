// Sizes are read as people write them, and never rounded when read.
#include "core/base/size_text.h"

#include "core/base/byte_range.h"

#include <QtTest>

using namespace cairn;

class TestSizeText : public QObject {
    Q_OBJECT

private slots:
    void sizesAreReadInEverySpelling_data();
    void sizesAreReadInEverySpelling();
    void whatIsNoSizeIsRefused_data();
    void whatIsNoSizeIsRefused();
    void sizesArePrintedShort_data();
    void sizesArePrintedShort();
    void roundSizesComeBackAsTheyWere();
};

void TestSizeText::sizesAreReadInEverySpelling_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<quint64>("bytes");
    QTest::newRow("plain") << "1048576" << quint64{kMiB};
    QTest::newRow("zero") << "0" << quint64{0};
    QTest::newRow("B") << "512B" << quint64{512};
    QTest::newRow("M") << "64M" << quint64{64 * kMiB};
    QTest::newRow("MB") << "64MB" << quint64{64 * kMiB};
    QTest::newRow("MiB") << "64MiB" << quint64{64 * kMiB};
    QTest::newRow("lower case") << "64mib" << quint64{64 * kMiB};
    QTest::newRow("fraction") << "1.5G" << quint64{kGiB + kGiB / 2};
    QTest::newRow("space") << "2 TiB" << quint64{2048 * kGiB};
    QTest::newRow("whole fraction") << "1.000" << quint64{1};
    QTest::newRow("largest") << "9223372036854775807" << quint64{INT64_MAX};
}

void TestSizeText::sizesAreReadInEverySpelling()
{
    QFETCH(QString, text);
    QFETCH(quint64, bytes);
    const auto size = parseSize(text.toStdString());
    QVERIFY(size.has_value());
    QCOMPARE(*size, std::uint64_t{bytes});
}

void TestSizeText::whatIsNoSizeIsRefused_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text : {"",
                             " ",
                             "M",
                             "-1",
                             "+1",
                             "1.",
                             ".5G",
                             "1.5",
                             "0.3K",
                             "1e6",
                             "1MM",
                             "1Mi",
                             "1 M x",
                             " 1",
                             "1 ",
                             "0x10",
                             "9223372036854775808",
                             "8E",
                             "99999999999999999999999999",
                             "1,5G",
                             "1.5.2G"})
        QTest::newRow(text) << text;
}

void TestSizeText::whatIsNoSizeIsRefused()
{
    QFETCH(QString, text);
    const auto size = parseSize(text.toStdString());
    QVERIFY(!size.has_value());
    QCOMPARE(size.error().code, ErrorCode::InvalidSize);
    QCOMPARE(size.error().subject, text.toStdString());
}

void TestSizeText::sizesArePrintedShort_data()
{
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<QString>("text");
    QTest::newRow("0") << quint64{0} << "0 B";
    QTest::newRow("1023") << quint64{1023} << "1023 B";
    QTest::newRow("1 KiB") << quint64{1024} << "1 KiB";
    QTest::newRow("64 MiB") << quint64{64 * kMiB} << "64 MiB";
    QTest::newRow("1.5 GiB") << quint64{kGiB + kGiB / 2} << "1.5 GiB";
    QTest::newRow("half up") << quint64{1024 + 52} << "1.1 KiB";
    QTest::newRow("99.95") << quint64{102349} << "100 KiB";
    QTest::newRow("100.5") << quint64{102912} << "101 KiB";
    QTest::newRow("next unit") << quint64{kMiB - 1} << "1 MiB";
    QTest::newRow("largest") << quint64{UINT64_MAX} << "16 EiB";
}

void TestSizeText::sizesArePrintedShort()
{
    QFETCH(quint64, bytes);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(sizeText(bytes)), text);
}

void TestSizeText::roundSizesComeBackAsTheyWere()
{
    for (std::uint64_t bytes = 1; bytes < (std::uint64_t{1} << 62U); bytes *= 2)
        QCOMPARE(parseSize(sizeText(bytes)).value_or(0), bytes);
}

QTEST_GUILESS_MAIN(TestSizeText)
#include "test_size_text.moc"
