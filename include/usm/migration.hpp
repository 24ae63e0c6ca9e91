/** The prototype's databases, brought into a data folder. */
#ifndef USM_MIGRATION_HPP
#define USM_MIGRATION_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "handle.hpp"
#include "progress.hpp"
#include "text.hpp"

USM_BEGIN_NAMESPACE

/** A migration in numbers. */
struct MigrationTotals : detail::Sized<usm_migration_totals> {};

/** How a migration works. */
struct MigrateOptions {
    /** Only tells what would be done. */
    bool dry_run = false;
    /** Told of the progress; false ends it, and keeps what was committed. */
    ProgressFunction progress = nullptr;
};

/** What a migration did; the texts of its structs live as long as it does. */
class Migration : public Handle<usm_migration, usm_migration_free> {
public:
    using Handle::Handle;

    MigrationTotals summary() const {
        MigrationTotals totals;
        check(usm_migration_summary(get(), &totals));
        return totals;
    }
    /** What became of each of the prototype's files, there or not. */
    std::vector<usm_migrated_file> files() const & {
        return all<usm_migrated_file>(usm_migration_files);
    }
    /** What became of each table that was found. */
    std::vector<usm_migrated_table> tables() const & {
        return all<usm_migrated_table>(usm_migration_tables);
    }
    /** Why rows were left out. */
    std::vector<usm_migrated_reason> reasons() const & {
        return all<usm_migrated_reason>(usm_migration_reasons);
    }
    void files() const && = delete;
    void tables() const && = delete;
    void reasons() const && = delete;
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_migration_json(get(), text); });
    }

private:
    template <typename Element, typename Call>
    std::vector<Element> all(Call call) const {
        return detail::array_of<Element, Element>(
            16, SIZE_MAX,
            [&](Element *array, std::size_t size, std::size_t capacity, std::size_t *count) {
                return call(get(), array, size, capacity, count);
            });
    }
};

/**
 * Brings the databases of the prototype in a folder into a data folder (NULL for the default
 * one). When the function ends it, the report is given all the same and says so.
 */
inline Migration migrate(const Text &source, const Text &folder,
                         const MigrateOptions &given = {}) {
    detail::Telling telling(given.progress);
    usm_migrate_options options = USM_MIGRATE_OPTIONS_INIT;
    options.dry_run = given.dry_run ? 1 : 0;
    options.progress = telling.callback();
    options.user_data = telling.user_data();
    usm_migration *made = nullptr;
    const usm_status status =
        usm_migrate(source.c_str(), folder.c_str(), &options, &made);
    Migration migration(made);
    telling.finish(status);
    return migration;
}

USM_END_NAMESPACE

#endif  // USM_MIGRATION_HPP
