// The filters of the backup table: words, source, state, and the span that was brushed.
#pragma once

#include "ui/models/history_search.h"

#include <QComboBox>
#include <QLineEdit>
#include <QToolButton>
#include <QWidget>

namespace cairn {

// What the box of states offers, in its order.
enum class RecordChoice : std::uint8_t {
    All,
    Backups,
    Usable,
    NotVerified,
    Failed,
    Unfinished,
    Held,
    UndoCopies,
};

class HistoryFilterBar final : public QWidget {
    Q_OBJECT

public:
    explicit HistoryFilterBar(QWidget* parent = nullptr);

    [[nodiscard]] QLineEdit* words() const { return m_words; }
    [[nodiscard]] HistoryQuery query() const;
    // What is chosen stays, where it is still there.
    void setSources(const std::vector<RegionRef>& sources);
    void setSpan(const std::optional<TimeSpan>& span);
    // Everything else that was set is cleared.
    void showOnly(RecordChoice choice);
    // Only these sources, none of them without any, named so; everything else that was set is
    // cleared.
    void showOnly(const std::vector<RegionId>& sources, const QString& name);
    // Other sources in the place of those; nothing else changes.
    void followGroup(const std::vector<RegionId>& sources, const QString& name);
    // The sources that are shown together; nothing where no such group was chosen.
    [[nodiscard]] const std::optional<std::vector<RegionId>>& group() const { return m_group; }
    void clear();
    // Ends one filter: the words, else the span, the group, the state, the source. False: none was
    // set.
    bool clearOne();

Q_SIGNALS:
    void changed();
    void spanCleared();

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    // Backspace and Delete take away the chip that has the focus.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    // What a press on it does is its name, until what it shows is known.
    [[nodiscard]] QToolButton* chip(const char* name, const QString& ends);
    void setGroup(const std::optional<std::vector<RegionId>>& sources, const QString& name);
    void endSpan();
    void endGroup();
    void clearQuietly();
    void recolor();

    QLineEdit* m_words;
    QComboBox* m_source;
    QComboBox* m_state;
    QToolButton* m_spanButton;
    QToolButton* m_groupButton;
    std::vector<RegionRef> m_sources;
    std::optional<TimeSpan> m_span;
    // Sources that are shown together, where none is chosen in m_source.
    std::optional<std::vector<RegionId>> m_group;
};

} // namespace cairn
