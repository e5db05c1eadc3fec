// "Try the demo array" in the real window, with the real script.
#include "tests/ui/window_on_array.h"

#include <QDir>

using namespace cairn;
using namespace cairn::test;

class TestDemoXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void oneClickMakesItAndTheNextOpensTheSame();
    void whatIsThereAlreadyStaysAsItIs();

private:
    [[nodiscard]] static DemoPlaces placesIn(const QTemporaryDir& folder);
    static void eachFilterListsAsManyAsItCounts(MainWindow& window);

    std::optional<WindowSetup> m_setup;
};

DemoPlaces TestDemoXcb::placesIn(const QTemporaryDir& folder)
{
    auto places = findDemo(QStringLiteral(CAIRN_BINARY_DIR "/app"));
    if (!places)
        qFatal("cairnctl is not built");
    places->directory = folder.filePath(QStringLiteral("data/cairn/demo"));
    return *places;
}

// Incident: "No backup in 24 h: 3" opened a list of nothing.
void TestDemoXcb::eachFilterListsAsManyAsItCounts(MainWindow& window)
{
    auto* filters = child<QTreeWidget>(window, "filterList");
    const auto* regions = child<RegionList>(window, "regionList");
    QTRY_VERIFY_WITH_TIMEOUT(window.view()->model()->rowCount() > 0, kPatienceMs);
    for (int row = 0; row < filters->topLevelItemCount(); ++row) {
        QTreeWidgetItem* filter = filters->topLevelItem(row);
        QTest::mouseClick(filters->viewport(), Qt::LeftButton, {},
                          filters->visualItemRect(filter).center());
        QVERIFY(filter->isSelected());
        const bool ofRegions = isOfRegions(static_cast<SavedFilter>(row));
        const auto shown = [&] {
            return ofRegions ? regions->count() : window.view()->model()->rowCount();
        };
        QTRY_COMPARE(QLocale().toString(shown()), filter->text(1));
        QCOMPARE(regions->isVisible(), ofRegions && regions->count() > 0);
    }
}

void TestDemoXcb::oneClickMakesItAndTheNextOpensTheSame()
{
    const QTemporaryDir folder;
    const DemoPlaces places = placesIn(folder);
    MainWindow window;
    window.setDemo(places);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    auto* button = child<QPushButton>(window, "welcomeDemo");
    QVERIFY(button->isVisible());
    click(button);
    QVERIFY(!button->isEnabled());
    QTRY_VERIFY2_WITH_TIMEOUT(window.array() != nullptr,
                              qPrintable(window.messages()->newestText()), kPatienceMs);
    const ArraySnapshot& made = window.array()->snapshot();
    QCOMPARE(made.name(), std::string("demo"));
    QCOMPARE(made.generations.size(), std::size_t{2});
    QCOMPARE(made.layout.members.size(), std::size_t{3});
    const Uuid first = made.layout.members.front().id;
    QCOMPARE(QDir(places.directory).entryList(QDir::Files | QDir::Hidden).size(), 4);
    eachFilterListsAsManyAsItCounts(window);

    child<QAction>(window, "closeArray")->trigger();
    QTRY_VERIFY(window.array() == nullptr);
    QVERIFY(button->isEnabled());
    click(button);
    QTRY_VERIFY_WITH_TIMEOUT(window.array() != nullptr, kPatienceMs);
    QCOMPARE(window.array()->snapshot().layout.members.front().id, first);
}

void TestDemoXcb::whatIsThereAlreadyStaysAsItIs()
{
    const QTemporaryDir folder;
    const DemoPlaces places = placesIn(folder);
    QVERIFY(QDir().mkpath(places.directory));
    QFile mine(places.directory + QStringLiteral("/thesis.txt"));
    QVERIFY(mine.open(QIODevice::WriteOnly) && mine.write("mine") == 4);
    mine.close();
    MainWindow window;
    window.setDemo(places);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    click(child<QPushButton>(window, "welcomeDemo"));
    const auto said = [&] { return window.messages()->newestText(); };
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("was not made")), qPrintable(said()),
                              kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("holds something else")), qPrintable(said()));
    QVERIFY(window.array() == nullptr);
    QVERIFY(child<QPushButton>(window, "welcomeDemo")->isEnabled());
    QCOMPARE(QDir(places.directory).entryList(QDir::Files | QDir::Hidden),
             QStringList{QStringLiteral("thesis.txt")});
}

QTEST_MAIN(TestDemoXcb)
#include "test_demo_xcb.moc"
