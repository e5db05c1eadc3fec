// The part of a window that a test looks at or uses, by the name that the window gave it.
#pragma once

#include <QObject>

namespace cairn::test {

// Its absence ends the test.
template<typename Widget>
Widget* child(const QObject& parent, const char* name)
{
    auto* found = parent.findChild<Widget*>(QLatin1StringView(name));
    if (found == nullptr)
        qFatal("no %s", name);
    return found;
}

} // namespace cairn::test
