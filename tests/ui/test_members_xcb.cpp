// Members that go, come back, are moved or are none, in the real window; and arrays made anew.
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/create_array_dialog.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/dialogs/open_array_dialog.h"
#include "ui/dialogs/release_disk_dialog.h"
#include "ui/widgets/health_panel.h"

#include <QComboBox>

using namespace cairn;
using namespace cairn::test;

class TestMembersXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init();
    void cleanup() { m_driven.reset(); }
    // Incident: it was shown as present until F5.
    void aMemberThatVanishesIsToldWithTheWaysOn();
    void aMissingMemberIsReplacedFromItsCard();
    // Incident: only cairnctl could take it off the list.
    void aLostMemberIsReleased();
    // Incident: it was opened by itself beside the array, and the history split.
    void aMovedMemberThatIsOpenedAloneIsKnown();
    void aMovedMemberIsOpenedAloneIfThatIsWanted();
    // Incident: "Open it instead" was said of the array's own member.
    void aMovedMemberThatIsToJoinIsKnown();
    void whatIsNoMemberCanBeLeftOut();
    // Incident: all that was typed was lost with it.
    void aMemberThatDidNotJoinIsAskedForAgainAsItWasEntered();
    void anArrayThatWasNotCreatedIsAskedForAgainAsItWasEntered();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QString said() const { return window().messages()->newestText(); }
    [[nodiscard]] MemberState state(std::size_t place) const
    {
        return m_driven->snapshot().layout.members.at(place).state;
    }
    [[nodiscard]] QStringList opened() const
    {
        QStringList uris;
        for (const std::string& uri : m_driven->snapshot().uris)
            uris.append(QString::fromStdString(uri));
        return uris;
    }
    // The array without its second member, which is elsewhere by now.
    QString openWithoutMoved()
    {
        const QString moved = m_files.at(1) + QStringLiteral(".moved");
        if (!QFile::rename(m_files.at(1), moved))
            qFatal("the member cannot be moved");
        m_driven->open(m_files);
        return moved;
    }
    void press(const char* button) const { click(child<QPushButton>(window(), button)); }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
    QStringList m_files;
};

void TestMembersXcb::init()
{
    m_driven.emplace();
    m_driven->disk().backUpInto("vault", "nightly");
    m_files.clear();
    for (const std::string& file : m_driven->disk().memberFiles())
        m_files.append(QString::fromStdString(file));
}

void TestMembersXcb::aMemberThatVanishesIsToldWithTheWaysOn()
{
    m_driven->open(m_files);
    m_driven->press(Qt::Key_H, Qt::ControlModifier);
    const QString moved = m_files.at(1) + QStringLiteral(".moved");
    QVERIFY(QFile::rename(m_files.at(1), moved));
    QTRY_COMPARE_WITH_TIMEOUT(state(1), MemberState::Missing, kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("is missing. What lies there cannot be used until it "
                                            "is back; all else can. Backups on it: #1.")),
             qPrintable(said()));
    m_driven->photograph("member-vanished");
    const auto* panel = child<HealthPanel>(window(), "healthPanel");
    click(child<QPushButton>(*panel, "openWithFile"));
    auto* asked = m_driven->dialog<OpenArrayDialog>();
    QCOMPARE(asked->uris(), m_files.first(1));
    child<QLineEdit>(*asked, "memberPath")->setText(moved);
    const AttachedArray* before = &m_driven->array();
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY_WITH_TIMEOUT(window().array() != before, kPatienceMs);
    QCOMPARE(opened(), QStringList({m_files.at(0), moved}));
    QCOMPARE(state(1), MemberState::Present);
    QVERIFY(QFile::rename(moved, m_files.at(1)));
    QTRY_COMPARE_WITH_TIMEOUT(state(1), MemberState::Missing, kPatienceMs);
    QVERIFY(QFile::rename(m_files.at(1), moved));
    QTRY_COMPARE_WITH_TIMEOUT(state(1), MemberState::Present, kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("All members of the array are there again")),
             qPrintable(said()));
}

