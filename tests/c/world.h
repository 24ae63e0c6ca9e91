/* One of everything, with something in it: a monitor of this host whose alert fires, a recording
 * in which all kinds of findings turn up, an optimizer with something to say. */
#ifndef WORLD_H
#define WORLD_H

#include <math.h>

#include "alerts.h"
#include "recording.h"

static usm_monitor *the_monitor;
static usm_state *the_state;
/* Of this host, with an alert. */
static usm_findings *live_findings;
/* Of the recording, with the others. */
static usm_findings *the_findings;
/* One of its incidents that has a culprit. */
static size_t culprit_incident;
static usm_history *the_history;
static usm_table *the_table;
static usm_optimizer *the_optimizer;
static usm_target_list *the_target_list;
/* One of its targets that has a culprit, if there is one. */
static size_t culprit_target;
static usm_action_list *the_action_list;
static usm_execution_report *the_execution_report;
static usm_detector *the_detector;
static usm_forecaster *the_forecaster;
static usm_recorder *no_recorder;
/* A table in text. */
static char *the_csv;
/* The recording in which something is found. */
static char *the_recording;
/* A process of the state. */
static int32_t some_pid;

static const char *world_folder;

#ifdef HAS_usm_migrate
static usm_migration *the_migration;
static char *migrated_folder;
static char prototype_folder[4096];
#endif
#ifdef HAS_usm_service_hold_take
static usm_service_hold *the_service_hold;
static char *held_folder;
static char *claimed_folder;
/* Nothing that could be started. */
static const char *const no_command[] = {"/nonexistent/monitor"};
#endif

#ifdef HAS_usm_export_write
static inline int32_t take_piece(const char *bytes, size_t count, void *user_data) {
    (void)bytes;
    (void)user_data;
    CHECK(count > 0);
    return 0;
}
#endif

static inline void write_file(const char *path, const char *begin, int rows,
                              void (*row)(FILE *file, int at, int rows)) {
    FILE *file = fopen(path, "w");
    int at;
    CHECK(file != NULL && fputs(begin, file) >= 0);
    for (at = 0; at < rows; at++) row(file, at, rows);
    CHECK(fclose(file) == 0);
}

/* A path for a new file, at which there is none. */
static inline const char *fresh_path(void) {
    static char *path;
    if (path == NULL) path = path_in(world_folder, "fresh.usm");
    remove(path);
    return path;
}

/* Times that only go on, as a detector wants them. */
static inline double next_time(void) {
    static double time = 1.7e9;
    return time += 1.0;
}

/* Small and always the same: a linear congruence. */
static inline double noise(void) {
    static uint32_t last = 1;
    last = last * 1103515245u + 12345u;
    return (double)(last >> 16) / 65536.0;
}

/* Four days, a row every half hour: memory fills slowly, and at the end a process reads so
 * much that everything waits for the disk. */
static inline void row_of_trouble(FILE *file, int at, int rows) {
    const int hot = at >= rows - 8;
    const double n = noise();
    const double memory = 40.0 + 20.0 * at / rows;
    fprintf(file, "%.1f,%.4f,%.4f,%.0f,%.0f,%.0f", 1.7e9 + at * 1800.0, hot ? 95.0 + n : 20.0 + n,
            memory, memory * 1e8, (100.0 - memory) * 1e8, 1e10);
    fprintf(file, ",%.4f,%.4f,%.4f,%.4f,%.0f,%d,%.4f,%.0f\n", hot ? 90.0 + n : 0.1 * n,
            hot ? 80.0 + n : 0.05 * n, hot ? 60.0 + n : n, hot ? 99.0 : 2.0 * n,
            hot ? 2e8 : 1e5 * n, hot ? 12 : 0, hot ? 300.0 : 3.0 + n, hot ? 2e8 : 1e4);
}

static inline void row_of_one_number(FILE *file, int at, int rows) {
    fprintf(file, "%.1f,%d\n", 1.7e9 + at, at % (rows + 1));
}

static inline void make_findings(const char *folder) {
    static const char *const columns =
        "timestamp,cpu_percent,memory_percent,memory_used_bytes,memory_available_bytes,"
        "memory_total_bytes,pressure_io_some_percent,pressure_io_full_percent,"
        "cpu_iowait_percent,disk_utilisation_percent,disk_read_bytes_per_sec,blocked,"
        "\"process_cpu_core_percent{pid=\"\"42\"\",name=\"\"hog\"\",user=\"\"root\"\"}\","
        "\"process_read_bytes_per_sec{pid=\"\"42\"\",name=\"\"hog\"\",user=\"\"root\"\"}\"\n";
    char *text = path_in(folder, "trouble.csv");
    char *recording = the_recording = path_in(folder, "trouble.usm");
    usm_replay *replay = NULL;
    usm_state *state = NULL;
    usm_state *last = NULL;
    size_t count = 0;
    size_t at;
    write_file(text, columns, 200, row_of_trouble);
    CHECK_OK(usm_recording_import(text, USM_TEXT_CSV, recording, NULL));
    CHECK_OK(usm_replay_open(recording, 0.0, 0.0, &replay));
    do {
        usm_state_free(&last);
        last = state;
        state = NULL;
        CHECK_OK(usm_replay_next(replay, &state));
    } while (state != NULL);
    CHECK_OK(usm_state_findings(last, &the_findings));
    CHECK_OK(usm_findings_incident_count(the_findings, &count));
    for (at = 0; at < count; at++) {
        usm_incident incident;
        usm_incident_init(&incident);
        CHECK_OK(usm_findings_incident_at(the_findings, at, &incident));
        if (incident.culprit_count > 0) culprit_incident = at;
    }
    usm_state_free(&last);
    usm_replay_free(&replay);
    CHECK_OK(usm_history_open(recording, &the_history));
    the_table = ask(the_history, "cpu_percent");
    free(text);
}

