// The details of a selection: what a record says, what the array shows of it, and all of it seen.
#include "tests/ui/sample_snapshot.h"
#include "ui/widgets/details_panel.h"

#include <QLabel>
#include <QScrollBar>
#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

class TestDetailsPanel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aCopyThatIsThereIsCalledPresent();
    void aCopyWhoseRegionIsGoneIsCalledGone();
    void aCopyWhoseMemberIsAwayIsCalledNotAttached();
    void theLastGoodBackupIsNamedBesideANewerOne();
    void aCopyWhoseRegionChangedIsInDoubt();
    void whatWasReplacedHasNoCopyToLookFor();
    void aHalfWrittenRegionIsReadWhole();
    void contentThatWasAcceptedIsToldSo();
    void aSealedBackupTellsHowItIsMounted();
    void noLineIsCutAtAnyWidth_data();
    void noLineIsCutAtAnyWidth();

private:
    [[nodiscard]] bool seenWhole() const;
    [[nodiscard]] QString fact(const char* name) const;
    [[nodiscard]] Generation& record() { return m_sample.snapshot().generations.front(); }

    SampleArray m_sample;
    std::unique_ptr<DetailsPanel> m_panel;
};

void TestDetailsPanel::init()
{
    m_sample = {};
    record().content = m_sample.region(20).content;
    record().target.member = uuid(2);
    m_panel = std::make_unique<DetailsPanel>();
}

QString TestDetailsPanel::fact(const char* name) const
{
    const QString start = QLatin1StringView(name) + QStringLiteral(": ");
    for (const QLabel* label : m_panel->findChildren<QLabel*>()) {
        if (label->accessibleName().startsWith(start))
            return label->accessibleName().mid(start.size());
    }
    return {};
}

void TestDetailsPanel::aCopyThatIsThereIsCalledPresent()
{
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Copy"), QStringLiteral("present"));
}

void TestDetailsPanel::aSealedBackupTellsHowItIsMounted()
{
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Seal"), QString());
    record().seal = SealState::Sealed;
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Seal"), QStringLiteral("sealed: unseal it to mount it"));
    record().state = GenerationState::Forgotten;
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Seal"), QString());
}

void TestDetailsPanel::aCopyWhoseRegionIsGoneIsCalledGone()
{
    std::erase_if(m_sample.snapshot().layout.regions,
                  [](const Region& region) { return region.id == RegionId{uuid(20)}; });
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Copy"), QStringLiteral("gone: no attached member has its region"));
}

void TestDetailsPanel::aCopyWhoseMemberIsAwayIsCalledNotAttached()
{
    m_sample.snapshot().layout.members.at(1).state = MemberState::Missing;
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Copy"), QStringLiteral("not attached: its member is missing"));
    QCOMPARE(fact("State"), QStringLiteral("⚠ good, not attached"));
    m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
    QVERIFY2(fact("Last good").startsWith(QStringLiteral("none that is there (#2, ")),
             qPrintable(fact("Last good")));
}

// Incident: the last backup was one that nobody had read back, and the good one was not named.
void TestDetailsPanel::theLastGoodBackupIsNamedBesideANewerOne()
{
    m_sample.addGeneration(6, GenerationState::Copied, 10, 21);
    auto& generations = m_sample.snapshot().generations;
    std::ranges::sort(generations, std::ranges::greater(), &Generation::number);
    for (Region& region : m_sample.snapshot().layout.regions) {
        if (region.id != RegionId{uuid(21)})
            continue;
        region.role = RegionRole::Backup;
        region.content = m_sample.region(10).content;
    }
    const auto shown = [&] {
        m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
        return fact("Last good");
    };
    QVERIFY2(shown().startsWith(QStringLiteral("#2, 20")), qPrintable(shown()));
    QVERIFY2(shown().contains(QStringLiteral("; newer, not verified: #6, 20")),
             qPrintable(shown()));
    generations.front().verifiedMs = 1'700'000'000'000;
    QVERIFY2(shown().contains(QStringLiteral("; newer, in doubt: #6, 20")), qPrintable(shown()));
    m_panel->showGeneration(m_sample.snapshot(), generations.front());
    QVERIFY2(fact("State").startsWith(QStringLiteral("⚠ in doubt since it was read back 2023-11")),
             qPrintable(fact("State")));
    generations.at(1).state = GenerationState::Partial;
    QVERIFY2(shown().startsWith(QStringLiteral("none; in doubt: #6, ")), qPrintable(shown()));
}