void TestMembersXcb::aMissingMemberIsReplacedFromItsCard()
{
    openWithoutMoved();
    m_driven->press(Qt::Key_H, Qt::ControlModifier);
    const auto* panel = child<HealthPanel>(window(), "healthPanel");
    QTRY_VERIFY(panel->isVisible());
    click(child<QPushButton>(*panel, "replaceAway"));
    auto* asked = m_driven->dialog<MemberDialog>();
    QCOMPARE(asked->replaced(), m_driven->snapshot().layout.members.at(1).id);
    QTRY_VERIFY_WITH_TIMEOUT(child<QLineEdit>(*asked, "typedName")->isVisible(), kPatienceMs);
    QVERIFY(!child<QPushButton>(*asked, "accept")->isEnabled()); // No path, no name.
}

void TestMembersXcb::aLostMemberIsReleased()
{
    openWithoutMoved();
    child<QAction>(window(), "releaseDisk")->trigger();
    auto* asked = m_driven->dialog<ReleaseDiskDialog>();
    auto* members = child<QComboBox>(*asked, "releasedMember");
    members->setCurrentIndex(1);
    QVERIFY2(members->currentText().endsWith(QStringLiteral("(missing)")),
             qPrintable(members->currentText()));
    const auto* cost = child<QLabel>(*asked, "releaseCost");
    QTRY_VERIFY2_WITH_TIMEOUT(cost->text().contains(QStringLiteral("Nothing on the disk changes")),
                              qPrintable(cost->text()), kPatienceMs);
    QVERIFY2(cost->text().contains(QStringLiteral("records name on it: vault")) &&
                 cost->text().contains(QStringLiteral("#1")),
             qPrintable(cost->text()));
    QVERIFY(!child<QPushButton>(*asked, "accept")->isEnabled());
    m_driven->photograph("lost-member-released");
    // The region whose last good copy goes.
    QTest::keyClicks(child<QLineEdit>(*asked, "typedName"), QStringLiteral("vault"));
    click(child<QPushButton>(*asked, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->snapshot().layout.members.size(), std::size_t{1},
                              kPatienceMs);
    QTRY_VERIFY2(said().contains(QStringLiteral("is no member of this array any more")),
                 qPrintable(said()));
}

void TestMembersXcb::aMovedMemberThatIsOpenedAloneIsKnown()
{
    const QString moved = openWithoutMoved();
    const AttachedArray* before = &m_driven->array();
    window().openArray({moved});
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("is the missing member")),
                              qPrintable(said()), kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("test array")), qPrintable(said()));
    QCOMPARE(window().array(), before);
    m_driven->photograph("member-found");
    press("openTogether");
    QTRY_VERIFY_WITH_TIMEOUT(window().array() != before, kPatienceMs);
    QCOMPARE(opened(), QStringList({m_files.at(0), moved}));
    QCOMPARE(state(0), MemberState::Present);
    QCOMPARE(state(1), MemberState::Present);
    QVERIFY(!m_driven->snapshot().splitBrain());
}

void TestMembersXcb::aMovedMemberIsOpenedAloneIfThatIsWanted()
{
    const QString moved = openWithoutMoved();
    window().openArray({moved});
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("is the missing member")),
                              qPrintable(said()), kPatienceMs);
    press("openAlone");
    QTRY_COMPARE_WITH_TIMEOUT(opened(), QStringList{moved}, kPatienceMs);
}

void TestMembersXcb::aMovedMemberThatIsToJoinIsKnown()
{
    const QString moved = openWithoutMoved();
    child<QAction>(window(), "addMember")->trigger();
    auto* asked = m_driven->dialog<MemberDialog>();
    child<QLineEdit>(*asked, "memberPath")->setText(moved);
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("is the missing member")),
                              qPrintable(said()), kPatienceMs);
    QVERIFY2(!said().contains(QStringLiteral("instead")), qPrintable(said()));
    press("openTogether");
    QTRY_COMPARE_WITH_TIMEOUT(opened(), QStringList({m_files.at(0), moved}), kPatienceMs);
    QCOMPARE(state(1), MemberState::Present);
}

