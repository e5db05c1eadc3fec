// UUIDs are printed as lsblk prints them and stored as GPT stores them.
#include "core/base/uuid.h"

#include "tests/support/test_environment.h"

#include <QtTest>

using namespace cairn;

class TestUuid : public QObject {
    Q_OBJECT

private slots:
    void textComesBackAsItWas();
    void gptStoresTheFirstFieldsLittleEndian();
    void brokenTextIsNoUuid();
    void aRandomOneIsOfVersion4();
};

void TestUuid::textComesBackAsItWas()
{
    const std::string text = "0fc63daf-8483-4772-8e79-3d69d8477de4";
    const auto uuid = Uuid::parse(text);
    QVERIFY(uuid.has_value());
    QCOMPARE(uuid->toString(), text);
    QCOMPARE(Uuid::parse("0FC63DAF-8483-4772-8E79-3D69D8477DE4"), uuid);
}

void TestUuid::gptStoresTheFirstFieldsLittleEndian()
{
    const auto uuid = Uuid::parse("00112233-4455-6677-8899-aabbccddeeff").value_or(Uuid{});
    const std::array<std::uint8_t, 16> stored{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                              0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    QCOMPARE(uuid.gptBytes(), stored);
    QCOMPARE(Uuid::fromGptBytes(stored), uuid);
}

void TestUuid::brokenTextIsNoUuid()
{
    for (const char* text :
         {"", "0fc63daf", "0fc63daf-8483-4772-8e79-3d69d8477de",
          "0fc63dafx8483-4772-8e79-3d69d8477de4", "0gc63daf-8483-4772-8e79-3d69d8477de4",
          "{0fc63daf-8483-4772-8e79-3d69d8477de4}"})
        QVERIFY(!Uuid::parse(text));
}

void TestUuid::aRandomOneIsOfVersion4()
{
    test::SeededRandom random(test::testSeed());
    for (int i = 0; i < 100; ++i) {
        const auto uuid = Uuid::random(random);
        QCOMPARE(uuid.toString()[14], '4');
        QVERIFY(std::string("89ab").contains(uuid.toString()[19]));
        QVERIFY(!uuid.isNull());
    }
}

QTEST_GUILESS_MAIN(TestUuid)
#include "test_uuid.moc"
