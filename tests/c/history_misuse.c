/* Wrong arguments and wrong handles in calls of the history: each is answered by a status and
 * a message, and nothing else happens. */
#include <math.h>

#include "check.h"

static void null_is_answered_everywhere(const usm_monitor *monitor, const usm_history *history,
                                        const usm_state *state) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    const char *const select[] = {"cpu_percent"};
    usm_history *opened = (usm_history *)(void *)&opened;
    usm_recorder *recorder = (usm_recorder *)(void *)&recorder;
    usm_replay *replay = (usm_replay *)(void *)&replay;
    usm_table *table = (usm_table *)(void *)&table;
    usm_state *past = (usm_state *)(void *)&past;
    const double *times = NULL;
    const char *borrowed = NULL;
    struct ArrowArrayStream stream;
    usm_metrics metrics;
    usm_query query;
    usm_column column;
    uint64_t number = 0;
    uint32_t tier = 0;
    size_t count = 0;
    double value = 0.0;
    char *json = (char *)&number;
    usm_metrics_init(&metrics);
    usm_query_init(&query);
    usm_column_init(&column);

    CHECK_STATUS(invalid, usm_history_open(NULL, &opened));
    CHECK_MESSAGE("path: NULL is not allowed");
    CHECK(opened == NULL);
    CHECK_STATUS(invalid, usm_history_open("x", NULL));
    CHECK_STATUS(invalid, usm_monitor_history(NULL, &opened));
    CHECK_STATUS(invalid, usm_monitor_history(monitor, NULL));
    CHECK_STATUS(invalid, usm_history_extents(NULL, NULL, sizeof(usm_extent), 0, &count));
    CHECK_STATUS(invalid, usm_history_extents(history, NULL, sizeof(usm_extent), 0, NULL));
    CHECK_STATUS(invalid, usm_history_series_json(NULL, 0.0, 0.0, &json));
    CHECK(json == NULL);
    CHECK_STATUS(invalid, usm_history_series_json(history, 0.0, 0.0, NULL));
    CHECK_STATUS(invalid, usm_history_query(NULL, &query, &table));
    CHECK(table == NULL);
    CHECK_STATUS(invalid, usm_history_query(history, NULL, &table));
    CHECK_STATUS(invalid, usm_history_query(history, &query, NULL));
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("select_count: 0");
    query.select_count = 1;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("select: NULL is not allowed");
    query.select = select;
    query.struct_size = 8;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("usm_query_init()");
    CHECK_STATUS(invalid, usm_history_state_at(NULL, 1.0, &past));
    CHECK(past == NULL);
    CHECK_STATUS(invalid, usm_history_state_at(history, 1.0, NULL));
    CHECK_STATUS(invalid, usm_history_extract(NULL, "x", NULL, NULL, NULL));
    CHECK_STATUS(invalid, usm_history_extract(history, NULL, NULL, NULL, NULL));

    CHECK_STATUS(invalid, usm_table_size(NULL, &count, &count));
    CHECK_STATUS(invalid, usm_table_times(NULL, &times));
    CHECK_STATUS(invalid, usm_table_step_seconds(NULL, &value));
    CHECK_STATUS(invalid, usm_table_notes(NULL, &borrowed));
    CHECK_STATUS(invalid, usm_table_column(NULL, 0, &column));
    CHECK_STATUS(invalid, usm_table_label(NULL, 0, 0, &borrowed, &borrowed));
    CHECK_STATUS(invalid, usm_table_json(NULL, &json));
    CHECK_STATUS(invalid, usm_table_csv(NULL, &json));
    CHECK_STATUS(invalid, usm_table_arrow_stream(NULL, &stream));
    CHECK(stream.release == NULL);
    CHECK_STATUS(invalid, usm_table_arrow_stream(NULL, NULL));
    CHECK_STATUS(invalid, usm_table_arrow_stream_long(NULL, &stream));

    CHECK_STATUS(invalid, usm_monitor_state(NULL, &past));
    CHECK_STATUS(invalid, usm_monitor_state(monitor, NULL));
    CHECK_STATUS(invalid, usm_state_metrics(NULL, &metrics));
    CHECK_STATUS(invalid, usm_state_metrics(state, NULL));
    CHECK_STATUS(invalid, usm_state_tier(NULL, &tier));
    CHECK_STATUS(invalid, usm_state_tier(state, NULL));
    CHECK_STATUS(invalid, usm_state_top_processes(NULL, 0, NULL, sizeof(usm_process), 0, &count));
    CHECK_STATUS(invalid, usm_state_top_processes(state, 0, NULL, sizeof(usm_process), 0, NULL));
    CHECK_STATUS(invalid, usm_state_top_processes(state, 9, NULL, sizeof(usm_process), 0, &count));
    CHECK_STATUS(invalid, usm_state_json(NULL, &json));
    CHECK_STATUS(invalid, usm_state_json(state, NULL));
    CHECK_STATUS(invalid, usm_state_processes_arrow_stream(NULL, &stream));
    CHECK(stream.release == NULL);
    CHECK_STATUS(invalid, usm_state_processes_arrow_stream(state, NULL));

    CHECK_STATUS(invalid, usm_recorder_start(NULL, NULL, &recorder));
    CHECK(recorder == NULL);
    CHECK_STATUS(invalid, usm_recorder_start(NULL, "x", NULL));
    CHECK_STATUS(invalid, usm_recorder_wait(NULL, 0, 0.0, NULL));
    CHECK_STATUS(invalid, usm_recorder_state(NULL, &past));
    CHECK_OK(usm_recorder_finish(NULL, NULL));
    CHECK_OK(usm_recorder_finish(&recorder, NULL));
    CHECK_STATUS(invalid, usm_recording_import(NULL, 0, "x", NULL));
    CHECK_STATUS(invalid, usm_recording_import("x", 0, NULL, NULL));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_recording_import("/nonexistent/x", 0, "x", NULL));
    CHECK(usm_last_error_os_code() == 2);

    CHECK_STATUS(invalid, usm_replay_open(NULL, 0.0, 0.0, &replay));
    CHECK(replay == NULL);
    CHECK_STATUS(invalid, usm_replay_open("x", 0.0, 0.0, NULL));
    CHECK_STATUS(invalid, usm_replay_size(NULL, &number));
    CHECK_STATUS(invalid, usm_replay_next(NULL, &past));
    CHECK_STATUS(invalid, usm_replay_notes(NULL, &json));

    CHECK_STATUS(invalid, usm_parse_time(NULL, 1.0, &value));
    CHECK_STATUS(invalid, usm_parse_time("now", 1.0, NULL));
    CHECK_STATUS(invalid, usm_parse_duration(NULL, &value));
    CHECK_STATUS(invalid, usm_parse_duration("1h", NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_parse_duration("\xff", &value));

    usm_history_free(NULL);
    usm_table_free(NULL);
    usm_state_free(NULL);
    usm_recorder_free(NULL);
    usm_recorder_free(&recorder);
    usm_replay_free(NULL);
}

