// Runs a call that may wait for a device off the GUI thread, and hands its value back.
#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <QThreadPool>
#include <QtConcurrentRun>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace cairn {

// `call` runs on the pool, then `then` with its value on the receiver's thread; where the receiver
// is gone by then, the value is dropped. What `call` captures must stay alive by itself.
template<typename Call, typename Then>
void runInBackground(QThreadPool& pool, QObject* receiver, Call call, Then then)
{
    using Value = std::invoke_result_t<Call&>;
    const auto slot = std::make_shared<std::optional<Value>>();
    auto* watcher = new QFutureWatcher<void>(receiver);
    QObject::connect(watcher, &QFutureWatcherBase::finished, receiver,
                     [watcher, slot, then = std::move(then)]() mutable {
                         watcher->deleteLater();
                         if (*slot)
                             then(*std::move(*slot));
                     });
    watcher->setFuture(QtConcurrent::run(
        &pool, [slot, call = std::move(call)]() mutable { slot->emplace(call()); }));
}

} // namespace cairn
