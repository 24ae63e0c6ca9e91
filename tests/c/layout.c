/* What ffi/abi does not hold: the layouts that Arrow's specification fixes, and that header and
 * library are of one version. */
#include <stddef.h>

#include "check.h"

#define LAYOUT(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "moved: " #type "." #field)

LAYOUT(usm_export_options, struct_size, 0);
LAYOUT(usm_export_options, kind, 4);
LAYOUT(usm_export_options, format, 8);
LAYOUT(usm_export_options, extremes, 12);
LAYOUT(usm_export_options, since, 16);
LAYOUT(usm_export_options, until, 24);
LAYOUT(usm_export_options, step_seconds, 32);
LAYOUT(usm_export_options, progress, 40);
LAYOUT(usm_export_options, user_data, 48);
_Static_assert(sizeof(usm_export_options) == 56, "size of usm_export_options");

LAYOUT(usm_written, struct_size, 0);
LAYOUT(usm_written, is_written, 4);
LAYOUT(usm_written, rows, 8);
LAYOUT(usm_written, bytes, 16);
_Static_assert(sizeof(usm_written) == 24, "size of usm_written");

LAYOUT(usm_report_options, struct_size, 0);
LAYOUT(usm_report_options, kind, 4);
LAYOUT(usm_report_options, format, 8);
LAYOUT(usm_report_options, recommendations, 12);
LAYOUT(usm_report_options, since, 16);
LAYOUT(usm_report_options, until, 24);
LAYOUT(usm_report_options, progress, 32);
LAYOUT(usm_report_options, user_data, 40);
_Static_assert(sizeof(usm_report_options) == 48, "size of usm_report_options");

LAYOUT(usm_migrate_options, struct_size, 0);
LAYOUT(usm_migrate_options, dry_run, 4);
LAYOUT(usm_migrate_options, progress, 8);
LAYOUT(usm_migrate_options, user_data, 16);
_Static_assert(sizeof(usm_migrate_options) == 24, "size of usm_migrate_options");

LAYOUT(usm_migration_totals, struct_size, 0);
LAYOUT(usm_migration_totals, is_complete, 4);
LAYOUT(usm_migration_totals, cancelled, 8);
LAYOUT(usm_migration_totals, dry_run, 12);
LAYOUT(usm_migration_totals, found, 16);
LAYOUT(usm_migration_totals, imported, 24);
LAYOUT(usm_migration_totals, already_there, 32);
LAYOUT(usm_migration_totals, skipped, 40);
LAYOUT(usm_migration_totals, retention_days, 48);
_Static_assert(sizeof(usm_migration_totals) == 56, "size of usm_migration_totals");

LAYOUT(usm_migrated_file, struct_size, 0);
LAYOUT(usm_migrated_file, status, 4);
LAYOUT(usm_migrated_file, bytes, 8);
LAYOUT(usm_migrated_file, name, 16);
LAYOUT(usm_migrated_file, why, 24);
LAYOUT(usm_migrated_file, notes, 32);
LAYOUT(usm_migrated_file, foreign, 40);
_Static_assert(sizeof(usm_migrated_file) == 48, "size of usm_migrated_file");

LAYOUT(usm_migrated_table, struct_size, 0);
LAYOUT(usm_migrated_table, file, 4);
LAYOUT(usm_migrated_table, found, 8);
LAYOUT(usm_migrated_table, imported, 16);
LAYOUT(usm_migrated_table, already_there, 24);
LAYOUT(usm_migrated_table, skipped, 32);
LAYOUT(usm_migrated_table, table, 40);
LAYOUT(usm_migrated_table, into, 48);
LAYOUT(usm_migrated_table, error, 56);
LAYOUT(usm_migrated_table, notes, 64);
_Static_assert(sizeof(usm_migrated_table) == 72, "size of usm_migrated_table");

LAYOUT(usm_migrated_reason, struct_size, 0);
LAYOUT(usm_migrated_reason, table, 4);
LAYOUT(usm_migrated_reason, count, 8);
LAYOUT(usm_migrated_reason, first_row, 16);
LAYOUT(usm_migrated_reason, why, 24);
_Static_assert(sizeof(usm_migrated_reason) == 32, "size of usm_migrated_reason");

