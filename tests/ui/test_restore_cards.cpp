// The restore dialog names what is lost, and no card or sentence of it contradicts another.
#include "core/backup/guards.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/backup_dialog.h"
#include "ui/dialogs/restore_dialog.h"

#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

enum class Target {
    Empty,
    SeemsEmpty,
    Source,
    InNoBackup,
    OtherBackup,
    LastGood,
    Undo,
    Undone,
    Incomplete,
    Half
};
enum class Area { ForAll, ForLittle, None, NotWanted, NoRoom };

struct Case {
    SampleArray sample;
    RestoreOffer offer;
    RestoreChoice choice;
};

Generation record(const SampleArray& sample, GenerationState state)
{
    Generation made = sample.snapshot().generations.front();
    made.number = 7;
    made.state = state;
    made.digest.bytes.fill(std::byte{1});
    made.target = {RegionId{uuid(21)}, "vault-2", uuid(2)};
    return made;
}

void fillTarget(Case& made, Target target)
{
    Region& region = *std::ranges::find(made.sample.snapshot().layout.regions,
                                        target == Target::Source ? "db" : "vault-2", &Region::name);
    RestoreOffer& offer = made.offer;
    const auto hold = [&](const Generation& generation) {
        region.role = RegionRole::Backup;
        region.content = generation.content;
        offer.holds = generation;
    };
    switch (target) {
    case Target::Empty:
        break;
    case Target::SeemsEmpty:
        region.content.sampled = true;
        break;
    case Target::Source:
        offer.plan.newestBackupOfTarget = 2;
        break;
    case Target::InNoBackup:
        region.content = filesystem("ext4", "mine", kMiB);
        break;
    case Target::LastGood:
        offer.missed = Refusal{RefusalReason::LastGoodCopy, 7, "db"};
        offer.nameNeeded = true;
        [[fallthrough]];
    case Target::OtherBackup:
        hold(record(made.sample, GenerationState::Good));
        break;
    case Target::Undo:
    case Target::Undone: {
        Generation kept = record(made.sample, GenerationState::Good);
        kept.undo.emplace();
        kept.undo->restored = 1;
        kept.undo->keptMs = 5;
        kept.undo->undoneMs = target == Target::Undone ? 6 : 0;
        offer.nameNeeded = target == Target::Undo;
        hold(kept);
        break;
    }
    case Target::Incomplete:
        hold(record(made.sample, GenerationState::Interrupted));
        break;
    case Target::Half:
        region.content.kind = ContentKind::Unknown;
        made.sample.snapshot().unfinished[region.id] = {RefusalReason::HalfWritten, 3, "restore"};
        break;
    }
    offer.plan.target = region;
}

Case makeCase(Target target, Area area)
{
    Case made;
    made.sample.addRegion(30, 1, "area", 2048 * kMiB, SampleArray::empty());
    made.offer.plan.generation = made.sample.snapshot().generations.front();
    made.offer.plan.backup = made.sample.region(20);
    fillTarget(made, target);
    made.choice.target = made.offer.plan.target.id;
    if (area != Area::None)
        made.offer.areaForLittle = made.sample.region(30);
    if (area == Area::ForAll || area == Area::NotWanted)
        made.offer.areaForAll = made.sample.region(30);
    if (area == Area::None)
        made.offer.nameNeeded = true;
    if (area == Area::NotWanted)
        made.choice.keeping = RestoreChoice::Keeping::Nothing;
    if (area != Area::None)
        made.offer.mostBytes = made.sample.region(30).extent.lengthBytes;
    if (area == Area::NoRoom)
        made.choice.bytesToKeep = made.offer.mostBytes + 1;
    return made;
}

// All that the dialog says about the target, as the operator reads it.
QString said(const RestoreDialog& dialog)
{
    QStringList texts{dialog.findChild<Card*>(QStringLiteral("willBeErased"))->text()};
    for (const QLabel* label : dialog.findChildren<QLabel*>()) {
        const QWidget* card = label->parentWidget();
        if (label->isVisibleTo(&dialog) && qobject_cast<const Card*>(card) == nullptr)
            texts.append(label->text());
    }
    return texts.join(u'\n');
}

} // namespace

