// The list of recent arrays: what an entry opens, wherever the program was started.
#include "tests/ui/window_on_array.h"

#include <QDir>
#include <QLabel>
#include <QTreeWidget>
#include <filesystem>

using namespace cairn;
using namespace cairn::test;

class TestRecentXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init()
    {
        QSettings().clear();
        m_home = QDir::currentPath();
        m_driven.emplace();
    }
    void cleanup()
    {
        m_driven.reset();
        QVERIFY(QDir::setCurrent(m_home));
    }
    void anArrayOfARelativePathIsListedOnceAndByItsWholePath();
    void anEntryOfARelativePathIsNotOpenedFromAnotherDirectory();
    void membersOfOneArrayAreOneEntryAndACopyOfItAnother();
    void anotherArrayInTheSamePlaceIsSaidToBeOne();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QString directory() const
    {
        return QString::fromStdString(m_driven->disk().directory());
    }
    [[nodiscard]] QTreeWidget* list() const { return child<QTreeWidget>(window(), "arrayList"); }
    [[nodiscard]] bool warned() const
    {
        return window().messages()->newestText().contains(QStringLiteral("another array than"));
    }
    // Another window has nothing open.
    void openAnew(const QString& uri)
    {
        m_driven->restart();
        m_driven->open({uri});
    }

    QString m_home;
    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

// Incident: `cairn sim:lab` was remembered as sim:lab; from elsewhere it was not found, or another
// array of that name was opened, and sim:/there/lab was listed beside it.
void TestRecentXcb::anArrayOfARelativePathIsListedOnceAndByItsWholePath()
{
    QVERIFY(QDir::setCurrent(QDir(directory()).filePath(QStringLiteral(".."))));
    m_driven->open({QStringLiteral("sim:array")});
    QCOMPARE(list()->topLevelItemCount(), 1);
    QVERIFY2(list()->topLevelItem(0)->toolTip(0).contains(directory()),
             qPrintable(list()->topLevelItem(0)->toolTip(0)));
    QCOMPARE(list()->topLevelItem(0)->text(1), QStringLiteral("●"));
    QVERIFY(QDir::setCurrent(m_home));
    openAnew(QStringLiteral("sim:") + directory() + QStringLiteral("/"));
    QCOMPARE(list()->topLevelItemCount(), 1);
    QCOMPARE(list()->topLevelItem(0)->text(0), QStringLiteral("test array"));
    QVERIFY(!warned());
}

void TestRecentXcb::anEntryOfARelativePathIsNotOpenedFromAnotherDirectory()
{
    {
        QSettings settings; // As versions before left it.
        settings.beginWriteArray(QStringLiteral("recent"), 1);
        settings.setArrayIndex(0);
        settings.setValue(QStringLiteral("uris"), QStringList{QStringLiteral("sim:array")});
        settings.endArray();
    }
    m_driven->restart();
    QCOMPARE(list()->topLevelItemCount(), 0);
}

void TestRecentXcb::membersOfOneArrayAreOneEntryAndACopyOfItAnother()
{
    QStringList files;
    for (const std::string& file : m_driven->disk().memberFiles())
        files.append(QString::fromStdString(file));
    m_driven->open(files);
    openAnew(files.front());
    QCOMPARE(list()->topLevelItemCount(), 1);
    const QTemporaryDir elsewhere;
    const QString copy = elsewhere.filePath(QStringLiteral("copy.img"));
    std::filesystem::copy_file(files.front().toStdString(), copy.toStdString());
    openAnew(copy);
    QCOMPARE(list()->topLevelItemCount(), 2);
    QVERIFY(!warned());
}

void TestRecentXcb::anotherArrayInTheSamePlaceIsSaidToBeOne()
{
    const QTemporaryDir folder;
    const QString place = folder.filePath(QStringLiteral("lab"));
    const auto put = [&place](const ArrayOnDisk& array) {
        std::filesystem::remove_all(place.toStdString());
        std::filesystem::copy(array.directory(), place.toStdString(),
                              std::filesystem::copy_options::recursive);
    };
    put(m_driven->disk());
    openAnew(QStringLiteral("sim:") + place);
    QVERIFY(!warned());
    put(ArrayOnDisk());
    openAnew(QStringLiteral("sim:") + place);
    QVERIFY2(warned(), qPrintable(window().messages()->newestText()));
    QCOMPARE(list()->topLevelItemCount(), 1);
    openAnew(QStringLiteral("sim:") + place); // It was told, and is the one known now.
    QVERIFY(!warned());
}

QTEST_MAIN(TestRecentXcb)
#include "test_recent_xcb.moc"
