// Cards for what waits, and for members.
#include "ui/widgets/health_panel.h"

#include "core/backup/guid_commands.h"
#include "core/catalog/catalog.h"
#include "core/catalog/management_region.h"
#include "ui/away_member.h"
#include "ui/display_text.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

#include <QPushButton>
#include <algorithm>

namespace cairn {
namespace {

QString copyDisplay(const ArraySnapshot& snapshot, const Member& member)
{
    if (!snapshot.catalog)
        return {};
    const auto& copies = snapshot.catalog->copies;
    const auto copy = std::ranges::find(copies, member.id, &CatalogCopyStatus::member);
    if (copy == copies.end())
        return HealthPanel::tr("Holds no copy of the catalog");
    switch (copy->state) {
    case CatalogCopyState::Current:
        return HealthPanel::tr("Its copy of the catalog is current");
    case CatalogCopyState::Behind:
        return HealthPanel::tr("Its copy of the catalog is behind: repaired at the next change");
    case CatalogCopyState::Diverged:
        return HealthPanel::tr("Its copy of the catalog was written apart");
    case CatalogCopyState::Damaged:
        return HealthPanel::tr("Its copy of the catalog is damaged: repaired at the next change");
    case CatalogCopyState::Foreign:
        if (member.problem.starts_with(kOfAnotherDisk))
            return HealthPanel::tr(
                       "Has no copy of its own: cairnctl array add-catalog %1 makes one "
                       "in the place of that")
                .arg(displayShort(member.location, 120));
        return HealthPanel::tr("Holds the catalog of another array");
    }
    return {};
}

Card::Tone toneOf(const ArraySnapshot& snapshot, const Member& member)
{
    if (member.state != MemberState::Present)
        return Card::Tone::Bad;
    if (!snapshot.catalog)
        return Card::Tone::Plain; // What its copy of the catalog holds is not known.
    const auto& copies = snapshot.catalog->copies;
    const auto copy = std::ranges::find(copies, member.id, &CatalogCopyStatus::member);
    if (copy == copies.end() || copy->state == CatalogCopyState::Current)
        return Card::Tone::Good;
    return copy->state == CatalogCopyState::Behind ? Card::Tone::Plain : Card::Tone::Bad;
}

// How the disk, or partitions on it, become again what the array knows.
QString formerText(const ArraySnapshot& snapshot, const Member& member)
{
    if (const auto disk = snapshot.formerDisks.find(member.id);
        disk != snapshot.formerDisks.end()) {
        const FormerDisk& former = disk->second;
        const QString command = displayText(commandForDisk(former, member.location));
        if (former.location.empty())
            return HealthPanel::tr("Where this is the disk that its catalog names, and its GUID "
                                   "was changed from outside (as sgdisk -G does), this gives it "
                                   "back, with its catalog: %1")
                .arg(command);
        return HealthPanel::tr("This is the member that was last seen at %1, or a clone of it, and "
                               "its GUIDs were changed from outside (as sgdisk -G does). This "
                               "gives them back, and its catalog and backups are the array's "
                               "again: %2")
            .arg(displayShort(former.location, 120), command);
    }
    const auto regions = snapshot.formerRegions.find(member.id);
    if (regions == snapshot.formerRegions.end())
        return {};
    return HealthPanel::tr("Regions have the names of some whose backups are missed. If PARTUUIDs "
                           "were changed from outside (as sgdisk -G does), this gives them back: "
                           "%1")
        .arg(displayText(commandForRegions(regions->second, member.location)));
}

// The same as for the verbs that the buttons begin.
bool isWritable(const ArraySnapshot& snapshot)
{
    return snapshot.catalog && !snapshot.splitBrain() && !snapshot.catalog->newerFormat;
}

std::vector<Region> regionsOf(const ArraySnapshot& snapshot, const Member& member)
{
    std::vector<Region> found;
    for (const Region& region : snapshot.layout.regions) {
        if (region.member == member.id)
            found.push_back(region);
    }
    return found;
}

// Where the simulation describes it.
std::optional<std::size_t> placeOf(const ArraySnapshot& snapshot, const Member& member)
{
    if (!snapshot.simulation)
        return std::nullopt;
    const auto slash = member.location.find_last_of('/');
    const std::string name =
        slash == std::string::npos ? member.location : member.location.substr(slash + 1);
    const auto& disks = snapshot.simulation->members;
    const auto found = std::ranges::find(disks, name, &SimulatedDisk::file);
    return found == disks.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(found - disks.begin()));
}

void clear(QLayout& layout)
{
    while (QLayoutItem* item = layout.takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

} // namespace

HealthPanel::HealthPanel(QWidget* parent) : ScrollPane(parent)
{
    setObjectName(QStringLiteral("healthPanel"));
    setAccessibleName(tr("Health of the array"));
    auto* all = new QVBoxLayout(content());
    all->setContentsMargins(12, 8, 10, 10);
    all->setSpacing(10);
    m_waiting = new QVBoxLayout;
    m_waiting->setSpacing(10);
    m_column = new QVBoxLayout;
    m_column->setSpacing(10);
    all->addLayout(m_waiting);
    all->addLayout(m_column, 1);
}

void HealthPanel::setSnapshot(const ArraySnapshot& snapshot)
{
    showAttention(attentionOf(snapshot));
    // What the operator is typing stays: panels are built anew only for other members or regions.
    const auto sameMember = [](const Member& a, const Member& b) {
        return a.id == b.id && a.location == b.location && isAway(a) == isAway(b) &&
               (a.state == MemberState::Foreign) == (b.state == MemberState::Foreign);
    };
    if (!std::ranges::equal(snapshot.layout.members, m_members, sameMember) ||
        !std::ranges::equal(snapshot.layout.regions, m_regions, {}, &Region::id, &Region::id) ||
        snapshot.simulation.has_value() != m_simulated || isWritable(snapshot) != m_writable)
        rebuild(snapshot);
    for (std::size_t index = 0; index < m_cards.size(); ++index) {
        const Member& member = snapshot.layout.members[index];
        showMember(snapshot, member, *m_cards[index]);
        const auto place = m_faults[index] != nullptr ? placeOf(snapshot, member) : std::nullopt;
        if (place)
            m_faults[index]->follow(snapshot.simulation->members[*place].faults);
    }
}

void HealthPanel::showAttention(std::vector<Attention> wanted)
{
    if (wanted == m_attention)
        return;
    m_attention = std::move(wanted);
    clear(*m_waiting);
    for (const Attention& each : m_attention) {
        auto* card = new Card(QStringLiteral("⚠ ") + each.subject,
                              each.unusable ? Card::Tone::Bad : Card::Tone::Plain);
        card->setObjectName(QStringLiteral("attention"));
        card->setLines({each.word, each.state, each.remedy});
        m_waiting->addWidget(card);
        if (!each.region)
            continue;
        auto* select = new QPushButton(tr("Select the region"));
        select->setObjectName(QStringLiteral("selectRegion"));
        select->setAccessibleName(tr("Select the region: %1, %2").arg(each.subject, each.word));
        connect(select, &QPushButton::clicked, this,
                [this, region = *each.region] { Q_EMIT regionChosen(region); });
        card->column()->addWidget(select, 0, Qt::AlignLeading);
    }
}

void HealthPanel::rebuild(const ArraySnapshot& snapshot)
{
    clear(*m_column);
    m_cards.clear();
    m_faults.clear();
    m_members = snapshot.layout.members;
    m_regions = snapshot.layout.regions;
    m_simulated = snapshot.simulation.has_value();
    m_writable = isWritable(snapshot);
    for (const Member& member : m_members) {
        auto* card = new Card(memberDisplay(member));
        m_column->addWidget(card);
        m_cards.push_back(card);
        m_faults.push_back(nullptr);
        addWaysOn(snapshot, member, *card);
        const auto place = placeOf(snapshot, member);
        if (!place)
            continue;
        auto* faults = new FaultPanel(snapshot.simulation->members[*place].faults,
                                      regionsOf(snapshot, member));
        card->column()->addWidget(faults);
        m_faults.back() = faults;
        connect(faults, &FaultPanel::wanted, this, [this, place = *place](const Faults& wanted) {
            Q_EMIT faultsWanted(place, wanted);
        });
    }
    m_column->addStretch(1);
}

void HealthPanel::addWaysOn(const ArraySnapshot& snapshot, const Member& member, Card& card)
{
    const auto add = [&](const char* name, const QString& text, const auto& choose) {
        auto* button = new QPushButton(text);
        button->setObjectName(QLatin1StringView(name));
        button->setAccessibleName(tr("%1: %2").arg(memberDisplay(member), text));
        connect(button, &QPushButton::clicked, this, choose);
        card.column()->addWidget(button, 0, Qt::AlignLeading);
    };
    if (member.state == MemberState::Missing && !m_simulated)
        add("openWithFile", tr("Open with its file …"), [this] { Q_EMIT missingFilesWanted(); });
    if (isAway(member) && !member.id.isNull() && isWritable(snapshot))
        add("replaceAway", tr("Replace member …"),
            [this, id = member.id] { Q_EMIT replacementWanted(id); });
    if (member.state == MemberState::Foreign && !m_simulated)
        add("leaveOut", tr("Open the array without it"),
            [this, place = member.location] { Q_EMIT leftOutWanted(place); });
}

void HealthPanel::showMember(const ArraySnapshot& snapshot, const Member& member, Card& card) const
{
    QStringList lines{memberStateDisplay(member.state), memberProblemDisplay(member)};
    const QString place = displayShort(member.location, 120);
    if (isAway(member)) {
        lines += awayLines(snapshot, member);
        lines.append(member.state == MemberState::Missing && !member.id.isNull()
                         ? tr("Last seen at %1").arg(place)
                         : place);
    } else {
        const auto free = freeBytes(member);
        lines.append(free ? tr("%1, %2 free").arg(sizeDisplay(member.sizeBytes), sizeDisplay(*free))
                          : sizeDisplay(member.sizeBytes));
        if (!member.bare && !snapshot.formerDisks.contains(member.id))
            lines.append(copyDisplay(snapshot, member));
        lines.append(place);
        if (member.state == MemberState::Foreign)
            lines.append(tr("Nothing is written while it is attached"));
        lines.append(formerText(snapshot, member));
        if (member.state == MemberState::Foreign && member.problem == kHasLeft)
            lines.append(tr("A backup that only it holds: open this disk alone, export the backup "
                            "to an archive (Backup menu), and then, in this array without it: "
                            "cairnctl import FILE.tar REGION"));
    }
    lines.removeAll(QString());
    card.setLines(lines);
    card.setTone(toneOf(snapshot, member));
}

} // namespace cairn