static void structs_of_no_version_are_refused(const usm_history *history, const char *folder) {
    usm_recording_summary summary;
    usm_recorder *recorder = NULL;
    usm_extract_options options = USM_EXTRACT_OPTIONS_INIT;
    struct {
        usm_extract_options known;
        uint64_t unknown;
    } later = {USM_EXTRACT_OPTIONS_INIT, 1};
    char path[4096];
    snprintf(path, sizeof path, "%s/part.usm", folder);
    memset(&summary, 0, sizeof summary);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_recorder_finish(&recorder, &summary));
    CHECK_MESSAGE("usm_recording_summary_init()");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_history_extract(history, path, NULL, &summary, NULL));
    options.struct_size = 4;
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_history_extract(history, path, &options, NULL, NULL));
    CHECK_MESSAGE("USM_EXTRACT_OPTIONS_INIT");
    later.known.struct_size = (uint32_t)sizeof later;
    CHECK_STATUS(USM_ERR_UNSUPPORTED, usm_history_extract(history, path, &later.known, NULL, NULL));
}

static void handles_of_another_kind_are_seen(usm_monitor *monitor, usm_history *history,
                                             usm_state *state) {
    const usm_status wrong = USM_ERR_INVALID_HANDLE;
    usm_history *odd = (usm_history *)(void *)monitor;
    usm_table *table = (usm_table *)(void *)history;
    usm_replay *replay = (usm_replay *)(void *)state;
    usm_recorder *recorder = (usm_recorder *)(void *)monitor;
    usm_state *past = NULL;
    char *json = NULL;
    size_t count = 0;
    uint64_t number = 0;
    CHECK_STATUS(wrong, usm_history_series_json(odd, 0.0, 0.0, &json));
    CHECK_MESSAGE("not a usm_history");
    CHECK_STATUS(wrong, usm_table_size(table, &count, &count));
    CHECK_STATUS(wrong, usm_replay_size(replay, &number));
    CHECK_STATUS(wrong, usm_recorder_state(recorder, &past));
    CHECK_STATUS(wrong, usm_recorder_finish(&recorder, NULL));
    CHECK_STATUS(wrong, usm_state_json((const usm_state *)(const void *)history, &json));
    CHECK(recorder != NULL);
    usm_history_free(&odd);
    usm_table_free(&table);
    usm_replay_free(&replay);
    CHECK(odd != NULL && table != NULL && replay != NULL);
}

