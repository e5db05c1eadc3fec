// The timeline: lanes, shapes, crowds, zoom, keyboard, and what assistive technology hears of it.
#include "tests/ui/sample_history.h"
#include "ui/widgets/colors.h"
#include "ui/widgets/timeline.h"

#include <QAccessible>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestTimeline : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachSourceHasALane();
    void statesAreToldByShape();
    void onlyWhatWasReadBackIsGreen();
    void undoCopiesAreNotCountedAsBackups();
    void aCrowdShowsWhatMattersMost();
    void clocksThatJumpAreSorted();
    void theWheelZoomsAroundThePointer();
    void arrowsWalkThroughTimeAndLanes();
    void shiftAndArrowsBrush();
    void timesRunFromRightToLeftWhereTextDoes();
    void newBackupsComeIntoSight();
    void lanesAreKnownToAssistiveTechnology();
    void aYearOfHourlyBackupsOfTwentySourcesIsDrawnAtOnce();
    void ticksAreRoundAndApart();

private:
    static std::unique_ptr<Timeline> shown(History& history);
};

std::unique_ptr<Timeline> TestTimeline::shown(History& history)
{
    auto timeline = std::make_unique<Timeline>();
    timeline->resize(800, 140);
    timeline->setHistory(&history);
    timeline->show();
    return timeline;
}

void TestTimeline::eachSourceHasALane()
{
    History history;
    history.append(longHistory(30, 3), true);
    const auto timeline = shown(history);
    QCOMPARE(timeline->itemCount(), 3);
    std::set<int> lanes;
    for (GenerationNumber number = 1; number <= 30; ++number)
        lanes.insert(timeline->placeOf(number)->y());
    QCOMPARE(lanes.size(), std::size_t{3});
    QVERIFY(timeline->placeOf(1)->x() < timeline->placeOf(28)->x());
}

void TestTimeline::statesAreToldByShape()
{
    // Every state that means something else to the operator has another mark.
    QVERIFY(markKind(GenerationState::Good) != markKind(GenerationState::Copied));
    QVERIFY(markKind(GenerationState::Good) != markKind(GenerationState::Superseded));
    QVERIFY(markKind(GenerationState::Failed) != markKind(GenerationState::Superseded));
    QVERIFY(markKind(GenerationState::Forgotten) != markKind(GenerationState::Superseded));
    QVERIFY(markKind(GenerationState::Copying) != markKind(GenerationState::Copied));
    QVERIFY(markKind(GenerationState::Good, true) != markKind(GenerationState::Good));
    QVERIFY(markKind(GenerationState::Failed, true) == MarkKind::Failed);
    const auto away = CopyPresence::MemberMissing;
    QVERIFY(markKind(GenerationState::Good, false, away) == MarkKind::Absent);
    QVERIFY(markKind(GenerationState::Copied, true, away) == MarkKind::Absent);
    QVERIFY(markKind(GenerationState::Partial, false, away) == MarkKind::Failed);
}

// Incident: a backup that nobody had read back was as green as a good one.
void TestTimeline::onlyWhatWasReadBackIsGreen()
{
    for (const GenerationState state : {GenerationState::Good, GenerationState::Copied,
                                        GenerationState::Superseded, GenerationState::Partial}) {
        HistoryPage page = longHistory(3, 1);
        page.rows.at(1).state = state; // Number 2.
        History history;
        history.append(page, true);
        const auto timeline = shown(history);
        timeline->setPalette(paletteOf(lightColors()));
        const QPoint at = *timeline->placeOf(2);
        const QImage mark =
            timeline->viewport()->grab(QRect(at - QPoint(7, 7), QSize(15, 15))).toImage();
        bool green = false;
        for (int y = 0; y < mark.height(); ++y) {
            for (int x = 0; x < mark.width(); ++x) {
                const QColor color = mark.pixelColor(x, y);
                green |= color.green() > color.red() + 30 && color.green() > color.blue() + 10;
            }
        }
        QCOMPARE(green, state == GenerationState::Good);
    }
}

void TestTimeline::undoCopiesAreNotCountedAsBackups()
{
    HistoryPage page = longHistory(10, 1);
    page.rows.front().undo = UndoBrief{9, false}; // Number 10.
    History history;
    history.append(page, true);
    const auto timeline = shown(history);
    QCOMPARE(timeline->itemName(0), QStringLiteral("source-0, backups: 9"));
    timeline->select(10);
    QVERIFY2(timeline->itemDescription(0).contains(QStringLiteral("undo copy 10")),
             qPrintable(timeline->itemDescription(0)));
}