class TestRestoreCards : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theyAgree_data();
    void theyAgree();
    void aCopyThatNobodyReadBackIsNotCalledGood();
    void aBackupThatIsReplacedIsNamedAsInBackUp();
    void aBackupThatNoUndoBringsBackIsSaidToGo();
    void theSameChoiceIsOfferedAgain();
    void aRegionThatWasAddedSinceKeepsWhatIsOverwritten();
    void nothingIsSaidToGoBeforeTheArrayHasAnswered();
    void aCopyInDoubtIsSaidToBeSoFirst();
    void theRestoreOfACopyInDoubtIsAVerificationFirst();
};

void TestRestoreCards::theyAgree_data()
{
    QTest::addColumn<int>("target");
    QTest::addColumn<int>("area");
    QTest::addColumn<QString>("loss");
    const std::vector<std::pair<Target, const char*>> targets{
        {Target::Empty, "It is empty: nothing is lost."},
        {Target::SeemsEmpty, "It seems empty: not all of it was read."},
        {Target::Source, "Backup 2 holds what it held on"},
        {Target::InNoBackup,
         "No backup of vault-2 can be restored: what it holds now may be nowhere else."},
        {Target::OtherBackup, "Backup 7 of db from"},
        {Target::LastGood, "It is the last good copy of db."},
        {Target::Undo, "The restore of db can then no longer be undone."},
        {Target::Undone, "What it kept was brought back already: nothing is lost."},
        {Target::Incomplete, "Backup 7 in vault-2 is incomplete; it will be given up."},
        {Target::Half, "It is half-written: neither content in it can be used."}};
    const std::vector<std::pair<Area, const char*>> areas{{Area::ForAll, "room for all"},
                                                          {Area::ForLittle, "room for a little"},
                                                          {Area::None, "no free region"},
                                                          {Area::NotWanted, "not wanted"},
                                                          {Area::NoRoom, "no room was found"}};
    for (const auto& [target, loss] : targets) {
        for (const auto& [area, name] : areas)
            QTest::addRow("%s / %s", loss, name)
                << static_cast<int>(target) << static_cast<int>(area) << QString::fromLatin1(loss);
    }
}

void TestRestoreCards::theyAgree()
{
    QFETCH(const int, target);
    QFETCH(const int, area);
    QFETCH(const QString, loss);
    const auto where = static_cast<Target>(target);
    const auto keeping = static_cast<Area>(area);
    const Case made = makeCase(where, keeping);
    RestoreDialog dialog(made.sample.snapshot(), made.offer.plan.generation);
    dialog.choose(made.choice);
    dialog.show();
    dialog.setOffer(made.offer);
    const QString text = said(dialog);
    const auto says = [&](const char* part) { return text.contains(QLatin1StringView(part)); };
    QVERIFY2(text.contains(loss), qPrintable(text));

    const bool keeps = keeping == Area::ForAll || keeping == Area::ForLittle;
    const bool nothingLost = where == Target::Empty || where == Target::Undone;
    QCOMPARE(dialog.findChild<QCheckBox*>(QStringLiteral("keepUndo"))->isChecked(), keeps);
    // The title says what becomes of it, and nothing else says the opposite.
    QCOMPARE(says("Will be erased"), !keeps && !nothingLost);
    QCOMPARE(says("and kept"), keeping == Area::ForAll && !nothingLost);
    QCOMPARE(says("if it can be kept"), keeping == Area::ForLittle && !nothingLost);
    QVERIFY2(!(nothingLost && says("will be gone")), qPrintable(text));
    QVERIFY2(!(nothingLost && says("given up for good")), qPrintable(text));
    QVERIFY2(!(says("nothing is lost") && says("nowhere else")), qPrintable(text));
    QVERIFY2(!(says("will be replaced") && says("nowhere else")), qPrintable(text));
    QCOMPARE(says("resumed or undone"), keeps);
    QCOMPARE(says("cannot be undone"), !keeps);
    QCOMPARE(says("It is copied into a free region") || says("It is copied into the free region"),
             keeping == Area::ForAll);
    // A name is asked for where nothing is kept or a record is lost, and the reason fits.
    const bool named = !keeps || where == Target::LastGood || where == Target::Undo;
    QCOMPARE(says("To confirm, type the region's name"), named);
    QCOMPARE(says("given up unless this restore is undone"), keeps && where == Target::LastGood);
    QCOMPARE(dialog.plan().has_value(), !named);
    // What is kept needs none: of a region that the backup does not come from that is said.
    const Region& over = made.offer.plan.target;
    QCOMPARE(says("is not where this backup comes from"),
             !named && over.id != made.offer.plan.generation.source.id &&
                 over.content.kind != ContentKind::Empty);
}

