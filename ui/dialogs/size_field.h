// A field for a size as people write it: 64M, 1.5 GiB.
#pragma once

#include <QLineEdit>
#include <cstdint>
#include <optional>

namespace cairn {

class SizeField final : public QLineEdit {
    Q_OBJECT

public:
    explicit SizeField(const QString& initial, QWidget* parent = nullptr);
    // Nothing while the text is not a size above zero.
    [[nodiscard]] std::optional<std::uint64_t> bytes() const;
};

} // namespace cairn
