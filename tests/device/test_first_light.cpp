// The main job on real filesystems, through cairnctl: back up, damage, restore, and prove it.
#include "core/backup/candidates.h"
#include "tests/support/cairnctl_runner.h"
#include "tests/support/loop_device.h"

#include <QRegularExpression>
#include <QtTest>

using namespace cairn::test;

namespace {

constexpr qint64 kMiBytes = 1'048'576;

bool writeFile(const QString& path, const QByteArray& content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

QByteArray noise(int sizeBytes, quint32 seed)
{
    QByteArray bytes(sizeBytes, Qt::Uninitialized);
    QRandomGenerator random(seed);
    random.generate(reinterpret_cast<quint32*>(bytes.data()),
                    reinterpret_cast<quint32*>(bytes.data() + bytes.size()));
    return bytes;
}

QStringList statesOf(const ScratchArray& array)
{
    QStringList states;
    const auto records = array.ctl({"list", "--json"}).json().array();
    for (const auto& record : records)
        states << record.toObject()["state"].toString();
    return states;
}

} // namespace

class TestFirstLight final : public QObject {
    Q_OBJECT

private:
    // An image with a filesystem that holds known files.
    static void makeExt4(const ScratchArray& array, const QString& image, QByteArray& known)
    {
        const QString root = array.path("tree");
        QVERIFY(QDir().mkpath(root + "/deep/er"));
        known = noise(3 * kMiBytes, 7);
        QVERIFY(writeFile(root + "/deep/er/file.bin", known));
        QVERIFY(writeFile(root + "/readme.txt", "kept\n"));
        CAIRN_EXPECT_EXIT(runCommand("mkfs.ext4", {"-q", "-L", "home", "-d", root, image, "32M"}),
                          0);
    }

    // mkfs.xfs refuses less than 300 MiB; the files come in through a prototype file.
    static void makeXfs(const ScratchArray& array, const QString& image, const QByteArray& known)
    {
        QVERIFY(writeFile(array.path("payload.bin"), known));
        QVERIFY(writeFile(array.path("proto"), "/dev/null\n0 0\nd--755 0 0\nfile.bin ---644 0 0 " +
                                                   array.path("payload.bin").toUtf8() + "\n$\n"));
        QFile file(image);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(320 * kMiBytes));
        file.close();
        CAIRN_EXPECT_EXIT(
            runCommand("mkfs.xfs", {"-q", "-L", "data", "-p", array.path("proto"), image}), 0);
    }

    static void addRegion(const ScratchArray& array, const QString& name, const QString& size,
                          const QString& member)
    {
        CAIRN_EXPECT_EXIT(array.ctl({"region", "add", name, "--size", size, "--member", member}),
                          0);
    }

