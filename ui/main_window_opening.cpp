// Which array the window opens: asked for, made anew, or taken from the list of recent ones.
#include "ui/main_window.h"

#include "ui/array_names.h"
#include "ui/asking.h"
#include "ui/away_member.h"
#include "ui/dialogs/open_array_dialog.h"
#include "ui/display_text.h"
#include "ui/jobs/background.h"
#include "ui/support_report.h"

#include <QDockWidget>
#include <QMenu>
#include <QSettings>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kRecentArrays = 6;

std::vector<std::string> plainUris(const QStringList& uris)
{
    std::vector<std::string> plain;
    for (const QString& uri : uris)
        plain.push_back(uri.toStdString());
    return plain;
}

QStringList shownUris(const std::vector<std::string>& plain)
{
    QStringList uris;
    for (const std::string& uri : plain)
        uris.append(QString::fromStdString(uri));
    return uris;
}

RecentArray recentArray(const ArraySnapshot& now)
{
    RecentArray one{.uris = wholeUris(shownUris(now.uris)), .label = {}};
    if (now.catalog) {
        one.label = QString::fromStdString(now.catalog->arrayLabel);
        one.id = QString::fromStdString(now.catalog->arrayId.toString());
    }
    return one;
}

} // namespace

void MainWindow::openArray(const QStringList& uris)
{
    if (!uris.isEmpty())
        open({.uris = wholeUris(uris)});
}

void MainWindow::open(const Opening& wanted)
{
    if (m_creating)
        return;
    m_opensDemo = false;
    whenIdle({.question = tr("Open another array?"), .waiting = tr("Opening another array")},
             [this, wanted] {
                 const unsigned number = beginOpening(wanted.uris, false);
                 const auto beside =
                     m_array && !wanted.alone ? std::optional(m_array->snapshot()) : std::nullopt;
                 runInBackground(
                     m_openers, this,
                     [plain = plainUris(wanted.uris), beside,
                      environment = environment()]() -> Result<Opened> {
                         auto attached = Attachment::attach(plain, environment);
                         if (!attached)
                             return std::unexpected(std::move(attached).error());
                         Opened opened{.attachment = *std::move(attached), .snapshot = {}};
                         opened.snapshot = readSnapshot(*opened.attachment, plain);
                         if (beside)
                             opened.together = urisTogether(*beside, opened.snapshot);
                         return opened;
                     },
                     [this, wanted, number](Result<Opened> opened) {
                         if (!endOpening(number))
                             return;
                         if (!opened) {
                             m_messages->showError(Verb::Open, opened.error());
                             return;
                         }
                         if (m_array && !opened->together.empty()) {
                             offerTogether(wanted, *opened);
                             return;
                         }
                         const auto another = anotherArray(opened->snapshot);
                         rememberRecent(opened->snapshot, wanted.before);
                         showArray(*std::move(opened));
                         if (another)
                             m_messages->show(*another);
                     });
             });
}

// Whoever writes to the members apart has two histories afterwards.
void MainWindow::offerTogether(const Opening& wanted, const Opened& opened)
{
    const ArraySnapshot& open = m_array->snapshot();
    const auto& members = opened.snapshot.layout.members;
    const auto part = std::ranges::find_if(
        members, [&](const Member& member) { return open.layout.findMember(member.id); });
    Message message = foundMessage(open, part->location, part->id);
    message.actions = {{tr("Open the array with it"), QStringLiteral("openTogether"),
                        [this, uris = opened.together] { openAnew(uris); }},
                       {tr("Open it alone"), QStringLiteral("openAlone"),
                        [this, uris = wanted.uris] { this->open({.uris = uris, .alone = true}); }}};
    m_messages->show(message);
}

void MainWindow::openAnew(const std::vector<std::string>& uris)
{
    if (m_array && !uris.empty())
        open({.uris = shownUris(uris), .before = m_array->snapshot().uris, .alone = true});
}