void TestTimeline::aCrowdShowsWhatMattersMost()
{
    HistoryPage page = longHistory(100, 1);
    const HistoryIndex index = [&] {
        HistoryIndex made;
        made.append(page);
        return made;
    }();
    TimelineLanes lanes;
    lanes.fill(index);
    const TimelineScale crowded{*lanes.span(index), 0, 60};
    const auto marks = lanes.marks(index, 0, crowded, 7);
    QVERIFY(marks.size() <= 10);
    std::uint32_t all = 0;
    for (std::size_t place = 0; place < marks.size(); ++place) {
        all += marks[place].count;
        if (place > 0)
            QVERIFY(marks[place].x - marks[place - 1].x >= 7);
        if (marks[place].count > 10)
            QVERIFY(marks[place].kind == MarkKind::Failed); // Each tenth failed.
    }
    QCOMPARE(all, 100U);
    const TimelineScale wide{*lanes.span(index), 0, 10'000};
    QCOMPARE(lanes.marks(index, 0, wide, 7).size(), std::size_t{100});
}

void TestTimeline::clocksThatJumpAreSorted()
{
    HistoryPage page = longHistory(20, 1);
    std::swap(page.rows[3].startedMs, page.rows[15].startedMs);
    History history;
    history.append(page, true);
    const auto timeline = shown(history);
    QSignalSpy chosen(timeline.get(), &Timeline::generationSelected);
    timeline->select(page.rows.back().number);
    int before = timeline->placeOf(page.rows.back().number)->x();
    for (int step = 1; step < 20; ++step) {
        QTest::keyClick(timeline.get(), Qt::Key_Right);
        const auto number = chosen.last().first().value<GenerationNumber>();
        const int here = timeline->placeOf(number)->x();
        QVERIFY(here > before);
        before = here;
    }
}

void TestTimeline::theWheelZoomsAroundThePointer()
{
    History history;
    history.append(longHistory(100, 1), true);
    const auto timeline = shown(history);
    const TimeSpan whole = timeline->shownSpan();
    const QPoint at = *timeline->placeOf(60);
    const auto turn = [&](int degrees) {
        QWheelEvent event(at, timeline->viewport()->mapToGlobal(at), {}, QPoint(0, degrees * 8),
                          Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(timeline->viewport(), &event);
    };
    turn(15);
    turn(15);
    const TimeSpan closer = timeline->shownSpan();
    QVERIFY(closer.lastMs - closer.firstMs < (whole.lastMs - whole.firstMs) * 7 / 10);
    QVERIFY(std::abs(timeline->placeOf(60)->x() - at.x()) <= 2);
    for (int notch = 0; notch < 4; ++notch)
        turn(-15);
    QVERIFY(timeline->shownSpan() == whole);
}

void TestTimeline::arrowsWalkThroughTimeAndLanes()
{
    History history;
    history.append(longHistory(30, 3), true);
    const auto timeline = shown(history);
    QSignalSpy chosen(timeline.get(), &Timeline::generationSelected);
    const auto newest = [&] { return chosen.last().first().value<GenerationNumber>(); };
    QTest::keyClick(timeline.get(), Qt::Key_Left); // Nothing is selected: the newest one.
    QCOMPARE(newest(), GenerationNumber{30});
    QTest::keyClick(timeline.get(), Qt::Key_Left);
    QCOMPARE(newest(), GenerationNumber{27}); // The one before of the same source.
    QTest::keyClick(timeline.get(), Qt::Key_Right);
    QTest::keyClick(timeline.get(), Qt::Key_Right);
    QCOMPARE(newest(), GenerationNumber{30}); // There is none after it.
    QTest::keyClick(timeline.get(), Qt::Key_Down);
    QVERIFY(newest() % 3 != 0);
    QTest::keyClick(timeline.get(), Qt::Key_Up);
    QCOMPARE(newest(), GenerationNumber{27}); // Of the same hour.
}

void TestTimeline::shiftAndArrowsBrush()
{
    History history;
    history.append(longHistory(30, 1), true);
    const auto timeline = shown(history);
    QSignalSpy brushes(timeline.get(), &Timeline::brushed);
    const auto started = [&](GenerationNumber number) {
        return history.index().startedMs(*history.index().rowOf(number));
    };
    timeline->select(20);
    QTest::keyClick(timeline.get(), Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(timeline.get(), Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(brushes.count(), 2);
    QVERIFY(timeline->brush() == std::optional(TimeSpan{started(18), started(20)}));
    QTest::keyClick(timeline.get(), Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(timeline->brush() == std::optional(TimeSpan{started(19), started(20)}));
    QTest::keyClick(timeline.get(), Qt::Key_Escape);
    QVERIFY(!timeline->brush().has_value());
    QCOMPARE(brushes.count(), 4);
}

void TestTimeline::timesRunFromRightToLeftWhereTextDoes()
{
    History history;
    history.append(longHistory(30, 1), true);
    const auto timeline = shown(history);
    timeline->setLayoutDirection(Qt::RightToLeft);
    QVERIFY(timeline->placeOf(1)->x() > timeline->placeOf(30)->x());
    QSignalSpy chosen(timeline.get(), &Timeline::generationSelected);
    QTest::mouseClick(timeline->viewport(), Qt::LeftButton, {}, *timeline->placeOf(7));
    QCOMPARE(chosen.last().first().value<GenerationNumber>(), GenerationNumber{7});
    QTest::keyClick(timeline.get(), Qt::Key_Left);
    QCOMPARE(chosen.last().first().value<GenerationNumber>(), GenerationNumber{8});
}

void TestTimeline::newBackupsComeIntoSight()
{
    History history;
    history.append(longHistory(30, 2), true);
    const auto timeline = shown(history);
    HistoryPage more = longHistory(32, 2);
    more.rows.resize(2);
    history.apply(more);
    QVERIFY(timeline->placeOf(31).has_value() && timeline->placeOf(32).has_value());
    // A look at the past is not disturbed by what comes.
    QTest::keyClick(timeline.get(), Qt::Key_Plus);
    const TimeSpan looking = timeline->shownSpan();
    more = longHistory(33, 2);
    more.rows.resize(1);
    history.apply(more);
    QVERIFY(timeline->shownSpan() == looking);
}

void TestTimeline::lanesAreKnownToAssistiveTechnology()
{
    History history;
    history.append(longHistory(30, 3), true);
    const auto timeline = shown(history);
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(timeline.get());
    QVERIFY(list != nullptr);
    QCOMPARE(list->childCount(), 3);
    QAccessibleInterface* lane = list->child(0);
    QVERIFY2(lane->text(QAccessible::Name).contains(QStringLiteral("source-0, backups: 10")),
             qPrintable(lane->text(QAccessible::Name)));
    QVERIFY(lane->text(QAccessible::Description).startsWith(QStringLiteral("Newest: backup 30")));
    lane->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
    QTest::keyClick(timeline.get(), Qt::Key_Left);
    QVERIFY2(lane->text(QAccessible::Description).startsWith(QStringLiteral("Selected: backup 27")),
             qPrintable(lane->text(QAccessible::Description)));
    QVERIFY(!lane->rect().isEmpty());
}

void TestTimeline::aYearOfHourlyBackupsOfTwentySourcesIsDrawnAtOnce()
{
    History history;
    history.append(longHistory(std::size_t{20} * 365 * 24, 20), true);
    const auto timeline = shown(history);
    timeline->resize(1200, 400);
    QElapsedTimer clock;
    clock.start();
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; ++round) {
        QTest::keyClick(timeline.get(), round % 2 == 0 ? Qt::Key_Plus : Qt::Key_Minus);
        timeline->grab();
    }
    const qint64 eachMs = clock.elapsed() / kRounds;
    qInfo("175200 backups: %lld ms for a zoom step and its painting",
          static_cast<long long>(eachMs));
    // 16 ms would be a frame; the machine of a test may be busy.
    QVERIFY2(eachMs < 200, qPrintable(QString::number(eachMs)));
}

void TestTimeline::ticksAreRoundAndApart()
{
    for (const std::int64_t width :
         {3'600'000LL, 86'400'000LL, 30 * 86'400'000LL, 400 * 86'400'000LL, 4000 * 86'400'000LL}) {
        const TimelineScale scale{{1'700'000'000'000, 1'700'000'000'000 + width}, 50, 900};
        const auto ticks = timelineTicks(scale, 90);
        QVERIFY(!ticks.empty());
        for (std::size_t place = 1; place < ticks.size(); ++place)
            QVERIFY(scale.xOf(ticks[place].timeMs) - scale.xOf(ticks[place - 1].timeMs) >= 85);
    }
}

QTEST_MAIN(TestTimeline)
#include "test_timeline.moc"
