// What the actions do with members: join, replace, release; and what is said of those that are
// away.
#include "ui/array_actions.h"

#include "core/backup/absent_member.h"
#include "core/backup/administer.h"
#include "core/backup/release_disk.h"
#include "ui/asking.h"
#include "ui/away_member.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/dialogs/release_disk_dialog.h"

#include <algorithm>

namespace cairn {
namespace {

std::string locationOf(const ArrayLayout& layout, const Uuid& id)
{
    const Member* member = layout.findMember(id);
    return member != nullptr ? member->location : std::string();
}

// A disk or file that turned out to be a member which the open array lacks.
struct FoundMember {
    Uuid member;
    std::vector<std::string> uris; // Of the array with it.
};

std::optional<FoundMember> foundAt(Attachment& attachment, const std::string& path,
                                   const std::vector<std::string>& uris)
{
    const auto absent = findAbsentMember(attachment, path);
    if (!absent)
        return std::nullopt;
    return FoundMember{absent->id, urisAfter(uris, {.leaves = absent->location, .joins = path})};
}

} // namespace

void ArrayActions::addMember()
{
    askMember({});
}

void ArrayActions::askMember(const std::optional<MemberInput>& input)
{
    auto* dialog = new MemberDialog(snapshot().layout, MemberDialog::Purpose::Add, &m_window);
    leaveDisksToRoot(*dialog);
    if (input)
        dialog->enter(*input);
    ask(dialog, this, [this](const MemberDialog& answered) {
        const auto wanted = answered.wanted();
        if (!wanted || !m_array)
            return;
        m_again[Verb::AddMember] = [this, typed = answered.input()] { askMember(typed); };
        m_array->change(Verb::AddMember, tr("The member was added."),
                        [wanted](Attachment& attachment) {
                            return withoutValue(cairn::addMember(attachment, *wanted));
                        },
                        {.leaves = {}, .joins = wanted->uri});
    });
}

void ArrayActions::replaceMember()
{
    askReplacement(std::nullopt, {});
}

void ArrayActions::replace(const Uuid& member)
{
    if (writable())
        askReplacement(member, {});
}

void ArrayActions::askReplacement(const std::optional<Uuid>& member,
                                  const std::optional<MemberInput>& input)
{
    auto* dialog = new MemberDialog(snapshot().layout, MemberDialog::Purpose::Replace, &m_window);
    connect(dialog, &MemberDialog::planWanted, this, [this, dialog](const Uuid& old) {
        if (m_array)
            m_array->read(
                dialog, [old](Attachment& attachment) { return planReplacement(attachment, old); },
                [dialog, old](const Result<MemberReplacement>& plan) {
                    dialog->setPlan(old, plan);
                });
    });
    leaveDisksToRoot(*dialog);
    if (input)
        dialog->enter(*input);
    if (member)
        dialog->choose(*member);
    ask(dialog, this, [this](const MemberDialog& answered) {
        const auto wanted = answered.wanted();
        const auto old = answered.replaced();
        if (!wanted || !old || !m_array)
            return;
        m_again[Verb::ReplaceMember] = [this, old, typed = answered.input()] {
            askReplacement(old, typed);
        };
        m_array->change(Verb::ReplaceMember, tr("The member was replaced."),
                        [wanted, old, typed = answered.confirmedName()](Attachment& attachment) {
                            return withoutValue(
                                cairn::replaceMember(attachment, *old, *wanted, typed));
                        },
                        {.leaves = locationOf(snapshot().layout, *old), .joins = wanted->uri});
    });
}

void ArrayActions::releaseDisk()
{
    auto* dialog = new ReleaseDiskDialog(snapshot().layout, &m_window);
    connect(dialog, &ReleaseDiskDialog::planWanted, this, [this, dialog](const Uuid& member) {
        if (m_array)
            m_array->read(
                dialog,
                [member](Attachment& attachment) { return planRelease(attachment, member); },
                [dialog, member](const Result<DiskRelease>& plan) {
                    dialog->setPlan(member, plan);
                });
    });
    ask(dialog, this, [this](const ReleaseDiskDialog& answered) {
        const auto wanted = answered.wanted();
        if (wanted && m_array)
            m_array->change(
                Verb::ReleaseDisk,
                (wanted->lost ? tr("%1 is no member of this array any more.")
                              : tr("%1 is a plain GPT disk again; its other partitions are as "
                                   "they were. From now on, open the array without it."))
                    .arg(wanted->name),
                [wanted](Attachment& attachment) {
                    return cairn::releaseDisk(attachment, wanted->member, wanted->confirmedName);
                },
                {.leaves = locationOf(snapshot().layout, wanted->member), .joins = {}});
    });
}

void ArrayActions::tellFailure(Verb verb, const Error& error)
{
    std::vector<MessageAction> actions;
    if (const auto again = m_again.find(verb); again != m_again.end() && writable())
        actions.push_back({.text = tr("Try again …"),
                           .name = QStringLiteral("askAgain"),
                           .run = again->second,
                           .settles = false});
    m_messages.showError(verb, errorText(verb, error), errorClass(error.code), std::move(actions));
    // What a later look at the array can make untrue.
    if (errorClass(error.code) == ErrorClass::Refused || error.code == ErrorCode::MemberMissing ||
        error.code == ErrorCode::MemberFailed)
        m_refused[verb] = error.code;
    lookForMissing(verb, error);
}

void ArrayActions::lookForMissing(Verb verb, const Error& error)
{
    const bool mayBeMissing = error.code == ErrorCode::AlreadyAnArray && m_array != nullptr &&
                              snapshot().simulationDirectory().empty();
    if (!mayBeMissing)
        return;
    m_array->read(
        m_array,
        [path = error.subject, uris = snapshot().uris](Attachment& attachment) {
            return foundAt(attachment, path, uris);
        },
        [this, verb, path = error.subject](const std::optional<FoundMember>& found) {
            if (!found)
                return;
            Message message = foundMessage(snapshot(), path, found->member);
            message.actions.push_back({tr("Open the array with it"), QStringLiteral("openTogether"),
                                       [this, uris = found->uris] { Q_EMIT arrayWanted(uris); }});
            m_messages.removeError(verb);
            m_refused.erase(verb);
            m_messages.show(message);
        });
}

// Once for each change of what is away: it stays until all are there again.
void ArrayActions::warnOfMembers()
{
    auto message = awayMessage(snapshot());
    const QString told = message ? message->headline + message->body : QString();
    if (std::exchange(m_toldOfAway, told) == told)
        return;
    const auto away = awayMembers(snapshot());
    std::set<Uuid> now;
    for (const Member& member : away)
        now.insert(member.id);
    const auto before = std::exchange(m_away, now);
    if (!message) {
        m_messages.remove(QStringLiteral("awayMembers"));
        const bool back = std::ranges::all_of(before, [&](const Uuid& member) {
            return snapshot().layout.findMember(member) != nullptr;
        });
        if (!back)
            return; // Another has taken its place.
        m_messages.show({.kind = MessageKind::Success,
                         .headline = tr("All members of the array are there again."),
                         .body = {},
                         .actions = {},
                         .key = QStringLiteral("awayMembers")});
        return;
    }
    const bool missing = std::ranges::any_of(
        away, [](const Member& member) { return member.state == MemberState::Missing; });
    if (missing && snapshot().simulationDirectory().empty())
        message->actions.push_back({.text = tr("Open with its file …"),
                                    .name = QStringLiteral("openWithFile"),
                                    .run = [this] { Q_EMIT missingFilesWanted(); },
                                    .settles = false});
    const auto only = away.size() == 1 ? std::optional(away.front().id) : std::nullopt;
    if (writable())
        message->actions.push_back({.text = tr("Replace member …"),
                                    .name = QStringLiteral("replaceAway"),
                                    .run = [this, only] { askReplacement(only, {}); },
                                    .settles = false});
    m_messages.show(*message);
}

} // namespace cairn