void TestRestoreCards::aCopyThatNobodyReadBackIsNotCalledGood()
{
    const Case made = makeCase(Target::LastGood, Area::ForAll);
    RestoreOffer offer = made.offer;
    offer.plan.generation.state = GenerationState::Copied;
    offer.plan.generation.verifiedMs = 0;
    offer.missed = lastCopyRefusal(offer.plan.generation);
    RestoreDialog dialog(made.sample.snapshot(), offer.plan.generation);
    dialog.choose(made.choice);
    dialog.setOffer(offer);
    const QString text = said(dialog);
    QVERIFY2(text.contains(QStringLiteral("copied, not verified")), qPrintable(text));
    QVERIFY2(!text.contains(QStringLiteral("good copy")), qPrintable(text));
    const QString candidate = refusalDisplay(*offer.missed);
    QVERIFY2(candidate.contains(QStringLiteral("copied, not verified")), qPrintable(candidate));
    QVERIFY2(!candidate.contains(QStringLiteral("good copy")), qPrintable(candidate));
}

void TestRestoreCards::aBackupThatIsReplacedIsNamedAsInBackUp()
{
    const Case made = makeCase(Target::LastGood, Area::ForAll);
    ArraySnapshot snapshot = made.sample.snapshot();
    snapshot.generations.insert(snapshot.generations.begin(), *made.offer.holds);
    RestoreDialog restore(snapshot, made.offer.plan.generation);
    restore.choose(made.choice);
    restore.setOffer(made.offer);
    BackupDialog backup(snapshot, made.sample.region(10),
                        {{{.region = {uuid(21)},
                           .refusals = {{RefusalReason::LastGoodCopy, 7, "db"}},
                           .replaces = 7}}});
    backup.show();
    auto* table = backup.findChild<QTableView*>(QStringLiteral("candidateTable"));
    table->selectRow(0);
    const QString asked = backup.findChild<QLabel*>(QStringLiteral("consequence"))->text();
    const QString sentence = replacedText(*made.offer.holds, QStringLiteral("vault-2"));
    QVERIFY2(asked.contains(sentence), qPrintable(asked));
    QVERIFY2(asked.contains(QStringLiteral("the last good copy of db")), qPrintable(asked));
    QVERIFY2(said(restore).contains(sentence), qPrintable(said(restore)));
}

void TestRestoreCards::aBackupThatNoUndoBringsBackIsSaidToGo()
{
    Case made = makeCase(Target::OtherBackup, Area::ForAll);
    const auto shown = [&] {
        RestoreDialog dialog(made.sample.snapshot(), made.offer.plan.generation);
        dialog.choose(made.choice);
        dialog.setOffer(made.offer);
        return said(dialog);
    };
    QVERIFY2(shown().contains(QStringLiteral("again only if this restore is undone")),
             qPrintable(shown()));
    made.offer.holds->sizeBytes -= kMiB; // Then no digest proves that it is whole again.
    QVERIFY2(shown().contains(QStringLiteral("does not make it a backup again")),
             qPrintable(shown()));
}

void TestRestoreCards::theSameChoiceIsOfferedAgain()
{
    const Case made = makeCase(Target::Source, Area::NotWanted);
    RestoreDialog dialog(made.sample.snapshot(), made.offer.plan.generation);
    dialog.choose(made.choice);
    dialog.setOffer(made.offer);
    auto* keep = dialog.findChild<QCheckBox*>(QStringLiteral("keepUndo"));
    QVERIFY(!keep->isChecked());
    QVERIFY(keep->isEnabled()); // It can still be chosen, and is not chosen silently.
    QVERIFY(!dialog.plan().has_value());
    dialog.findChild<QLineEdit*>(QStringLiteral("typedName"))->setText(QStringLiteral("db"));
    QVERIFY(!dialog.plan()->undo);
}

