// An attached array with its catalog: what every verb works on.
#pragma once

#include "core/array/array.h"
#include "core/array/open_array.h"
#include "core/base/environment.h"
#include "core/base/error.h"
#include "core/catalog/catalog.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

// Safe to use from any thread. Attaching writes nothing.
class Attachment {
public:
    // Opens the members and reads the catalog. An array without a readable catalog attaches too,
    // where its table can be read: catalogProblem() tells why, and every verb that needs the
    // catalog returns that error.
    [[nodiscard]] static Result<std::unique_ptr<Attachment>>
    attach(const std::vector<std::string>& uris, const Environment& environment);

    struct Creation {
        NewArray array;
        std::string label;
        bool adopt = false;
    };
    // Creates or adopts, with an empty catalog, and ends writing again.
    [[nodiscard]] static Result<std::unique_ptr<Attachment>> create(const Creation& wanted,
                                                                    const Environment& environment);

    [[nodiscard]] Array& array() { return *m_array; }
    [[nodiscard]] const Environment& environment() const { return m_environment; }

    // The layout, with the catalog's known but absent members added as Missing.
    [[nodiscard]] ArrayLayout layout();

    // The catalog to read from; replaced at each beginning and end of writing, so it is held only
    // for the length of one verb. catalogProblem() as error where there is none.
    [[nodiscard]] Result<std::shared_ptr<Catalog>> catalog();
    [[nodiscard]] const std::optional<Error>& catalogProblem() const { return m_problem; }

    // Reads table, content, use and catalog again.
    [[nodiscard]] Result<void> refresh();

private:
    friend class WriteAccess;
    Attachment(std::unique_ptr<Array> array, const Environment& environment);
    [[nodiscard]] Result<std::vector<CatalogCopy>> openCopies(Access access);
    [[nodiscard]] Result<void> readCatalog();
    [[nodiscard]] Result<void> beginWriting();
    void endWriting();

    std::unique_ptr<Array> m_array;
    Environment m_environment;
    std::mutex m_mutex; // Guards all below.
    std::shared_ptr<Catalog> m_catalog;
    std::optional<Error> m_problem;
    unsigned m_writers = 0; // Verbs of this process that write now.
};

// The right to write, for the length of one verb: taken by the first of several that run at once,
// given back by the last.
class WriteAccess {
public:
    // ArrayBusy, HistoriesDiverged, ReadOnlyArray …: nothing was written.
    [[nodiscard]] static Result<WriteAccess> take(Attachment& attachment);

    WriteAccess(WriteAccess&& other) noexcept;
    WriteAccess& operator=(WriteAccess&&) = delete;
    ~WriteAccess();

    [[nodiscard]] Catalog& catalog() const { return *m_catalog; }

private:
    WriteAccess(Attachment* attachment, std::shared_ptr<Catalog> catalog);
    Attachment* m_attachment;
    std::shared_ptr<Catalog> m_catalog;
};

} // namespace cairn
