/* A prototype's databases, tests/data/prototype: twenty-one samples of 2025, of which one has no
 * time, and two alerts. Tried, brought in, brought in again, ended early; and misuse. */
#include <math.h>
#include <sys/stat.h>

#include "check.h"

static char source[4096];

/* The data is beside the folder of this file. */
static void find_source(void) {
    const char *end = strrchr(__FILE__, '/');
    CHECK(end != NULL);
    snprintf(source, sizeof source, "%.*s/../data/prototype", (int)(end - __FILE__), __FILE__);
}

typedef struct {
    int calls;
    int ends_at;
    uint64_t before;
    const char *folder;
} witness;

static int32_t watch(const usm_progress *progress, void *user_data) {
    witness *seen = (witness *)user_data;
    usm_migration *second = (usm_migration *)user_data;
    CHECK(strcmp(progress->stage, "migrating") == 0 && strstr(progress->what, ".db") != NULL);
    CHECK(progress->total == 1000 && progress->done <= 1000);
    seen->before = progress->done;
    /* It may call back in: one at a time brings in. */
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_migrate(source, seen->folder, NULL, &second));
    CHECK(second == NULL);
    return ++seen->calls == seen->ends_at;
}

static usm_migration_totals totals_of(const usm_migration *migration) {
    usm_migration_totals totals;
    usm_migration_totals_init(&totals);
    CHECK_OK(usm_migration_summary(migration, &totals));
    return totals;
}

static void the_report_tells_of_each_row(const usm_migration *migration) {
    usm_migrated_file files[9];
    usm_migrated_table tables[16];
    usm_migrated_reason reasons[4];
    size_t count = 0;
    size_t i;
    char *json = NULL;
    CHECK_OK(usm_migration_files(migration, files, sizeof *files, 9, &count));
    CHECK(count == 9);
    CHECK(files[0].status == USM_MIGRATED_MISSING && files[0].why == NULL);
    CHECK(strcmp(files[2].name, "system_metrics.db") == 0 && files[2].bytes > 0);
    CHECK(files[2].status == USM_MIGRATED_READ && strcmp(files[2].foreign, "") == 0);
    CHECK(files[2].struct_size == sizeof *files);

    CHECK_OK(usm_migration_tables(migration, tables, sizeof *tables, 16, &count));
    CHECK(count >= 2 && count <= 16);
    CHECK(strcmp(tables[0].table, "system_metrics") == 0 && tables[0].file == 2);
    CHECK(tables[0].found == 21 && tables[0].skipped == 1 && tables[0].error == NULL);
    CHECK(tables[0].imported + tables[0].already_there == 20);
    CHECK(strcmp(tables[1].into, "history") == 0);
    for (i = 0; i < count; i++) {
        if (strcmp(tables[i].table, "alerts") == 0) break;
    }
    CHECK(i < count && tables[i].found == 2 && tables[i].file == 3);

    CHECK_OK(usm_migration_reasons(migration, reasons, sizeof *reasons, 4, &count));
    CHECK(count == 2 && reasons[0].table == 0 && reasons[1].table == 1);
    CHECK(reasons[0].count == 1 && reasons[0].first_row == 21);
    CHECK(strstr(reasons[0].why, "timestamp") != NULL);
    /* As many as there is room for, or none. */
    memset(files, 0xAA, sizeof files);
    CHECK_OK(usm_migration_files(migration, files, 24, 2, &count));
    CHECK(count == 9 && files[0].struct_size == 24);
    CHECK(((const unsigned char *)files)[2 * 24] == 0xAA);
    CHECK_OK(usm_migration_reasons(migration, NULL, sizeof *reasons, 0, &count));
    CHECK(count == 2);

    CHECK_OK(usm_migration_json(migration, &json));
    CHECK(strstr(json, "\"system_metrics.db\"") != NULL && strstr(json, "\"complete\":") != NULL);
    usm_string_free(json);
}

static void a_dry_run_writes_nothing(const char *folder) {
    usm_migrate_options options = USM_MIGRATE_OPTIONS_INIT;
    usm_migration *migration = NULL;
    usm_migration_totals totals;
    struct stat found;
    options.dry_run = 1;
    CHECK_OK(usm_migrate(source, folder, &options, &migration));
    totals = totals_of(migration);
    CHECK(totals.dry_run == 1 && totals.imported == 42 && totals.is_complete == 1);
    CHECK(totals.retention_days == 3650.0);
    the_report_tells_of_each_row(migration);
    usm_migration_free(&migration);
    CHECK(migration == NULL);
    CHECK(stat(folder, &found) != 0);
}

