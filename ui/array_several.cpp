// Verbs on several backups that are selected together: hold, release, forget.
#include "ui/array_actions.h"

#include "core/backup/guards.h"
#include "core/backup/keep.h"
#include "ui/asking.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"

#include <QLocale>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kMostListed = 12;

QString listed(const QStringList& lines)
{
    const qsizetype more = lines.size() - kMostListed;
    if (more <= 0)
        return lines.join(u'\n');
    return lines.first(kMostListed).join(u'\n') + u'\n' +
           ArrayActions::tr("and %1 more").arg(QLocale().toString(more));
}

// Why the backup is not forgotten with others; empty: it is.
QString whyNotForgotten(const ArraySnapshot& left, const Generation& backup)
{
    if (backup.held)
        return ArrayActions::tr("It is held: release it first.");
    if (backup.state == GenerationState::Forgotten)
        return ArrayActions::tr("It is forgotten already.");
    if (backup.state == GenerationState::Copying)
        return ArrayActions::tr("It is being copied.");
    if (canBeUndone(backup))
        return ArrayActions::tr("It undoes a restore: forget it alone.");
    if (const auto missed = left.missedWith(backup))
        return ArrayActions::tr("%1 Forget it alone.").arg(lastCopyText(*missed));
    return {};
}

} // namespace

bool ArrayActions::several() const
{
    return m_array != nullptr && m_view.selectedGenerations().size() > 1;
}

// What is done to one only is not done to whichever of several was clicked last.
bool ArrayActions::takesSeveral(Verb verb)
{
    switch (verb) {
    case Verb::Hold:
    case Verb::Release:
    case Verb::Forget:
    case Verb::AddRegion:
    case Verb::AddMember:
    case Verb::ReplaceMember:
    case Verb::ReleaseDisk:
    case Verb::ShowHistory:
    case Verb::ExportCatalog:
    case Verb::Refresh:
        return true;
    default:
        return false;
    }
}

void ArrayActions::readSelected(Verb verb, std::function<void(std::vector<Generation>)> then)
{
    m_array->read(
        m_array,
        [numbers = m_view.selectedGenerations()](
            Attachment& attachment) -> Result<std::vector<Generation>> {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            std::vector<Generation> records;
            for (const GenerationNumber number : numbers)
                records.push_back(CAIRN_TRY(catalog->generation(number)));
            // The oldest first: of copies that stand for each other the newest stays.
            std::ranges::sort(records, {}, &Generation::number);
            return records;
        },
        [this, verb, then = std::move(then)](Result<std::vector<Generation>> records) {
            if (records)
                then(*std::move(records));
            else
                m_messages.showError(verb, records.error());
        });
}

void ArrayActions::changeEach(Verb verb, const std::vector<GenerationNumber>& numbers,
                              const QString& done,
                              Result<void> (*change)(Attachment&, GenerationNumber))
{
    m_array->change(verb, done, [numbers, change](Attachment& attachment) -> Result<void> {
        for (const GenerationNumber number : numbers)
            CAIRN_TRY(change(attachment, number));
        return {};
    });
}

void ArrayActions::holdSelected(Verb verb)
{
    readSelected(verb, [this, verb](const std::vector<Generation>& records) {
        const bool holds = verb == Verb::Hold;
        std::vector<GenerationNumber> numbers;
        for (const Generation& record : records) {
            if (record.held != holds && (!holds || hasCopy(record)))
                numbers.push_back(record.number);
        }
        const QString count = QLocale().toString(qulonglong{numbers.size()});
        if (numbers.empty()) {
            m_messages.show(
                {.kind = MessageKind::Info,
                 .headline = holds ? tr("None of the selected backups can be held.")
                                   : tr("None of the selected backups is held."),
                 .body = holds ? tr("They are held already, or there is no copy.") : QString(),
                 .actions = {},
                 .key = QStringLiteral("done")});
            return;
        }
        if (!holds)
            m_released = numbers;
        changeEach(verb, numbers,
                   holds ? tr("Backups that are held now: %1.").arg(count)
                         : tr("Backups that are no longer held: %1.").arg(count),
                   holds ? &hold : &release);
    });
}

std::vector<MessageAction> ArrayActions::holdAgain()
{
    return {{tr("Hold again"), QStringLiteral("holdAgain"), [this, numbers = m_released] {
                 if (m_array)
                     changeEach(Verb::Hold, numbers, tr("Held again."), &hold);
             }}};
}

void ArrayActions::forgetSelected()
{
    readSelected(Verb::Forget, [this](const std::vector<Generation>& records) {
        ArraySnapshot left = snapshot();
        std::vector<GenerationNumber> numbers;
        QStringList going;
        QStringList staying;
        for (const Generation& record : records) {
            const QString why = whyNotForgotten(left, record);
            const QString title =
                tr("%1, from %2").arg(recordTitle(record), timeDisplay(record.startedMs));
            if (!why.isEmpty()) {
                staying.append(tr("%1. %2").arg(title, why));
                continue;
            }
            going.append(title);
            numbers.push_back(record.number);
            std::erase_if(left.generations,
                          [&](const Generation& each) { return each.number == record.number; });
        }
        askForgetSelected(numbers, going, staying);
    });
}

void ArrayActions::askForgetSelected(const std::vector<GenerationNumber>& numbers,
                                     const QStringList& going, const QStringList& staying)
{
    if (numbers.empty()) {
        m_messages.show({.kind = MessageKind::Warning,
                         .headline = tr("None of the selected backups can be forgotten."),
                         .body = listed(staying),
                         .actions = {},
                         .key = QStringLiteral("done")});
        return;
    }
    QString text = tr("%1\n\nTheir bytes stay until other backups overwrite them, but they can no "
                      "longer be restored.")
                       .arg(listed(going));
    if (!staying.isEmpty())
        text += tr("\n\nThese stay:\n%1").arg(listed(staying));
    const QString count = QLocale().toString(qulonglong{numbers.size()});
    ask(new ConfirmDialog(
            {.title = tr("Forget backups"),
             .heading =
                 tr("Forget the selected backups? %1 of %2")
                     .arg(count, QLocale().toString(qulonglong{
                                     numbers.size() + static_cast<std::size_t>(staying.size())})),
             .explanation = text,
             .verb = tr("Forget"),
             .erases = true},
            &m_window),
        this, [this, numbers, count](const ConfirmDialog&) {
            if (m_array)
                changeEach(Verb::Forget, numbers, tr("Records that are forgotten: %1.").arg(count),
                           [](Attachment& attachment, GenerationNumber number) {
                               return forget(attachment, number, {});
                           });
        });
}

} // namespace cairn
