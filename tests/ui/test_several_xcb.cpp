// Verbs on several backups that are selected together, in the real window.
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/confirm_dialog.h"

#include <QLabel>

using namespace cairn;
using namespace cairn::test;

class TestSeveralXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init();
    void cleanup() { m_driven.reset(); }
    void whatWorksOnOneOnlyIsNotOfferedForSeveral();
    void allThatAreSelectedAreForgottenButTheLastCopy();
    void severalAreHeldAndReleasedAndHeldAgain();

private:
    [[nodiscard]] QAction* action(const char* name) const
    {
        return child<QAction>(m_driven->window(), name);
    }
    [[nodiscard]] GenerationState stateOf(GenerationNumber number) const
    {
        const Generation* found = m_driven->snapshot().find(number);
        return found != nullptr ? found->state : GenerationState::Forgotten;
    }
    [[nodiscard]] int held() const
    {
        return static_cast<int>(
            std::ranges::count(m_driven->snapshot().generations, true, &Generation::held));
    }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

void TestSeveralXcb::init()
{
    m_driven.emplace();
    m_driven->disk().addSpare();
    m_driven->disk().backUpInto("vault", "first");
    m_driven->disk().backUpInto("spare", "second");
    m_driven->open();
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->window().view()->model()->rowCount(), 2, kPatienceMs);
    m_driven->clickRow(0);
    m_driven->window().view()->table()->selectAll();
}

void TestSeveralXcb::whatWorksOnOneOnlyIsNotOfferedForSeveral()
{
    for (const char* one : {"restore", "verify", "exportBackup", "backUp", "removeRegion"}) {
        QVERIFY2(!action(one)->isEnabled(), one);
        QVERIFY2(action(one)->toolTip().contains(QStringLiteral("Several backups are selected")),
                 qPrintable(action(one)->toolTip()));
    }
    m_driven->clickRow(1);
    QVERIFY(action("restore")->isEnabled());
}

// Incident: of several selected rows one was forgotten.
void TestSeveralXcb::allThatAreSelectedAreForgottenButTheLastCopy()
{
    action("forget")->trigger();
    auto* asked = m_driven->dialog<ConfirmDialog>();
    QString text;
    for (const QLabel* label : asked->findChildren<QLabel*>())
        text += label->text() + u'\n';
    QVERIFY2(text.contains(QStringLiteral("1 of 2")), qPrintable(text));
    const qsizetype stay = text.indexOf(QStringLiteral("These stay"));
    QVERIFY2(stay > text.indexOf(QStringLiteral("Backup 1 of db")), qPrintable(text));
    QVERIFY2(text.indexOf(QStringLiteral("Backup 2 of db")) > stay, qPrintable(text));
    QVERIFY2(text.indexOf(QStringLiteral("last good copy of db")) > stay, qPrintable(text));
    m_driven->photograph("forget-several");
    click(child<QPushButton>(*asked, "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(stateOf(1), GenerationState::Forgotten, kPatienceMs);
    QCOMPARE(stateOf(2), GenerationState::Good);
    QTRY_VERIFY(m_driven->window().messages()->newestText().contains(QStringLiteral("forgotten")));
}

// Incident: a release asked nothing, and there was no way back in sight.
void TestSeveralXcb::severalAreHeldAndReleasedAndHeldAgain()
{
    action("hold")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(held(), 2, kPatienceMs);
    m_driven->window().view()->table()->selectAll();
    action("release")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(held(), 0, kPatienceMs);
    QTRY_VERIFY(m_driven->window().findChild<QPushButton*>(QStringLiteral("holdAgain")) != nullptr);
    m_driven->photograph("released");
    click(child<QPushButton>(m_driven->window(), "holdAgain"));
    QTRY_COMPARE_WITH_TIMEOUT(held(), 2, kPatienceMs);
}

QTEST_MAIN(TestSeveralXcb)
#include "test_several_xcb.moc"