void TestMembersXcb::whatIsNoMemberCanBeLeftOut()
{
    QTemporaryDir folder;
    QFile photos(folder.filePath(QStringLiteral("photos.img")));
    QVERIFY(photos.open(QIODevice::WriteOnly) && photos.write(QByteArray(4'000'000, 'x')) > 0);
    photos.close();
    m_driven->open(m_files + QStringList{photos.fileName()});
    QCOMPARE(state(2), MemberState::Foreign);
    m_driven->press(Qt::Key_H, Qt::ControlModifier);
    const auto* panel = child<HealthPanel>(window(), "healthPanel");
    QTRY_VERIFY(panel->isVisible());
    m_driven->photograph("member-foreign");
    click(child<QPushButton>(*panel, "leaveOut"));
    QTRY_COMPARE_WITH_TIMEOUT(opened(), m_files, kPatienceMs);
}

void TestMembersXcb::aMemberThatDidNotJoinIsAskedForAgainAsItWasEntered()
{
    m_driven->open(m_files);
    child<QAction>(window(), "addMember")->trigger();
    auto* first = m_driven->dialog<MemberDialog>();
    const QString nowhere = m_files.at(0) + QStringLiteral(".none/c.img");
    child<QLineEdit>(*first, "memberPath")->setText(nowhere);
    child<QCheckBox>(*first, "createFile")->setChecked(true);
    child<QLineEdit>(*first, "memberSize")->setText(QStringLiteral("64 MiB"));
    click(child<QPushButton>(*first, "accept"));
    const auto asksAgain = [&] {
        return window().findChild<QPushButton*>(QStringLiteral("askAgain")) != nullptr;
    };
    QTRY_VERIFY2_WITH_TIMEOUT(asksAgain(), qPrintable(said()), kPatienceMs);
    QTRY_VERIFY(window().findChild<MemberDialog*>() == nullptr);
    press("askAgain");
    auto* again = m_driven->dialog<MemberDialog>();
    QCOMPARE(again->input().path, nowhere);
    QVERIFY(again->input().create);
    const QString somewhere = m_files.at(0) + QStringLiteral(".third");
    child<QLineEdit>(*again, "memberPath")->setText(somewhere);
    click(child<QPushButton>(*again, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->snapshot().layout.members.size(), std::size_t{3},
                              kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(!asksAgain(), kPatienceMs);
}

void TestMembersXcb::anArrayThatWasNotCreatedIsAskedForAgainAsItWasEntered()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("new.img"));
    QFile photos(path);
    QVERIFY(photos.open(QIODevice::WriteOnly) && photos.write(QByteArray(4'000'000, 'x')) > 0);
    photos.close();
    child<QAction>(window(), "newArray")->trigger();
    auto* first = m_driven->dialog<CreateArrayDialog>();
    child<QLineEdit>(*first, "memberPath")->setText(path);
    child<QLineEdit>(*first, "arrayLabel")->setText(QStringLiteral("rack-07"));
    child<QLineEdit>(*first, "memberSize")->setText(QStringLiteral("64 MiB"));
    click(child<QPushButton>(*first, "accept"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("The array was not created")),
                              qPrintable(said()), kPatienceMs);
    QTRY_VERIFY(window().findChild<CreateArrayDialog*>() == nullptr);
    m_driven->photograph("creation-refused");
    QVERIFY(QFile::remove(path));
    press("createAgain");
    auto* again = m_driven->dialog<CreateArrayDialog>();
    QCOMPARE(again->input().uris, QStringList{path});
    QCOMPARE(again->input().label, QStringLiteral("rack-07"));
    QCOMPARE(again->input().size, QStringLiteral("64 MiB"));
    click(child<QPushButton>(*again, "accept"));
    QTRY_VERIFY2_WITH_TIMEOUT(window().array() != nullptr, qPrintable(said()), kPatienceMs);
    child<QAction>(window(), "newArray")->trigger();
    auto* next = m_driven->dialog<CreateArrayDialog>();
    QVERIFY(next->input().uris.isEmpty()); // What was made is not offered again.
    const auto* list = child<QTreeWidget>(window(), "arrayList");
    QCOMPARE(list->topLevelItem(0)->text(0), QStringLiteral("rack-07"));
}

QTEST_MAIN(TestMembersXcb)
#include "test_members_xcb.moc"
