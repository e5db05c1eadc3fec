// The words for members that are away.
#include "ui/away_member.h"

#include "ui/attached_array.h"
#include "ui/display_text.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <algorithm>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("AwayMembers", text);
}

// As many as fit into a card.
QString listed(const QStringList& names)
{
    constexpr qsizetype kMostNames = 12;
    if (names.size() <= kMostNames)
        return names.join(QStringLiteral(", "));
    return tr("%1 and %2 more")
        .arg(names.first(kMostNames).join(QStringLiteral(", ")),
             QLocale().toString(names.size() - kMostNames));
}

QString numberText(GenerationNumber number)
{
    return u'#' + QLocale().toString(qulonglong{number});
}

// What lies or lay on the member, as the records name it.
struct OnMember {
    QStringList regions;
    QStringList backups;
    QStringList undoCopies;
    const Generation* last = nullptr; // That read from it or wrote to it.
    std::int64_t lastMs = 0;
};

OnMember recordedOn(const ArraySnapshot& snapshot, const Uuid& member)
{
    OnMember found;
    for (const Generation& generation : snapshot.generations) {
        bool uses = false;
        for (const RegionRef* region : {&generation.source, &generation.target}) {
            if (region->member != member)
                continue;
            uses = true;
            const QString name = regionDisplay(*region);
            if (!found.regions.contains(name))
                found.regions.append(name);
        }
        if (generation.target.member == member && hasCopy(generation))
            (generation.undo ? found.undoCopies : found.backups)
                .append(numberText(generation.number));
        const std::int64_t usedMs =
            std::max({generation.startedMs, generation.finishedMs, generation.verifiedMs});
        if (uses && usedMs > found.lastMs) {
            found.last = &generation;
            found.lastMs = usedMs;
        }
    }
    return found;
}

bool isSameForm(const std::string& one, const std::string& other)
{
    const auto whole = [](const std::string& path) {
        return QDir::cleanPath(QFileInfo(QString::fromStdString(path)).absoluteFilePath());
    };
    return one == other || whole(one) == whole(other);
}

bool isAttachedMember(const Member& member)
{
    return !member.id.isNull() && !isAway(member) && member.state != MemberState::Foreign;
}

} // namespace

std::vector<Member> awayMembers(const ArraySnapshot& snapshot)
{
    std::vector<Member> found;
    for (const Member& member : snapshot.layout.members) {
        if (isAway(member) && !member.id.isNull())
            found.push_back(member);
    }
    return found;
}

QStringList awayLines(const ArraySnapshot& snapshot, const Member& member)
{
    QStringList lines;
    const bool missing = member.state == MemberState::Missing;
    if (member.sizeBytes != 0)
        lines.append(missing ? tr("%1 when it was last seen").arg(sizeDisplay(member.sizeBytes))
                             : sizeDisplay(member.sizeBytes));
    if (member.id.isNull()) {
        lines.append(snapshot.catalog ? tr("No member of the array was seen there")
                                      : tr("Only the catalog could tell what lies on it"));
        return lines;
    }
    lines.append(member.holdsCatalog
                     ? tr("Has a copy of the catalog, which cannot be looked at now")
                     : tr("Has no copy of the catalog"));
    const OnMember on = recordedOn(snapshot, member.id);
    if (!on.regions.isEmpty())
        lines.append(tr("Regions on it that records name: %1").arg(listed(on.regions)));
    lines.append(on.backups.isEmpty() ? tr("No backup on it is recorded")
                                      : tr("Backups on it: %1").arg(listed(on.backups)));
    if (!on.undoCopies.isEmpty())
        lines.append(tr("Undo copies on it: %1").arg(listed(on.undoCopies)));
    if (on.last != nullptr)
        lines.append(tr("%1 used it last, %2").arg(recordTitle(*on.last), timeDisplay(on.lastMs)));
    return lines;
}

std::optional<Message> awayMessage(const ArraySnapshot& snapshot)
{
    QStringList said;
    QStringList backups;
    for (const Member& member : awayMembers(snapshot)) {
        said.append(tr("%1 is %2.").arg(memberDisplay(member), memberStateDisplay(member.state)));
        backups += recordedOn(snapshot, member.id).backups;
    }
    if (said.isEmpty())
        return std::nullopt;
    const QString lost = backups.isEmpty() ? tr("No backup on it is recorded.")
                                           : tr("Backups on it: %1.").arg(listed(backups));
    return Message{
        .kind = MessageKind::Warning,
        .headline = said.join(u' '),
        .body = tr("What lies there cannot be used until it is back; all else can. %1").arg(lost),
        .actions = {},
        .key = QStringLiteral("awayMembers")};
}

std::vector<std::string> urisWithout(std::vector<std::string> uris, const std::string& location)
{
    std::erase_if(uris, [&](const std::string& uri) { return isSameForm(uri, location); });
    return uris;
}

std::vector<std::string> urisTogether(const ArraySnapshot& open, const ArraySnapshot& beside)
{
    const bool sameArray =
        open.catalog && (!beside.catalog || beside.catalog->arrayId == open.catalog->arrayId);
    if (!sameArray || !open.simulationDirectory().empty())
        return {};
    std::vector<std::string> uris = open.uris;
    bool found = false;
    for (const Member& member : beside.layout.members) {
        if (!isAttachedMember(member))
            continue;
        const Member* known = open.layout.findMember(member.id);
        if (known == nullptr || !isAway(*known))
            return {};
        uris = urisAfter(std::move(uris), {.leaves = known->location, .joins = member.location});
        found = true;
    }
    return found ? uris : std::vector<std::string>();
}

Message foundMessage(const ArraySnapshot& open, const std::string& path, const Uuid& member)
{
    const Member* known = open.layout.findMember(member);
    const QString name = displayShort(path, 120);
    return {.kind = MessageKind::Warning,
            .headline = known == nullptr || isSameForm(known->location, path)
                            ? tr("“%1” is a member of the array %2, which is open without it.")
                                  .arg(name, displayShort(open.name(), 60))
                            : tr("“%1” is the missing member %2 of the array %3, which is open.")
                                  .arg(name, memberDisplay(*known), displayShort(open.name(), 60)),
            .body = tr("Open the array with it: what is written to its parts apart gives it two "
                       "histories, and one of them has to be given up then."),
            .actions = {},
            .key = QStringLiteral("foundMember")};
}

} // namespace cairn
