/* Many threads ask one history, and each one of its own, while it is being recorded. With
 * CHECK_SLOW set they are fewer, for valgrind, under which one thread runs at a time. */
#include <pthread.h>
#include <stdatomic.h>

#include "recording.h"

enum { READERS = 6, ROUNDS = 12 };

static usm_history *shared;
static usm_table *shared_table;
static const char *path;
static int rounds = ROUNDS;

static size_t rows_of(const usm_table *table) {
    size_t rows = 0;
    CHECK_OK(usm_table_size(table, &rows, NULL));
    return rows;
}

static void *read_it(void *unused) {
    size_t before = 0;
    int i;
    (void)unused;
    for (i = 0; i < rounds; i++) {
        usm_history *own = NULL;
        usm_table *table = ask(shared, "memory_used_bytes");
        usm_state *state = NULL;
        struct ArrowArrayStream stream;
        usm_column column;
        size_t rows = rows_of(table);
        size_t row;
        double last;
        const double *times = NULL;
        CHECK(rows >= before && rows >= 1);
        before = rows;
        CHECK_OK(usm_table_times(table, &times));
        last = times[rows - 1];
        usm_table_free(&table);

        CHECK_OK(usm_history_open(path, &own));
        CHECK_OK(usm_history_state_at(own, last, &state));
        usm_state_free(&state);
        usm_history_free(&own);

        usm_column_init(&column);
        CHECK_OK(usm_table_column(shared_table, 0, &column));
        for (row = 0; row < rows_of(shared_table); row++) CHECK(column.values[row] > 0.0);
        CHECK_OK(usm_table_arrow_stream(shared_table, &stream));
        stream.release(&stream);
    }
    return NULL;
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    char *file = path_in(folder, "host.usm");
    usm_config *config = test_config(folder);
    usm_recorder *recorder = NULL;
    usm_recording_summary summary;
    pthread_t threads[READERS];
    size_t rows = 0;
    int readers = READERS;
    int i;
    if (getenv("CHECK_SLOW") != NULL) {
        readers = 2;
        rounds = 2;
    }
    path = file;
    CHECK_OK(usm_recorder_start(config, file, &recorder));
    CHECK_OK(usm_recorder_wait(recorder, 2, 60.0, NULL));
    CHECK_OK(usm_history_open(file, &shared));
    /* What is not committed yet comes with the next commit. */
    for (i = 0; i < 100 && rows == 0; i++) {
        CHECK_OK(usm_recorder_wait(recorder, (uint64_t)i + 2, 60.0, NULL));
        usm_table_free(&shared_table);
        shared_table = ask(shared, "memory_used_bytes");
        rows = rows_of(shared_table);
    }
    CHECK(rows >= 1);
    for (i = 0; i < readers; i++) CHECK(pthread_create(&threads[i], NULL, read_it, NULL) == 0);
    for (i = 0; i < readers; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    usm_recording_summary_init(&summary);
    CHECK_OK(usm_recorder_finish(&recorder, &summary));
    CHECK(summary.samples >= rows);
    usm_table_free(&shared_table);
    usm_history_free(&shared);
    usm_config_free(&config);
    free(file);
    return 0;
}