static void files_that_are_no_history_are_told(const char *folder) {
    usm_history *history = NULL;
    usm_replay *replay = NULL;
    usm_recorder *recorder = NULL;
    usm_config *config = test_config(folder);
    char path[4096];
    FILE *file;
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_history_open("/nonexistent/a.usm", &history));
    CHECK_MESSAGE("/nonexistent/a.usm");
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_replay_open("/nonexistent/a.usm", 0.0, 0.0, &replay));
    snprintf(path, sizeof path, "%s/a_text", folder);
    file = fopen(path, "w");
    CHECK(file != NULL && fputs("this is no database, but long enough for one\n", file) >= 0);
    CHECK(fclose(file) == 0);
    if (usm_history_open(path, &history) == USM_OK) {
        char *json = NULL;
        CHECK_STATUS(USM_ERR_STORE, usm_history_series_json(history, 0.0, 0.0, &json));
        usm_history_free(&history);
    }
    CHECK_STATUS(USM_ERR_STORE, usm_replay_open(path, 0.0, 0.0, &replay));
    /* A file that is there is not written over. */
    CHECK(usm_recorder_start(config, path, &recorder) != USM_OK);
    CHECK(recorder == NULL);
    CHECK(usm_recorder_start(config, "/nonexistent/a.usm", &recorder) != USM_OK);
    CHECK(recorder == NULL);
    usm_config_free(&config);
}

static void a_monitor_without_a_history_says_so(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    usm_history *history = NULL;
    char *json = NULL;
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    CHECK_OK(usm_monitor_history(monitor, &history));
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_history_series_json(history, 0.0, 0.0, &json));
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_history_extract(history, "x", NULL, NULL, NULL));
    usm_history_free(&history);
    usm_monitor_free(&monitor);
    usm_config_free(&config);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_monitor *monitor = test_monitor(folder);
    usm_history *history = NULL;
    usm_state *state = NULL;
    CHECK_OK(usm_monitor_history(monitor, &history));
    CHECK_OK(usm_monitor_state(monitor, &state));
    null_is_answered_everywhere(monitor, history, state);
    structs_of_no_version_are_refused(history, folder);
    handles_of_another_kind_are_seen(monitor, history, state);
    usm_state_free(&state);
    usm_history_free(&history);
    usm_monitor_free(&monitor);
    files_that_are_no_history_are_told(folder);
    a_monitor_without_a_history_says_so(folder);
    return 0;
}