void TestDetailsPanel::aCopyWhoseRegionChangedIsInDoubt()
{
    for (Region& region : m_sample.snapshot().layout.regions) {
        if (region.id == RegionId{uuid(20)})
            region.content = filesystem("ext4", "other", kMiB);
    }
    m_panel->showGeneration(m_sample.snapshot(), record());
    QVERIFY2(fact("Copy").startsWith(QStringLiteral("in doubt: its region was changed")),
             qPrintable(fact("Copy")));
}

void TestDetailsPanel::whatWasReplacedHasNoCopyToLookFor()
{
    m_panel->showGeneration(m_sample.snapshot(), m_sample.snapshot().generations.back());
    QCOMPARE(fact("Copy"), QString());
}

// As high as its lines at its width, and all of it within what is scrolled.
bool TestDetailsPanel::seenWhole() const
{
    const QWidget* inner = m_panel->findChild<QScrollArea*>()->widget();
    for (const QLabel* label : m_panel->findChildren<QLabel*>()) {
        if (!label->isVisible())
            continue;
        const int neededPx =
            label->wordWrap() ? label->heightForWidth(label->width()) : label->sizeHint().height();
        if (label->height() < neededPx || label->geometry().bottom() >= inner->height())
            return false;
    }
    return true;
}

void TestDetailsPanel::aHalfWrittenRegionIsReadWhole()
{
    m_sample.snapshot().unfinished[RegionId{uuid(10)}] = {RefusalReason::HalfWritten, 0, {}};
    m_panel->resize(230, 260); // As narrow as the pane can be.
    m_panel->setVisible(true);
    m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
    QVERIFY(!fact("Restore").isEmpty());
    QTRY_VERIFY(m_panel->findChild<QScrollBar*>() != nullptr);
    QTRY_VERIFY(seenWhole());
    // What is longer than the pane is reached by scrolling.
    const auto* scroll = m_panel->findChild<QScrollArea*>();
    QVERIFY(scroll->widget()->height() >=
            scroll->widget()->heightForWidth(scroll->widget()->width()));
    QVERIFY(scroll->widget()->width() <= scroll->viewport()->width());
}

void TestDetailsPanel::contentThatWasAcceptedIsToldSo()
{
    m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
    QCOMPARE(fact("Accepted"), QString());
    m_panel->showGeneration(m_sample.snapshot(), record());
    QCOMPARE(fact("Accepted"), QString());
    UnfinishedWrite& write = m_sample.snapshot().accepted[RegionId{uuid(10)}];
    write.kind = WriteKind::Restore;
    write.generation = 5;
    write.acceptedMs = record().startedMs;
    m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
    QVERIFY2(fact("Accepted")
                 .startsWith(QStringLiteral(
                     "half-written, as a restore of backup 5 left it; taken as it is 2023-")),
             qPrintable(fact("Accepted")));
    // What comes with a copy of such content was accepted with it.
    write.kind = WriteKind::Backup;
    write.sinceMs = write.acceptedMs;
    m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
    QCOMPARE(fact("Accepted"), QStringLiteral("half-written, as it came with backup 5"));
    record().takenAsIs = true;
    m_panel->showGeneration(m_sample.snapshot(), record());
    QVERIFY2(fact("Accepted").contains(QStringLiteral("its source was half-written")),
             qPrintable(fact("Accepted")));
}

void TestDetailsPanel::noLineIsCutAtAnyWidth_data()
{
    QTest::addColumn<bool>("backup");
    QTest::newRow("region") << false;
    QTest::newRow("backup") << true;
}

void TestDetailsPanel::noLineIsCutAtAnyWidth()
{
    QFETCH(const bool, backup);
    m_sample.snapshot().unfinished[RegionId{uuid(10)}] = {RefusalReason::HalfWritten, 0, {}};
    m_sample.snapshot().layout.members.at(1).state = MemberState::Missing;
    record().held = true;
    record().note = "what is written about it, and takes more than one line in most panes";
    m_panel->resize(230, 700);
    m_panel->setVisible(true);
    if (backup)
        m_panel->showGeneration(m_sample.snapshot(), record());
    else
        m_panel->showRegion(m_sample.snapshot(), m_sample.region(10));
    for (int widthPx = 230; widthPx < 420; ++widthPx) {
        m_panel->resize(widthPx, 700 - widthPx); // With and without a scroll bar.
        QTRY_VERIFY2(seenWhole(), qPrintable(QString::number(widthPx)));
    }
}

QTEST_MAIN(TestDetailsPanel)
#include "test_details_panel.moc"