void MainWindow::createArray(const CreationInput& input, const Attachment::Creation& wanted)
{
    if (m_creating)
        return;
    m_opensDemo = false;
    m_creation = input; // Until it is made.
    Attachment::Creation whole = wanted;
    whole.array.uris = plainUris(wholeUris(shownUris(wanted.array.uris)));
    whenIdle({.question = tr("Open another array?"), .waiting = tr("Opening another array")},
             [this, wanted = std::move(whole)] {
                 const unsigned number = beginOpening(shownUris(wanted.array.uris), true);
                 runInBackground(
                     m_openers, this,
                     [wanted, environment = environment()]() -> Result<Opened> {
                         auto created = Attachment::create(wanted, environment);
                         if (!created)
                             return std::unexpected(std::move(created).error());
                         Opened opened{.attachment = *std::move(created), .snapshot = {}};
                         opened.snapshot = readSnapshot(*opened.attachment, wanted.array.uris);
                         return opened;
                     },
                     [this, number, adopt = wanted.adopt](Result<Opened> opened) {
                         if (!endOpening(number))
                             return;
                         if (!opened) {
                             refuseCreation(adopt ? Verb::AdoptDisk : Verb::CreateArray,
                                            opened.error());
                             return;
                         }
                         m_creation.reset();
                         rememberRecent(opened->snapshot, {});
                         showArray(*std::move(opened));
                     });
             });
}

void MainWindow::refuseCreation(Verb verb, const Error& error)
{
    m_messages->showError(verb, errorText(verb, error), errorClass(error.code),
                          {{.text = tr("Try again …"),
                            .name = QStringLiteral("createAgain"),
                            .run = [this] { askCreate(); },
                            .settles = false}});
    m_actions->lookForMissing(verb, error);
}

unsigned MainWindow::beginOpening(const QStringList& uris, bool creates)
{
    m_opening = uris;
    m_creating = creates;
    m_openedLast = uris;
    m_saveReport->setEnabled(!m_report->underWay());
    const QList<RecentArray> all = recent();
    const auto known = std::ranges::find(all, uris, &RecentArray::uris);
    const QString label = known != all.end() ? known->label : QString();
    m_openingPage->setSubject({.name = arrayNames({{.uris = uris, .label = label}}).first(),
                               .members = urisDisplay(uris),
                               .creates = creates});
    m_actions->setBlocked(
        tr("%1 Nothing is done to the array that was open before.").arg(m_openingPage->title()));
    m_open->setEnabled(false);
    m_create->setEnabled(false);
    m_filtersDock->setEnabled(!creates);
    m_recentMenu->setEnabled(!creates && !all.isEmpty());
    m_openingSlow.start();
    showPage();
    return ++m_openingNumber;
}

void MainWindow::showOpening()
{
    showPage();
    showStatus();
    m_openingPage->setFocus();
}

bool MainWindow::endOpening(unsigned number)
{
    // Canceled, or another one was wanted since: what was read of it is given back.
    if (number != m_openingNumber)
        return false;
    stopOpening();
    if (m_closeWanted)
        QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection);
    return true;
}

void MainWindow::cancelOpening()
{
    ++m_openingNumber;
    stopOpening();
}

void MainWindow::stopOpening()
{
    m_opening.clear();
    m_creating = false;
    m_openingSlow.stop();
    m_actions->setBlocked({});
    m_open->setEnabled(true);
    m_create->setEnabled(true);
    m_filtersDock->setEnabled(true);
    fillRecent(); // The list marks what is open again.
    showPage();
    showStatus();
    if (m_array)
        m_view->map()->setFocus();
}

QStringList MainWindow::openedUris() const
{
    return m_array ? shownUris(m_array->snapshot().uris) : m_openedLast;
}

void MainWindow::askOpen()
{
    ask(new OpenArrayDialog(m_disks, this), this,
        [this](const OpenArrayDialog& answered) { openArray(answered.uris()); });
}

