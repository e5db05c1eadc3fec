// Chooses the members of the array to open.
#pragma once

#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/member_list.h"
#include "ui/disk_list.h"

namespace cairn {

class OpenArrayDialog final : public DialogFrame {
    Q_OBJECT

public:
    // With the disks to choose from, which outlive it; null: none are known.
    explicit OpenArrayDialog(const DiskList* disks = nullptr, QWidget* parent = nullptr);
    // Members that belong to it already.
    void offer(const QStringList& uris);
    [[nodiscard]] QStringList uris() const { return m_members->uris(); }

private:
    MemberList* m_members;
};

} // namespace cairn
