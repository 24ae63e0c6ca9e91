/* A recording of this host: what it holds, queries, moments, replay, extracts, import. */
#include <unistd.h>

#include "recording.h"

static void the_recording_is_one_file(const char *path, const usm_recording_summary *summary) {
    char side[4096];
    const double now = now_seconds();
    CHECK(summary->samples >= samples_wanted());
    CHECK(summary->first > now - 600.0 && summary->first < summary->last);
    CHECK(summary->last <= now && summary->bytes > 0);
    snprintf(side, sizeof side, "%s-wal", path);
    CHECK(access(path, R_OK) == 0 && access(side, F_OK) != 0);
}

static void extents_and_series(const usm_history *history, const usm_recording_summary *summary) {
    usm_extent extents[8];
    unsigned char earlier[64];
    size_t count = 99;
    char *json = NULL;
    CHECK_OK(usm_history_extents(history, NULL, sizeof *extents, 0, &count));
    CHECK(count >= 1 && count <= 8);
    CHECK_OK(usm_history_extents(history, extents, sizeof *extents, 8, &count));
    CHECK(extents[0].struct_size == sizeof *extents && extents[0].tier == USM_TIER_RAW);
    CHECK(extents[0].step_seconds == 0.0 && extents[0].rows == summary->samples);
    CHECK(fabs(extents[0].first - summary->first) < 1e-3 && extents[0].bytes > 0);
    CHECK(extents[0].last >= summary->last - 1e-3);

    memset(earlier, 0xee, sizeof earlier);
    CHECK_OK(usm_history_extents(history, (usm_extent *)(void *)earlier, 32, 1, &count));
    CHECK(*(const uint32_t *)(const void *)earlier == 32);
    CHECK(earlier[31] != 0xee && earlier[32] == 0xee);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_history_extents(history, extents, 8, 1, &count));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_history_extents(history, NULL, sizeof *extents, 1, &count));

    CHECK_OK(usm_history_series_json(history, 0.0, 0.0, &json));
    CHECK(strstr(json, "\"cpu_percent\"") != NULL && strstr(json, "\"process_rss_bytes\"") != NULL);
    CHECK(strstr(json, "\"metric\":\"core_busy_percent\",\"labels\":{\"core\":\"0\"}") != NULL);
    usm_string_free(json);
}

static void samples_as_they_were_taken(const usm_history *history,
                                       const usm_recording_summary *summary) {
    usm_table *table = ask(history, "memory_used_bytes");
    const double *times = NULL;
    const char *notes = NULL;
    usm_column column;
    double step = 9.0;
    size_t rows = 0;
    size_t columns = 0;
    size_t i;
    CHECK_OK(usm_table_size(table, &rows, &columns));
    CHECK(rows == summary->samples && columns == 1);
    CHECK_OK(usm_table_size(table, NULL, NULL));
    CHECK_OK(usm_table_times(table, &times));
    CHECK(times[0] == summary->first && times[rows - 1] == summary->last);
    CHECK_OK(usm_table_step_seconds(table, &step));
    CHECK(step == 0.0);
    CHECK_OK(usm_table_notes(table, &notes));
    CHECK(notes[0] == '\0');
    usm_column_init(&column);
    CHECK_OK(usm_table_column(table, 0, &column));
    CHECK(strcmp(column.name, "memory_used_bytes") == 0 && strcmp(column.unit, "bytes") == 0);
    CHECK(strcmp(column.metric, column.name) == 0);
    CHECK(column.kind == USM_SERIES_GAUGE && column.label_count == 0);
    for (i = 0; i < rows; i++) {
        CHECK(i == 0 || times[i] > times[i - 1]);
        CHECK(column.values[i] > 1e6);
    }
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_table_column(table, 1, &column));
    CHECK_MESSAGE("column: 1");
    usm_table_free(&table);
    CHECK(table == NULL);
    usm_table_free(&table);
}

