// How the array is: what waits for the operator; of each member its state, space and copy of the
// catalog, and the faults of simulated ones.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/attention.h"
#include "ui/widgets/card.h"
#include "ui/widgets/fault_panel.h"
#include "ui/widgets/scroll_pane.h"

#include <QVBoxLayout>
#include <vector>

namespace cairn {

class HealthPanel final : public ScrollPane {
    Q_OBJECT

public:
    explicit HealthPanel(QWidget* parent = nullptr);

    void setSnapshot(const ArraySnapshot& snapshot);

Q_SIGNALS:
    // Of the disk at that place in the simulation.
    void faultsWanted(std::size_t place, const cairn::Faults& faults);
    // To be selected, for what it waits for.
    void regionChosen(const cairn::RegionId& region);
    // The array with what the operator names in the place of missing members.
    void missingFilesWanted();
    void replacementWanted(const cairn::Uuid& member);
    // The array without what is none of its members.
    void leftOutWanted(const std::string& location);

private:
    void showAttention(std::vector<Attention> wanted);
    void rebuild(const ArraySnapshot& snapshot);
    void addWaysOn(const ArraySnapshot& snapshot, const Member& member, Card& card);
    void showMember(const ArraySnapshot& snapshot, const Member& member, Card& card) const;

    QVBoxLayout* m_waiting; // Above the members.
    std::vector<Attention> m_attention;
    QVBoxLayout* m_column;
    std::vector<Card*> m_cards;
    std::vector<FaultPanel*> m_faults; // Of each card; none where the disk is not simulated.
    std::vector<Member> m_members;     // Of the cards.
    std::vector<Region> m_regions;     // What the fault panels were built with.
    bool m_simulated = false;
    bool m_writable = false;
};

} // namespace cairn