void MainWindow::askMissing()
{
    if (!m_array)
        return;
    std::vector<std::string> uris = m_array->snapshot().uris;
    for (const Member& member : m_array->snapshot().layout.members) {
        if (member.state == MemberState::Missing)
            uris = urisWithout(std::move(uris), member.location);
    }
    auto* dialog = new OpenArrayDialog(m_disks, this);
    dialog->offer(shownUris(uris));
    ask(dialog, this,
        [this](const OpenArrayDialog& answered) { openAnew(plainUris(answered.uris())); });
}

void MainWindow::askCreate()
{
    auto* dialog = new CreateArrayDialog(this);
    if (m_creation)
        dialog->enter(*m_creation);
    ask(dialog, this, [this](const CreateArrayDialog& answered) {
        if (const auto wanted = answered.creation())
            createArray(answered.input(), *wanted);
    });
}

QList<RecentArray> MainWindow::recent() const
{
    QSettings settings;
    QList<RecentArray> all;
    const int count = settings.beginReadArray(QStringLiteral("recent"));
    for (int index = 0; index < count; ++index) {
        settings.setArrayIndex(index);
        const RecentArray one{.uris = settings.value(QStringLiteral("uris")).toStringList(),
                              .label = settings.value(QStringLiteral("label")).toString(),
                              .id = settings.value(QStringLiteral("id")).toString()};
        // From which directory a relative path was meant nobody knows.
        if (!one.uris.isEmpty() && one.uris == wholeUris(one.uris))
            all.append(one);
    }
    settings.endArray();
    return all;
}

// In the place of what the same array was opened by before; without members it is none any more.
void MainWindow::rememberRecent(const ArraySnapshot& now, const std::vector<std::string>& before)
{
    const RecentArray one = recentArray(now);
    QList<RecentArray> all = recent();
    const QStringList old = wholeUris(shownUris(before));
    all.removeIf([&](const RecentArray& each) { return each.uris == old || each.isSame(one); });
    if (!one.uris.isEmpty())
        all.prepend(one);
    while (all.size() > kRecentArrays)
        all.removeLast();
    QSettings settings;
    settings.remove(QStringLiteral("recent"));
    settings.beginWriteArray(QStringLiteral("recent"), static_cast<int>(all.size()));
    for (int index = 0; index < static_cast<int>(all.size()); ++index) {
        settings.setArrayIndex(index);
        settings.setValue(QStringLiteral("uris"), all.at(index).uris);
        settings.setValue(QStringLiteral("label"), all.at(index).label);
        settings.setValue(QStringLiteral("id"), all.at(index).id);
    }
    settings.endArray();
    fillRecent();
}

std::optional<Message> MainWindow::anotherArray(const ArraySnapshot& now) const
{
    const RecentArray one = recentArray(now);
    const QList<RecentArray> all = recent();
    const auto known = std::ranges::find(all, one.uris, &RecentArray::uris);
    if (known == all.end() || known->id.isEmpty() || one.id.isEmpty() || known->id == one.id)
        return std::nullopt;
    return Message{
        .kind = MessageKind::Warning,
        .headline = tr("This is another array than the one that was opened from here before."),
        .body = tr("That one was called %1, and its id is %2.")
                    .arg(arrayNames({*known}).first(), displayText(known->id.toStdString())),
        .actions = {},
        .key = QStringLiteral("anotherArray")};
}

void MainWindow::fillRecent()
{
    const QList<RecentArray> all = recent();
    m_welcome->setRecent(all);
    m_recentMenu->clear();
    const QStringList names = arrayNames(all);
    for (qsizetype n = 0; n < all.size(); ++n) {
        const QStringList& uris = all.at(n).uris;
        QAction* entry = m_recentMenu->addAction(buttonText(names.at(n)));
        entry->setToolTip(toolTipText(arrayDisplay(all.at(n))));
        entry->setStatusTip(urisDisplay(uris));
        connect(entry, &QAction::triggered, this, [this, uris] { openArray(uris); });
    }
    m_recentMenu->setEnabled(!all.isEmpty());
    m_filters->setArrays(all, m_array ? recentArray(m_array->snapshot()).uris : QStringList());
}

} // namespace cairn