static void steps_labels_and_top(const usm_history *history) {
    const char *const select[] = {"core_busy_percent", "process_rss_bytes"};
    usm_query query = query_of(select);
    usm_table *table = NULL;
    usm_column column;
    const char *name = NULL;
    const char *value = NULL;
    double step = 0.0;
    size_t cores = 0;
    size_t columns = 0;
    usm_column_init(&column);
    query.step_seconds = 0.5;
    query.aggregate = "max";
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK_OK(usm_table_size(table, NULL, &cores));
    CHECK(cores >= 1);
    CHECK_OK(usm_table_step_seconds(table, &step));
    CHECK(step == 0.5);
    CHECK_OK(usm_table_column(table, 0, &column));
    CHECK(column.label_count == 1 && strcmp(column.name, "core_busy_percent{core=\"0\"}") == 0);
    CHECK_OK(usm_table_label(table, 0, 0, &name, &value));
    CHECK(strcmp(name, "core") == 0 && strcmp(value, "0") == 0);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_table_label(table, 0, 1, &name, &value));
    CHECK(name == NULL && value == NULL);
    usm_table_free(&table);

    /* All cores become one column; of the processes the two that use most are left. */
    query.combine = "mean";
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK_OK(usm_table_size(table, NULL, &columns));
    CHECK(columns == 1);
    usm_table_free(&table);
    query.combine = NULL;
    query.select_count = 2;
    query.top = 2;
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK_OK(usm_table_size(table, NULL, &columns));
    CHECK(columns >= 2 && columns <= (cores < 2 ? cores : 2) + 2);
    usm_table_free(&table);
}

static void nothing_was_recorded_then(const usm_history *history) {
    const char *const select[] = {"cpu_percent"};
    usm_query query = query_of(select);
    usm_table *table = NULL;
    usm_state *state = NULL;
    const double *times = (const double *)(const void *)&query;
    struct ArrowArrayStream stream;
    size_t rows = 9;
    query.since = 1000.0;
    query.until = 2000.0;
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK_OK(usm_table_size(table, &rows, NULL));
    CHECK(rows == 0);
    CHECK_OK(usm_table_times(table, &times));
    CHECK(times == NULL);
    CHECK_OK(usm_table_arrow_stream(table, &stream));
    usm_table_free(&table);
    stream.release(&stream);
    CHECK(stream.release == NULL);
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_history_state_at(history, 1500.0, &state));
    CHECK(state == NULL);
}

static void what_is_asked_wrongly_is_refused(const usm_history *history) {
    const char *const select[] = {"cpu_percnt"};
    const char *const good[] = {"cpu_percent"};
    const char *const bad_text[] = {"\xff\xfe"};
    const char *const label[] = {"core_busy_percent{devise=\"a\"}"};
    usm_query query = query_of(select);
    usm_table *table = NULL;
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("cpu_percent");
    CHECK(table == NULL);
    query.select = label;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("core");
    query.select = bad_text;
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_history_query(history, &query, &table));
    query.select = good;
    query.step_seconds = -1.0;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    query.step_seconds = NAN;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    query.step_seconds = 0.0;
    query.since = NAN;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    query.since = 20.0;
    query.until = 10.0;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    query = query_of(good);
    query.aggregate = "p101";
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    query = query_of(good);
    query.tier = 9;
    CHECK_STATUS(invalid, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("tier: 9");
    CHECK(table == NULL);
}

static void text_and_back(const usm_history *history, const char *folder) {
    usm_table *table = ask(history, "memory_used_bytes");
    usm_table *again;
    usm_history *imported = NULL;
    usm_recording_summary summary;
    usm_column before;
    usm_column after;
    char *text = path_in(folder, "table.csv");
    char *copy = path_in(folder, "imported.usm");
    char *csv = NULL;
    char *json = NULL;
    FILE *file = fopen(text, "w");
    size_t rows = 0;
    size_t rows_again = 0;
    CHECK_OK(usm_table_csv(table, &csv));
    CHECK(strncmp(csv, "timestamp,memory_used_bytes", 27) == 0);
    CHECK_OK(usm_table_json(table, &json));
    CHECK(strstr(json, "\"times\":[") != NULL && strstr(json, "\"memory_used_bytes\"") != NULL);
    CHECK(file != NULL && fputs(csv, file) >= 0 && fclose(file) == 0);
    usm_string_free(csv);
    usm_string_free(json);

    usm_recording_summary_init(&summary);
    CHECK_OK(usm_recording_import(text, USM_TEXT_CSV, copy, &summary));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_recording_import(text, 7, copy, NULL));
    CHECK_OK(usm_history_open(copy, &imported));
    again = ask(imported, "memory_used_bytes");
    CHECK_OK(usm_table_size(table, &rows, NULL));
    CHECK_OK(usm_table_size(again, &rows_again, NULL));
    CHECK(summary.samples == rows && rows_again == rows);
    usm_column_init(&before);
    usm_column_init(&after);
    CHECK_OK(usm_table_column(table, 0, &before));
    CHECK_OK(usm_table_column(again, 0, &after));
    CHECK(memcmp(before.values, after.values, rows * sizeof(double)) == 0);
    usm_table_free(&again);
    usm_table_free(&table);
    usm_history_free(&imported);
    free(text);
    free(copy);
}