static inline void make_optimizer(const char *folder) {
    usm_config *config = test_config(folder);
    size_t count = 0;
    size_t at;
    CHECK_OK(usm_optimizer_new(config, NULL, &the_optimizer));
    usm_config_free(&config);
    /* Some of a disk is in use everywhere. */
    CHECK_OK(usm_optimizer_save_profile(
        the_optimizer, "{\"profile_name\": \"world\", \"disk_threshold\": 1.0}"));
    CHECK_OK(usm_optimizer_apply_profile(the_optimizer, "world"));
    CHECK_OK(usm_optimizer_analyze(the_optimizer, &the_target_list));
    CHECK_OK(usm_target_list_size(the_target_list, &count));
    for (at = 0; at < count; at++) {
        usm_target target;
        usm_target_init(&target);
        CHECK_OK(usm_target_list_at(the_target_list, at, &target));
        if (target.culprit_count > 0) culprit_target = at;
    }
    CHECK_OK(usm_action_list_from_json(
        "[{\"action_type\": \"cleanup_memory\", \"target_id\": \"system_memory\"}]",
        &the_action_list));
    /* Demo mode: nothing is done. */
    CHECK_OK(usm_optimizer_execute(the_optimizer, the_action_list, NULL, &the_execution_report));
}

/* What lives in folders of its own. */
static inline void make_files(const char *folder) {
#ifdef HAS_usm_migrate
    /* The data is beside the folder of this file. */
    const char *end = strrchr(__FILE__, '/');
    CHECK(end != NULL);
    snprintf(prototype_folder, sizeof prototype_folder, "%.*s/../data/prototype",
             (int)(end - __FILE__), __FILE__);
    migrated_folder = path_in(folder, "migrated");
    CHECK_OK(usm_migrate(prototype_folder, migrated_folder, NULL, &the_migration));
#endif
#ifdef HAS_usm_service_hold_take
    held_folder = path_in(folder, "held");
    claimed_folder = path_in(folder, "claimed");
    CHECK_OK(usm_service_hold_take(held_folder, NULL, &the_service_hold));
#endif
    (void)folder;
}

/* `look` is called for every event until the alert has fired. */
static inline void make_world(const char *folder, usm_event_callback look) {
    int i;
    uint64_t subscription = 0;
    usm_process first;
    size_t count = 0;
    world_folder = folder;
    the_csv = path_in(folder, "numbers.csv");
    write_file(the_csv, "timestamp,cpu_percent\n", 3, row_of_one_number);
    make_findings(folder);
    make_optimizer(folder);
    make_files(folder);
    CHECK_OK(usm_detector_new(NULL, &the_detector));
    CHECK_OK(usm_forecaster_new(NULL, &the_forecaster));
    for (i = 0; i < 50; i++) {
        CHECK_OK(usm_forecaster_push(the_forecaster, 1.7e9 + 60.0 * i, 10.0 + i));
    }
    the_monitor = test_monitor(folder);
    CHECK_OK(usm_monitor_subscribe(the_monitor, USM_EVENTS_ALL, look, NULL, NULL, &subscription));
    (void)fire(the_monitor);
    CHECK_OK(usm_monitor_stop(the_monitor));
    CHECK_OK(usm_monitor_state(the_monitor, &the_state));
    CHECK_OK(usm_state_top_processes(the_state, USM_ORDER_CPU, &first, sizeof first, 1, &count));
    CHECK(count > 0);
    some_pid = first.pid;
    live_findings = findings_of(the_monitor);
}

static inline void end_world(void) {
    usm_findings_free(&live_findings);
    usm_state_free(&the_state);
    usm_monitor_free(&the_monitor);
    usm_forecaster_free(&the_forecaster);
    usm_detector_free(&the_detector);
    usm_execution_report_free(&the_execution_report);
    usm_action_list_free(&the_action_list);
    usm_target_list_free(&the_target_list);
    usm_optimizer_free(&the_optimizer);
    usm_table_free(&the_table);
    usm_history_free(&the_history);
    usm_findings_free(&the_findings);
    usm_recorder_free(&no_recorder);
#ifdef HAS_usm_migrate
    usm_migration_free(&the_migration);
    free(migrated_folder);
#endif
#ifdef HAS_usm_service_hold_take
    CHECK_OK(usm_service_hold_release(&the_service_hold, NULL));
    free(claimed_folder);
    free(held_folder);
#endif
    free(the_recording);
    free(the_csv);
    free((char *)(uintptr_t)fresh_path());
}

#endif /* WORLD_H */