void TestRestoreCards::aRegionThatWasAddedSinceKeepsWhatIsOverwritten()
{
    Case made = makeCase(Target::Source, Area::ForLittle);
    made.choice.bytesToKeep = 1536 * kMiB;
    made.offer.mostBytes = made.choice.bytesToKeep - kMiB;
    RestoreDialog dialog(made.sample.snapshot(), made.offer.plan.generation);
    dialog.choose(made.choice);
    dialog.show();
    dialog.setOffer(made.offer);
    const auto* keep = dialog.findChild<QCheckBox*>(QStringLiteral("keepUndo"));
    QVERIFY(!keep->isEnabled());
    QVERIFY2(said(dialog).contains(QStringLiteral("at least 1536 MiB")), qPrintable(said(dialog)));
    made.offer.mostBytes = made.choice.bytesToKeep;
    dialog.setOffer(made.offer);
    QVERIFY(keep->isEnabled());
    QVERIFY(keep->isChecked());
    QVERIFY(dialog.plan()->undo);
}

void TestRestoreCards::nothingIsSaidToGoBeforeTheArrayHasAnswered()
{
    const Case made = makeCase(Target::Source, Area::ForAll);
    RestoreDialog dialog(made.sample.snapshot(), made.offer.plan.generation);
    QVERIFY2(!said(dialog).contains(QStringLiteral("Will be")), qPrintable(said(dialog)));
    dialog.setOffer(failure(ErrorCode::RegionInUse, "db", "mounted at /srv"));
    QVERIFY2(!said(dialog).contains(QStringLiteral("Will be")), qPrintable(said(dialog)));
}

void TestRestoreCards::aCopyInDoubtIsSaidToBeSoFirst()
{
    const auto fromLines = [](const SampleArray& sample) {
        const RestoreDialog dialog(sample.snapshot(), sample.snapshot().generations.front());
        return dialog.findChild<Card*>(QStringLiteral("restoredFrom"))->text();
    };
    SampleArray sample;
    QVERIFY(!fromLines(sample).contains(QStringLiteral("⚠")));
    sample.snapshot().generations.front().content = filesystem("ext4", "mail", kMiB);
    const QStringList lines = fromLines(sample).split(u'\n');
    QVERIFY2(lines.at(1).startsWith(QStringLiteral("⚠ This copy is in doubt")),
             qPrintable(lines.at(1)));
    QCOMPARE(lines.at(2), QStringLiteral("Its region shows now: xfs"));
}

void TestRestoreCards::theRestoreOfACopyInDoubtIsAVerificationFirst()
{
    Case made = makeCase(Target::Source, Area::ForAll);
    const auto shown = [&](bool& allowed) {
        RestoreDialog dialog(made.sample.snapshot(), made.sample.snapshot().generations.front());
        dialog.choose(made.choice);
        dialog.show();
        dialog.setOffer(made.offer);
        const auto* verb = dialog.findChild<QPushButton*>(QStringLiteral("overwrite"));
        allowed = verb->isEnabled();
        return verb->text() + u'\n' + said(dialog);
    };
    bool allowed = false;
    const QString sound = shown(allowed);
    QVERIFY2(sound.startsWith(QStringLiteral("Overwrite db\n")), qPrintable(sound));
    QVERIFY2(!sound.contains(QStringLiteral("may not be what was copied")), qPrintable(sound));
    made.sample.snapshot().generations.front().content = filesystem("ext4", "mail", kMiB);
    const QString doubt = shown(allowed);
    QVERIFY(allowed);
    QVERIFY2(doubt.startsWith(QStringLiteral("Verify, then overwrite db\n")), qPrintable(doubt));
    QVERIFY2(doubt.contains(QStringLiteral("If it is not right, the restore ends there: nothing "
                                           "is overwritten")),
             qPrintable(doubt));
}

QTEST_MAIN(TestRestoreCards)
#include "test_restore_cards.moc"