static void a_moment_is_the_whole_state(const usm_history *history,
                                        const usm_recording_summary *summary) {
    usm_state *state = NULL;
    usm_metrics metrics;
    usm_process top[3];
    char *json = NULL;
    uint32_t tier = USM_TIER_ANY;
    size_t count = 0;
    usm_metrics_init(&metrics);
    CHECK_OK(usm_history_state_at(history, summary->last, &state));
    CHECK_OK(usm_state_metrics(state, &metrics));
    CHECK(metrics.timestamp == summary->last);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_MEMORY_PERCENT) && metrics.memory_percent > 0.0);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_HEALTH_SCORE));
    CHECK_OK(usm_state_tier(state, &tier));
    CHECK(tier == USM_TIER_RAW);
    CHECK_OK(usm_state_top_processes(state, USM_ORDER_MEMORY, top, sizeof *top, 3, &count));
    CHECK(count >= 1 && top[0].rss_bytes > 0 && top[0].name[0] != '\0');
    CHECK_OK(usm_state_json(state, &json));
    CHECK(json[0] == '{');
    usm_string_free(json);
    usm_state_free(&state);
    CHECK(state == NULL);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_history_state_at(history, NAN, &state));
}

static uint64_t replayed(const char *path, double since, double until) {
    usm_replay *replay = NULL;
    usm_state *state = NULL;
    uint64_t samples = 0;
    uint64_t seen = 0;
    char *notes = NULL;
    double before = 0.0;
    CHECK_OK(usm_replay_open(path, since, until, &replay));
    CHECK_OK(usm_replay_size(replay, &samples));
    for (;;) {
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        CHECK_OK(usm_replay_next(replay, &state));
        if (state == NULL) break;
        CHECK_OK(usm_state_metrics(state, &metrics));
        CHECK(metrics.timestamp > before);
        CHECK(usm_metrics_has(&metrics, USM_METRIC_HEALTH_SCORE));
        before = metrics.timestamp;
        seen++;
        usm_state_free(&state);
    }
    CHECK_OK(usm_replay_next(replay, &state));
    CHECK(state == NULL && seen == samples);
    CHECK_OK(usm_replay_notes(replay, &notes));
    CHECK(notes[0] == '\0');
    usm_string_free(notes);
    usm_replay_free(&replay);
    CHECK(replay == NULL);
    return seen;
}

struct telling {
    const usm_history *history;
    int calls;
    int cancel;
    uint64_t done;
};

static int32_t on_progress(const usm_progress *progress, void *user_data) {
    struct telling *telling = (struct telling *)user_data;
    CHECK(strcmp(progress->stage, "extracting") == 0 && progress->total == 1000);
    CHECK(progress->done >= telling->done && progress->done <= 1000);
    telling->done = progress->done;
    telling->calls++;
    /* The history may be asked meanwhile, by its own handle as well. */
    {
        usm_table *table = ask(telling->history, "cpu_percent");
        usm_table_free(&table);
    }
    return telling->cancel;
}

