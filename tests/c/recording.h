/* A recording that the tests of the history make for themselves: twenty samples of this host,
 * taken in about two seconds; with CHECK_SLOW set six, for valgrind. */
#ifndef RECORDING_H
#define RECORDING_H

#include <math.h>
#include <time.h>

#include "check.h"

static inline uint64_t samples_wanted(void) {
    return getenv("CHECK_SLOW") == NULL ? 20 : 6;
}

static inline double now_seconds(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline char *path_in(const char *folder, const char *name) {
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = (char *)malloc(size);
    CHECK(path != NULL);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* Makes the file; its path is to be freed. */
static inline char *make_recording(const char *folder, const char *name,
                                   usm_recording_summary *summary) {
    char *path = path_in(folder, name);
    usm_config *config = test_config(folder);
    usm_recorder *recorder = NULL;
    uint64_t sequence = 0;
    CHECK_OK(usm_recorder_start(config, path, &recorder));
    while (sequence < samples_wanted()) {
        CHECK_OK(usm_recorder_wait(recorder, sequence, 60.0, &sequence));
    }
    usm_recording_summary_init(summary);
    CHECK_OK(usm_recorder_finish(&recorder, summary));
    CHECK(recorder == NULL);
    usm_config_free(&config);
    return path;
}

/* A query of one series over everything. */
static inline usm_query query_of(const char *const *series) {
    usm_query query;
    usm_query_init(&query);
    query.select = series;
    query.select_count = 1;
    return query;
}

static inline usm_table *ask(const usm_history *history, const char *series) {
    const usm_query query = query_of(&series);
    usm_table *table = NULL;
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK(table != NULL);
    return table;
}

#endif /* RECORDING_H */
