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
    // Nothing while the text is not a size above zero, and while it is a number without a unit: few
    // mean bytes by it.
    [[nodiscard]] std::optional<std::uint64_t> bytes() const;
    // Why there is none; empty where there is one, and where nothing is typed yet.
    [[nodiscard]] QString problem() const;
};

} // namespace cairn