    // Adds home (ext4) and its target on the other member, and backs it up once.
    static void makeSmallArray(const ScratchArray& array, QByteArray& image)
    {
        QByteArray known;
        makeExt4(array, array.path("home.img"), known);
        QFile file(array.path("home.img"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        image = file.readAll();
        addRegion(array, "home", "32M", "1");
        addRegion(array, "vault", "40M", "2");
        CAIRN_EXPECT_EXIT(array.ctl({"region", "import", "home", file.fileName(), "--yes"}), 0);
        const Run backup = array.ctl({"backup", "home", "vault", "--label", "first"});
        CAIRN_EXPECT_EXIT(backup, 0);
        QCOMPARE(statesOf(array), QStringList{"good"});
    }

    // Records backups until the catalog refuses; the warning has to come before.
    static void fillCatalog(const ScratchArray& array, int& made)
    {
        const auto attachment = cairn::Attachment::attach({array.members()[0].toStdString()},
                                                          cairn::systemEnvironment());
        QVERIFY(attachment.has_value());
        const auto writing = cairn::WriteAccess::take(**attachment);
        QVERIFY(writing.has_value());
        const auto source = cairn::findRegion(**attachment, "a");
        const auto target = cairn::findRegion(**attachment, "b");
        QVERIFY(source.has_value() && target.has_value());
        const auto refer = [](const cairn::Region& region) {
            return cairn::RegionRef{region.id, region.name, region.member};
        };
        const cairn::NewGeneration wanted{.source = refer(*source),
                                          .target = refer(*target),
                                          .sizeBytes = source->extent.lengthBytes,
                                          .label = {},
                                          .note = std::string(4000, 'n'),
                                          .content = {}};
        bool warned = false;
        for (made = 0; made < 20'000; ++made) {
            const auto number = writing->catalog().begin(wanted);
            if (!number) {
                QCOMPARE(cairn::errorName(number.error().code), "CatalogFull");
                break;
            }
            const cairn::Error stopped{cairn::ErrorCode::Canceled, 0, {}, {}, 0};
            QVERIFY(writing->catalog().abandon(*number, stopped, false).has_value());
            warned |= writing->catalog().status().nearlyFull;
        }
        QVERIFY2(warned, "no warning came before the refusal");
        QVERIFY(made > 100 && made < 20'000);
    }

    // Backs an ext4 and an XFS up, loses both, and restores them byte for byte: "home" and "data".
    static void loseAndRestore(const ScratchArray& array, QByteArray& known)
    {
        makeExt4(array, array.path("home.img"), known);
        makeXfs(array, array.path("data.img"), known);
        if (QTest::currentTestFailed())
            return;
        for (const auto& [name, size] : {std::pair{"home", "32M"}, {"data", "320M"}}) {
            addRegion(array, name, size, "1");
            addRegion(array, QStringLiteral("%1-copy").arg(name), size, "2");
            CAIRN_EXPECT_EXIT(array.ctl({"region", "import", name,
                                         array.path(QStringLiteral("%1.img").arg(name)), "--yes"}),
                              0);
            CAIRN_EXPECT_EXIT(array.ctl({"backup", name, QStringLiteral("%1-copy").arg(name)}), 0);
        }
        const auto regions = array.ctl({"region", "list", "--json"}).json().array();
        QVERIFY(!regions.isEmpty());

        // The damage: noise over the start of both sources, where their superblocks are.
        QVERIFY(writeFile(array.path("noise.bin"), noise(8 * kMiBytes, 99)));
        for (const QString name : {"home", "data"}) {
            CAIRN_EXPECT_EXIT(array.ctl({"region", "import", name, array.path("noise.bin"), "--yes",
                                         "--confirm", name}),
                              0);
        }
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "1"}), 3);
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "1", "--yes"}), 3);
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "1", "--confirm", "data"}), 3);
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "1", "--confirm", "home"}), 0);
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "2", "--confirm", "data"}), 0);

        for (const QString name : {"home", "data"}) {
            const QString out = array.path(name + ".out");
            CAIRN_EXPECT_EXIT(array.ctl({"region", "export", name, out}), 0);
            CAIRN_EXPECT_EXIT(runCommand("cmp", {array.path(name + ".img"), out}), 0);
        }
    }

    // What the kernel reads of a file in a filesystem that is mounted without a write.
    static QByteArray fileIn(const std::string& node, const QString& options, const QString& name)
    {
        const QTemporaryDir point;
        const Mount mount(node, point.path().toStdString(), {"-o", "ro," + options});
        QFile file(point.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void ext4AndXfsComeBackAsTheyWere()
    {
        const ScratchArray array(2);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "900M"}), 0);
        QByteArray known;
        loseAndRestore(array, known);
        if (QTest::currentTestFailed())
            return;
        CAIRN_EXPECT_EXIT(runCommand("e2fsck", {"-fn", array.path("home.out")}), 0);
        CAIRN_EXPECT_EXIT(runCommand("xfs_repair", {"-n", array.path("data.out")}), 0);
        const Run file =
            runCommand("debugfs", {"-R", "cat /deep/er/file.bin", array.path("home.out")});
        QVERIFY2(file.output == known, "the restored file differs");
    }

    void aLoopDeviceIsAnArrayLikeAnyOther()
    {
        ScratchArray array(2);
        for (const QString& member : array.members()) {
            QFile file(member);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(900 * kMiBytes));
        }
        const LoopDevice first(array.members()[0].toStdString());
        const LoopDevice second(array.members()[1].toStdString());
        const QString path = QString::fromStdString(first.path());
        array.setMembers({path, QString::fromStdString(second.path())});
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--yes"}), 0);
        const Run added = array.ctl({"region", "add", "small", "--size", "1M", "--member", "1"});
        QVERIFY2(added.output.contains("no device node yet: partx -u " + path.toUtf8()),
                 added.output);
        QByteArray known;
        loseAndRestore(array, known);
        if (QTest::currentTestFailed())
            return;
        // Behind the catalog and "small", as the kernel and the filesystems' own tools see them.
        first.addNodes();
        const std::string home = first.node(3);
        const std::string data = first.node(4);
        CAIRN_EXPECT_EXIT(runCommand("e2fsck", {"-fn", QString::fromStdString(home)}), 0);
        CAIRN_EXPECT_EXIT(runCommand("xfs_repair", {"-n", QString::fromStdString(data)}), 0);
        QVERIFY(fileIn(home, "noload", "deep/er/file.bin") == known);
        QCOMPARE(fileIn(home, "noload", "readme.txt"), QByteArray("kept\n"));
        QVERIFY(fileIn(data, "norecovery", "file.bin") == known);
    }

    void theHistorySurvivesALostMember()
    {
        ScratchArray array(2);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "96M"}), 0);
        QByteArray image;
        makeSmallArray(array, image);
        if (QTest::currentTestFailed())
            return;
        QVERIFY(QFile::remove(array.members()[0]));
        QCOMPARE(statesOf(array), QStringList{"good"});
        CAIRN_EXPECT_EXIT(array.ctl({"verify", "1"}), 0);
        array.setMembers({array.members()[1]});
        QCOMPARE(statesOf(array), QStringList{"good"});
        // The region that it came from is gone with its member; another takes the bytes.
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "1", "--confirm", "home"}), 1);
        CAIRN_EXPECT_EXIT(array.ctl({"region", "add", "rescue", "--size", "32M"}), 0);
        CAIRN_EXPECT_EXIT(array.ctl({"restore", "1", "--to", "rescue", "--confirm", "rescue"}), 0);
        QCOMPARE(array.exported("rescue"), image);
    }

    void aReplacedMemberGetsTheWholeHistory()
    {
        ScratchArray array(2);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "96M"}), 0);
        QByteArray image;
        makeSmallArray(array, image);
        if (QTest::currentTestFailed())
            return;
        const QString lost = array.members()[0];
        const QString kept = array.members()[1];
        QVERIFY(QFile::remove(lost));
        const QString fresh = array.path("fresh.img");
        const auto before = array.ctl({"array", "show", "--json"}).json().object();
        QString lostId;
        for (const auto& member : before["members"].toArray()) {
            if (member.toObject()["state"].toString() == "missing")
                lostId = member.toObject()["id"].toString();
        }
        QVERIFY2(!lostId.isEmpty(), "the missing member is not shown");
        array.setMembers({kept});
        CAIRN_EXPECT_EXIT(
            array.ctl({"array", "replace-member", lostId, fresh, "--member-size", "96M", "--yes"}),
            0);
        // The new one alone knows everything that the lost one knew.
        array.setMembers({fresh});
        QCOMPARE(statesOf(array), QStringList{"good"});
        array.setMembers({kept, fresh});
        CAIRN_EXPECT_EXIT(array.ctl({"verify", "1"}), 0);
        CAIRN_EXPECT_EXIT(array.ctl({"history"}), 0);
    }

    void openingChangesNotOneByte()
    {
        const ScratchArray array(2);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "96M"}), 0);
        QByteArray image;
        makeSmallArray(array, image);
        if (QTest::currentTestFailed())
            return;
        const QByteArray before = array.hash();
        for (const QStringList& arguments : {QStringList{"list"},
                                             {"show", "1"},
                                             {"array", "show"},
                                             {"region", "list"},
                                             {"history"},
                                             {"targets", "home"},
                                             {"report", array.path("report.txt")},
                                             {"catalog", "export", array.path("catalog.jsonl")}}) {
            CAIRN_EXPECT_EXIT(array.ctl(arguments), 0);
            QVERIFY2(array.hash() == before, qPrintable(arguments.join(' ')));
        }
    }

    void theCatalogOpensInStockSqlite()
    {
        const ScratchArray array(2);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "96M"}), 0);
        QByteArray image;
        makeSmallArray(array, image);
        if (QTest::currentTestFailed())
            return;
        const auto regions = array.ctl({"region", "list", "--json"}).json().array();
        int catalogs = 0;
        for (const auto& value : regions) {
            const auto region = value.toObject();
            if (region["role"].toString() != "management")
                continue;
            // As the text inside the region tells whoever finds it.
            const qint64 offset = region["offsetBytes"].toInteger();
            const qint64 size = region["sizeBytes"].toInteger();
            QFile member(array.members()[static_cast<int>(region["member"].toInteger()) - 1]);
            QVERIFY(member.open(QIODevice::ReadOnly) && member.seek(offset));
            const QByteArray bytes = member.read(size);
            qsizetype at = -1;
            do
                at = bytes.indexOf("SQLite format 3", at + 1);
            while (at > 0 && at % 4096 != 0);
            QVERIFY2(at > 0, "no database in the management region");
            const QString copy = array.path(QStringLiteral("main-%1.db").arg(catalogs++));
            CAIRN_EXPECT_EXIT(
                runCommand("dd", {"if=" + member.fileName(), "of=" + copy, "status=none", "bs=4096",
                                  QStringLiteral("skip=%1").arg((offset + at) / 4096),
                                  QStringLiteral("count=%1").arg((size - at) / 4096)}),
                0);
            const Run check =
                runCommand("sqlite3", {"-readonly", copy,
                                       "pragma integrity_check; select count(*) from generation;"});
            CAIRN_EXPECT_EXIT(check, 0);
            QCOMPARE(check.output.trimmed(), QByteArray("ok\n1"));
        }
        QCOMPARE(catalogs, 2);
    }

    void membersWrittenApartWaitForTheOperator()
    {
        ScratchArray array(2);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "96M"}), 0);
        QByteArray image;
        makeSmallArray(array, image);
        if (QTest::currentTestFailed())
            return;
        const QStringList both = array.members();
        for (int member = 0; member < 2; ++member) {
            array.setMembers({both[member]});
            const QString region = QStringLiteral("apart-%1").arg(member);
            CAIRN_EXPECT_EXIT(array.ctl({"region", "add", region, "--size", "2M"}), 0);
            CAIRN_EXPECT_EXIT(array.ctl({"region", "add", region + "-copy", "--size", "2M"}), 0);
            CAIRN_EXPECT_EXIT(array.ctl({"backup", region, region + "-copy"}), 0);
        }
        array.setMembers(both);
        const QByteArray before = array.hash();
        const auto shown = array.ctl({"array", "show", "--json"});
        CAIRN_EXPECT_EXIT(shown, 0);
        const auto histories = shown.json().object()["catalog"].toObject()["histories"].toArray();
        QCOMPARE(histories.size(), 2);
        CAIRN_EXPECT_EXIT(array.ctl({"hold", "1"}), 3);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "choose-history", "no-such-history", "--yes"}), 2);
        QCOMPARE(array.hash(), before);

        QString second;
        for (const auto& history : histories) {
            const auto members = history.toObject()["members"].toArray();
            if (members.size() == 1)
                second = history.toObject()["id"].toString();
        }
        CAIRN_EXPECT_EXIT(array.ctl({"array", "choose-history", second, "--yes"}), 0);
        CAIRN_EXPECT_EXIT(array.ctl({"hold", "1"}), 0);
        CAIRN_EXPECT_EXIT(array.ctl({"history"}), 0);
        QCOMPARE(array.ctl({"array", "show", "--json"})
                     .json()
                     .object()["catalog"]
                     .toObject()["histories"]
                     .toArray()
                     .size(),
                 1);
    }

    void aFullCatalogRefusesAndStaysReadable()
    {
        const ScratchArray array(1);
        CAIRN_EXPECT_EXIT(array.ctl({"array", "create", "--member-size", "64M"}), 0);
        addRegion(array, "a", "1M", "1");
        addRegion(array, "b", "1M", "1");
        addRegion(array, "c", "1M", "1");
        CAIRN_EXPECT_EXIT(array.ctl({"backup", "a", "c"}), 0);
        int made = 0;
        fillCatalog(array, made);
        if (QTest::currentTestFailed())
            return;
        const Run run = array.ctl(
            {"backup", "a", "b", "--yes", "--confirm", "b", "--note", QString(4000, 'n')});
        CAIRN_EXPECT_EXIT(run, 1);
        QVERIFY2(run.errors.contains("full"), run.errors.constData());
        const auto records = array.ctl({"list", "--json"});
        CAIRN_EXPECT_EXIT(records, 0);
        QCOMPARE(records.json().array().size(), made + 1);
        CAIRN_EXPECT_EXIT(array.ctl({"verify", "1"}), 0);
        CAIRN_EXPECT_EXIT(array.ctl({"history"}), 0);
    }
};

QTEST_GUILESS_MAIN(TestFirstLight)
#include "test_first_light.moc"
