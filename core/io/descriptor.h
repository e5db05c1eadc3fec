// An open file descriptor, closed at the end of its life.
#pragma once

#include <tuple>
#include <unistd.h>
#include <utility>

namespace cairn {

// Negative: none is open.
class Descriptor {
public:
    explicit Descriptor(int value) : m_value(value) {}
    ~Descriptor()
    {
        if (m_value >= 0)
            std::ignore = ::close(m_value);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const { return m_value; }
    [[nodiscard]] bool valid() const { return m_value >= 0; }
    // Whoever takes it closes it.
    int release() { return std::exchange(m_value, -1); }

private:
    int m_value;
};

} // namespace cairn