static void a_part_in_a_file_of_its_own(const usm_history *history, const char *folder,
                                        const usm_recording_summary *whole) {
    usm_extract_options options = USM_EXTRACT_OPTIONS_INIT;
    struct telling telling = {history, 0, 0, 0};
    usm_recording_summary summary;
    char *path = path_in(folder, "part.usm");
    char *cancelled = path_in(folder, "cancelled.usm");
    usm_history *masked = NULL;
    usm_state *state = NULL;
    usm_process top[1];
    char *notes = NULL;
    size_t count = 0;
    usm_recording_summary_init(&summary);
    options.mask_names = 1;
    options.until = whole->last;
    options.progress = on_progress;
    options.user_data = &telling;
    CHECK_OK(usm_history_extract(history, path, &options, &summary, &notes));
    CHECK(notes[0] == '\0');
    usm_string_free(notes);
    CHECK(telling.calls >= 1 && telling.done == 1000);
    CHECK(summary.samples == whole->samples - 1 && summary.first == whole->first);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_history_extract(history, path, &options, NULL, NULL));
    CHECK(replayed(path, 0.0, 0.0) == summary.samples);
    CHECK_OK(usm_history_open(path, &masked));
    CHECK_OK(usm_history_state_at(masked, summary.last, &state));
    CHECK_OK(usm_state_top_processes(state, USM_ORDER_MEMORY, top, sizeof *top, 1, &count));
    CHECK(count >= 1 && strchr("0123456789", top[0].name[strlen(top[0].name) - 1]) != NULL);
    usm_state_free(&state);
    usm_history_free(&masked);

    telling.cancel = 1;
    telling.done = 0;
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_history_extract(history, cancelled, &options, &summary, NULL));
    CHECK(access(cancelled, F_OK) != 0);
    free(path);
    free(cancelled);
}

static void words_are_times(void) {
    double value = 0.0;
    CHECK_OK(usm_parse_time("now-1h", 10000.0, &value));
    CHECK(value == 6400.0);
    CHECK_OK(usm_parse_time("1970-01-01T01:00:00+01:00", 10000.0, &value));
    CHECK(value == 0.0);
    CHECK_OK(usm_parse_duration("1d12h", &value));
    CHECK(value == 129600.0);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_parse_time("yesteryear", 1.0, &value));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_parse_duration("", &value));
    CHECK(value == 129600.0);
}

static void a_monitor_has_a_history_as_long_as_it_lives(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    usm_history *history = NULL;
    usm_table *table = NULL;
    usm_state *state = NULL;
    usm_metrics metrics;
    char *path = path_in(folder, "own.usm");
    const char *const select[] = {"cpu_percent"};
    const usm_query query = query_of(select);
    size_t rows = 0;
    CHECK_OK(usm_monitor_state(monitor, &state));
    usm_metrics_init(&metrics);
    CHECK_OK(usm_state_metrics(state, &metrics));
    CHECK(metrics.sequence == 0);
    usm_state_free(&state);
    CHECK_OK(usm_monitor_history(monitor, &history));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    /* A query commits by itself, but does not wait as long on a busy machine. */
    CHECK_OK(usm_monitor_flush(monitor, 60.0));
    table = ask(history, "memory_percent");
    CHECK_OK(usm_table_size(table, &rows, NULL));
    CHECK(rows == 2);
    usm_table_free(&table);
    CHECK_OK(usm_monitor_state(monitor, &state));
    CHECK_OK(usm_state_metrics(state, &metrics));
    CHECK(metrics.sequence == 2);
    CHECK_OK(usm_history_extract(history, path, NULL, NULL, NULL));
    CHECK(replayed(path, 0.0, metrics.timestamp) == 1);
    usm_monitor_free(&monitor);
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_history_query(history, &query, &table));
    CHECK_MESSAGE("freed");
    usm_history_free(&history);
    /* The state stays. */
    CHECK_OK(usm_state_metrics(state, &metrics));
    usm_state_free(&state);
    free(path);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_recording_summary summary;
    usm_history *history = NULL;
    char *path = make_recording(folder, "host.usm", &summary);
    the_recording_is_one_file(path, &summary);
    CHECK_OK(usm_history_open(path, &history));
    extents_and_series(history, &summary);
    samples_as_they_were_taken(history, &summary);
    steps_labels_and_top(history);
    nothing_was_recorded_then(history);
    what_is_asked_wrongly_is_refused(history);
    text_and_back(history, folder);
    a_moment_is_the_whole_state(history, &summary);
    a_part_in_a_file_of_its_own(history, folder, &summary);
    CHECK(replayed(path, 0.0, 0.0) == summary.samples);
    CHECK(replayed(path, summary.last, 0.0) == 1);
    usm_history_free(&history);
    CHECK(history == NULL);
    words_are_times();
    a_monitor_has_a_history_as_long_as_it_lives(folder);
    free(path);
    return 0;
}
