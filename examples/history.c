/*
 * Draws what was: a series of the own database or of a recording as a small chart in text.
 *
 *     cc -std=c99 -o history history.c -lusm
 *     ./history                               the processors in the last hour
 *     ./history memory_percent 24h
 *     ./history memory_percent 24h host.usm   of a recording, or of another database
 *
 * Where the library is not installed: see status.c. A database comes into being with a
 * program that monitors (status.c), a recording with `usm record`.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <usm.h>

enum { WIDTH = 60, HEIGHT = 8 };

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, usm_last_error_message());
    return EXIT_FAILURE;
}

/* A file, or the database of a monitor with the settings that the environment gives. */
static usm_status open_history(const char *path, usm_monitor **monitor, usm_history **history) {
    usm_status status;
    if (path != NULL) return usm_history_open(path, history);
    status = usm_monitor_new(NULL, monitor);
    return status == USM_OK ? usm_monitor_history(*monitor, history) : status;
}

/* The end of what there is, so that an old recording is shown as well. */
static double end_of(const usm_history *history) {
    usm_extent extents[8];
    size_t count = 0;
    double end = 0.0;
    size_t i;
    if (usm_history_extents(history, extents, sizeof *extents, 8, &count) != USM_OK) return 0.0;
    for (i = 0; i < count && i < 8; i++) {
        if (extents[i].last > end) end = extents[i].last;
    }
    return end;
}

static void draw_column(const usm_column *column, const double *times, size_t rows) {
    double most = 0.0;
    size_t i;
    int line;
    for (i = 0; i < rows; i++) {
        if (column->values[i] > most) most = column->values[i];
    }
    printf("%s (%s)\n", column->name, column->unit);
    for (line = HEIGHT; line > 0; line--) {
        printf("%12.1f |", most * line / HEIGHT);
        for (i = 0; i < rows; i++) {
            /* What is not known is a gap, not a zero. */
            if (isnan(column->values[i])) {
                putchar(' ');
            } else {
                putchar(column->values[i] > most * (line - 1) / HEIGHT ? '#' : '.');
            }
        }
        putchar('\n');
    }
    printf("%12s  from %.0f to %.0f\n", "", times[0], times[rows - 1]);
}

static int draw(const usm_table *table) {
    const double *times = NULL;
    const char *notes = NULL;
    size_t rows = 0;
    size_t columns = 0;
    size_t i;
    if (usm_table_size(table, &rows, &columns) != USM_OK ||
        usm_table_times(table, &times) != USM_OK || usm_table_notes(table, &notes) != USM_OK)
        return fail("table");
    if (rows == 0) printf("nothing was recorded then\n");
    for (i = 0; i < columns && rows > 0; i++) {
        usm_column column;
        usm_column_init(&column);
        if (usm_table_column(table, i, &column) != USM_OK) return fail("column");
        draw_column(&column, times, rows);
    }
    if (notes[0] != '\0') printf("%s\n", notes);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    const char *series = argc > 1 ? argv[1] : "cpu_percent";
    const char *length = argc > 2 ? argv[2] : "1h";
    usm_monitor *monitor = NULL;
    usm_history *history = NULL;
    usm_table *table = NULL;
    usm_query query;
    double seconds = 0.0;
    int status = EXIT_FAILURE;

    usm_query_init(&query);
    query.select = &series;
    query.select_count = 1;
    if (open_history(argc > 3 ? argv[3] : NULL, &monitor, &history) != USM_OK) {
        fail("history");
        goto end;
    }
    if (usm_parse_duration(length, &seconds) != USM_OK) {
        fail("length of time");
        goto end;
    }
    query.until = end_of(history) + 0.001;
    query.since = query.until - seconds;
    query.step_seconds = seconds / WIDTH;
    if (usm_history_query(history, &query, &table) != USM_OK) {
        fail("query");
        goto end;
    }
    status = draw(table);
end:
    usm_table_free(&table);
    usm_history_free(&history);
    usm_monitor_free(&monitor);
    return status;
}