LAYOUT(usm_service_info, struct_size, 0);
LAYOUT(usm_service_info, running, 4);
LAYOUT(usm_service_info, ready, 8);
LAYOUT(usm_service_info, elsewhere, 12);
LAYOUT(usm_service_info, fell_silent, 16);
LAYOUT(usm_service_info, rebooted, 20);
LAYOUT(usm_service_info, auto_optimize, 24);
LAYOUT(usm_service_info, demo, 28);
LAYOUT(usm_service_info, pid, 32);
LAYOUT(usm_service_info, reserved, 36);
LAYOUT(usm_service_info, started_at, 40);
LAYOUT(usm_service_info, heard_at, 48);
LAYOUT(usm_service_info, ended_at, 56);
LAYOUT(usm_service_info, state_at, 64);
LAYOUT(usm_service_info, refresh_interval, 72);
LAYOUT(usm_service_info, sequence, 80);
LAYOUT(usm_service_info, rows_written, 88);
LAYOUT(usm_service_info, rows_waiting, 96);
LAYOUT(usm_service_info, store_bytes, 104);
LAYOUT(usm_service_info, cpu_core_percent, 112);
LAYOUT(usm_service_info, rss_bytes, 120);
LAYOUT(usm_service_info, alerts_firing, 128);
_Static_assert(sizeof(usm_service_info) == 136, "size of usm_service_info");

LAYOUT(usm_service_claim, struct_size, 0);
LAYOUT(usm_service_claim, auto_optimize, 4);
LAYOUT(usm_service_claim, demo, 8);
LAYOUT(usm_service_claim, reserved, 12);
LAYOUT(usm_service_claim, refresh_interval, 16);
_Static_assert(sizeof(usm_service_claim) == 24, "size of usm_service_claim");

LAYOUT(usm_log_message, struct_size, 0);
LAYOUT(usm_log_message, level, 4);
LAYOUT(usm_log_message, timestamp, 8);
LAYOUT(usm_log_message, target, 16);
LAYOUT(usm_log_message, message, 24);
_Static_assert(sizeof(usm_log_message) == 32, "size of usm_log_message");

NUMBER(USM_LOG_ERROR, 1);
NUMBER(USM_LOG_WARNING, 2);
NUMBER(USM_LOG_INFO, 3);
NUMBER(USM_LOG_DEBUG, 4);
NUMBER(USM_EXPORT_METRICS, 0);
NUMBER(USM_EXPORT_ALERTS, 1);
NUMBER(USM_EXPORT_PREDICTIONS, 2);
NUMBER(USM_FORMAT_CSV, 0);
NUMBER(USM_FORMAT_JSON, 1);
NUMBER(USM_FORMAT_HTML, 2);
NUMBER(USM_REPORT_HEALTH, 0);
NUMBER(USM_REPORT_TRENDS, 1);
NUMBER(USM_MIGRATED_READ, 0);
NUMBER(USM_MIGRATED_MISSING, 1);
NUMBER(USM_MIGRATED_OWN, 2);
NUMBER(USM_MIGRATED_UNREADABLE, 3);
NUMBER(USM_MIGRATED_NOT_REACHED, 4);
NUMBER(USM_SERVICE_NOT_RUNNING, 0);
NUMBER(USM_SERVICE_STOPPED, 1);
NUMBER(USM_SERVICE_KILLED, 2);

LAYOUT(struct ArrowSchema, flags, 24);
LAYOUT(struct ArrowSchema, release, 56);
LAYOUT(struct ArrowArray, buffers, 40);
LAYOUT(struct ArrowArray, release, 64);
LAYOUT(struct ArrowArrayStream, release, 24);
_Static_assert(sizeof(struct ArrowSchema) == 72, "size of ArrowSchema");
_Static_assert(sizeof(struct ArrowArray) == 80, "size of ArrowArray");
_Static_assert(sizeof(struct ArrowArrayStream) == 40, "size of ArrowArrayStream");

int main(int argc, char **argv) {
    char version[32];
    (void)test_folder(argc, argv);
    snprintf(version, sizeof version, "%d.%d.%d", USM_VERSION_MAJOR, USM_VERSION_MINOR,
             USM_VERSION_PATCH);
    CHECK(strcmp(version, USM_VERSION) == 0);
    CHECK(strcmp(version, usm_version()) == 0);
    CHECK(usm_abi_version() == USM_ABI_VERSION);
    return 0;
}