static void one_that_is_ended_goes_on_the_next_time(const char *folder) {
    usm_migrate_options options = USM_MIGRATE_OPTIONS_INIT;
    usm_migration *migration = NULL;
    usm_migration_totals first;
    usm_migration_totals second;
    witness seen;
    memset(&seen, 0, sizeof seen);
    seen.folder = folder;
    seen.ends_at = 1;
    options.progress = watch;
    options.user_data = &seen;
    CHECK_OK(usm_migrate(source, folder, &options, &migration));
    first = totals_of(migration);
    CHECK(first.cancelled == 1 && first.is_complete == 0 && first.imported < 42);
    CHECK(seen.calls == 1);
    usm_migration_free(&migration);

    seen.ends_at = 0;
    CHECK_OK(usm_migrate(source, folder, &options, &migration));
    second = totals_of(migration);
    CHECK(second.cancelled == 0 && second.is_complete == 1);
    CHECK(first.imported + second.imported == 42 && second.already_there == first.imported);
    CHECK(seen.calls > 2 && seen.before > 0);
    the_report_tells_of_each_row(migration);
    usm_migration_free(&migration);

    /* Twice brings nothing in twice. */
    CHECK_OK(usm_migrate(source, folder, NULL, &migration));
    second = totals_of(migration);
    CHECK(second.imported == 0 && second.already_there == 42 && second.skipped == 2);
    the_report_tells_of_each_row(migration);
    usm_migration_free(&migration);
}

static void what_was_brought_in_is_in_the_history(const char *folder) {
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
    char *csv = NULL;
    options.since = 0.0;
    CHECK_OK(usm_export_text(folder, &options, &csv));
    CHECK(csv != NULL);
    usm_string_free(csv);
}

static void misuse_is_answered(const char *folder) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    usm_migrate_options options = USM_MIGRATE_OPTIONS_INIT;
    usm_migration *migration = (usm_migration *)(void *)&options;
    usm_migration_totals totals;
    usm_migrated_file file;
    usm_config *config = NULL;
    usm_migration *odd;
    size_t count = 7;
    char *json = (char *)&count;
    usm_migration_totals_init(&totals);
    CHECK_STATUS(invalid, usm_migrate(NULL, folder, NULL, &migration));
    CHECK(migration == NULL);
    CHECK_STATUS(invalid, usm_migrate(source, folder, NULL, NULL));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_migrate("/nonexistent/db", folder, NULL, &migration));
    CHECK_STATUS(invalid, usm_migrate("/proc", folder, NULL, &migration));
    CHECK_MESSAGE("system_metrics.db");
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_migrate("\xff", folder, NULL, &migration));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_migrate(source, "\xff", NULL, &migration));
    CHECK(usm_migrate(source, "/proc/usm", NULL, &migration) != USM_OK);
    options.struct_size = 4;
    CHECK_STATUS(invalid, usm_migrate(source, folder, &options, &migration));
    CHECK_MESSAGE("USM_MIGRATE_OPTIONS_INIT");
    CHECK(migration == NULL);

    CHECK_STATUS(invalid, usm_migration_summary(NULL, &totals));
    CHECK_STATUS(invalid, usm_migration_files(NULL, &file, sizeof file, 1, &count));
    CHECK_STATUS(invalid, usm_migration_tables(NULL, NULL, sizeof(usm_migrated_table), 0, &count));
    CHECK_STATUS(invalid, usm_migration_reasons(NULL, NULL, 24, 0, &count));
    CHECK_STATUS(invalid, usm_migration_json(NULL, &json));
    CHECK(json == NULL && count == 7);
    usm_migration_free(NULL);
    usm_migration_free(&migration);

    CHECK_OK(usm_config_new(&config));
    odd = (usm_migration *)(void *)config;
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_migration_summary(odd, &totals));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_migration_json(odd, &json));
    usm_migration_free(&odd);
    CHECK(odd != NULL);
    usm_config_free(&config);

    options = (usm_migrate_options)USM_MIGRATE_OPTIONS_INIT;
    options.dry_run = 1;
    CHECK_OK(usm_migrate(source, folder, &options, &migration));
    totals.struct_size = 3;
    CHECK_STATUS(invalid, usm_migration_summary(migration, &totals));
    CHECK_STATUS(invalid, usm_migration_summary(migration, NULL));
    CHECK_STATUS(invalid, usm_migration_files(migration, NULL, sizeof file, 1, &count));
    CHECK_STATUS(invalid, usm_migration_files(migration, &file, 3, 1, &count));
    CHECK_STATUS(invalid, usm_migration_files(migration, &file, sizeof file, SIZE_MAX, &count));
    CHECK_STATUS(invalid, usm_migration_files(migration, &file, sizeof file, 1, NULL));
    CHECK_STATUS(invalid, usm_migration_json(migration, NULL));
    usm_migration_free(&migration);
}

int main(int argc, char **argv) {
    const char *root = test_folder(argc, argv);
    char folder[4096];
    find_source();
    snprintf(folder, sizeof folder, "%s/data", root);
    /* The samples are of 2025. */
    CHECK(setenv("USM_RETENTION_DAYS", "3650", 1) == 0);
    a_dry_run_writes_nothing(folder);
    one_that_is_ended_goes_on_the_next_time(folder);
    what_was_brought_in_is_in_the_history(folder);
    misuse_is_answered(folder);
    return 0;
}
