/* The Arrow C streams, read as a consumer does that knows the specification only. */
#include "recording.h"

static const char *metadata_of(const char *metadata, const char *key, char *value, size_t size) {
    int32_t pairs = 0;
    int32_t i;
    CHECK(metadata != NULL);
    memcpy(&pairs, metadata, sizeof pairs);
    metadata += sizeof pairs;
    for (i = 0; i < pairs; i++) {
        const char *part[2];
        int32_t length[2];
        int j;
        for (j = 0; j < 2; j++) {
            memcpy(&length[j], metadata, sizeof length[j]);
            part[j] = metadata + sizeof length[j];
            metadata = part[j] + length[j];
        }
        if ((size_t)length[0] == strlen(key) && memcmp(part[0], key, strlen(key)) == 0) {
            CHECK((size_t)length[1] < size);
            memcpy(value, part[1], (size_t)length[1]);
            value[length[1]] = '\0';
            return value;
        }
    }
    return NULL;
}

static int is_there(const struct ArrowArray *array, int64_t at) {
    const uint8_t *bits = (const uint8_t *)array->buffers[0];
    return bits == NULL || ((bits[at / 8] >> (at % 8)) & 1) == 1;
}

/* Takes schema and one batch, and sees the end. */
static void take(struct ArrowArrayStream *stream, struct ArrowSchema *schema,
                 struct ArrowArray *array) {
    struct ArrowArray end;
    CHECK(stream->get_schema(stream, schema) == 0);
    CHECK(stream->get_next(stream, array) == 0 && array->release != NULL);
    CHECK(stream->get_next(stream, &end) == 0 && end.release == NULL);
    CHECK(stream->get_next(stream, NULL) != 0 && stream->get_last_error(stream) != NULL);
    CHECK(strcmp(schema->format, "+s") == 0 && schema->n_children == array->n_children);
    CHECK(array->n_buffers == 1 && array->offset == 0);
}

static void end(struct ArrowArrayStream *stream, struct ArrowSchema *schema,
                struct ArrowArray *array) {
    array->release(array);
    CHECK(array->release == NULL);
    schema->release(schema);
    CHECK(schema->release == NULL);
    stream->release(stream);
    CHECK(stream->release == NULL);
}

static void a_table_is_the_same_as_an_arrow_stream(const usm_history *history) {
    usm_table *table = ask(history, "process_cpu_core_percent");
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    const double *times = NULL;
    char word[512];
    size_t rows = 0;
    size_t columns = 0;
    int64_t nulls = 0;
    size_t i;
    int64_t row;
    CHECK_OK(usm_table_size(table, &rows, &columns));
    CHECK(rows >= 2 && columns >= 1);
    CHECK_OK(usm_table_times(table, &times));
    CHECK_OK(usm_table_arrow_stream(table, &stream));
    take(&stream, &schema, &array);
    CHECK(array.length == (int64_t)rows && array.n_children == (int64_t)columns + 1);
    CHECK(strcmp(schema.children[0]->name, "time") == 0);
    CHECK(strcmp(schema.children[0]->format, "tsu:UTC") == 0);
    for (row = 0; row < array.length; row++) {
        const int64_t *micros = (const int64_t *)array.children[0]->buffers[1];
        CHECK(fabs((double)micros[row] / 1e6 - times[row]) < 1e-6);
    }
    for (i = 0; i < columns; i++) {
        const struct ArrowSchema *field = schema.children[i + 1];
        const struct ArrowArray *child = array.children[i + 1];
        usm_column column;
        usm_column_init(&column);
        CHECK_OK(usm_table_column(table, i, &column));
        CHECK(strcmp(field->name, column.name) == 0 && strcmp(field->format, "g") == 0);
        CHECK((field->flags & ARROW_FLAG_NULLABLE) != 0);
        CHECK(strcmp(metadata_of(field->metadata, "metric", word, sizeof word), column.metric) ==
              0);
        CHECK(strcmp(metadata_of(field->metadata, "unit", word, sizeof word), column.unit) == 0);
        CHECK(strstr(metadata_of(field->metadata, "labels", word, sizeof word), "\"pid\":\"") !=
              NULL);
        /* The very same memory. */
        CHECK(child->buffers[1] == (const void *)column.values);
        nulls = 0;
        for (row = 0; row < child->length; row++) {
            CHECK(is_there(child, row) == !isnan(column.values[row]));
            nulls += !is_there(child, row);
        }
        CHECK(child->null_count == nulls);
    }
    usm_table_free(&table);
    /* What was taken outlives the table, and a child that is moved away its batch. */
    {
        struct ArrowArray moved = *array.children[1];
        double sum = 0.0;
        array.children[1]->release = NULL;
        end(&stream, &schema, &array);
        for (row = 0; row < moved.length; row++) {
            if (is_there(&moved, row)) sum += ((const double *)moved.buffers[1])[row];
        }
        CHECK(sum >= 0.0);
        moved.release(&moved);
        CHECK(moved.release == NULL);
    }
}

static void the_long_form_has_a_row_for_each_value(const usm_history *history) {
    const char *const select[] = {"cpu_percent", "core_busy_percent"};
    usm_query query = query_of(select);
    usm_table *table = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    const char *const names[] = {"time", "metric", "core", "value"};
    int64_t known = 0;
    size_t rows = 0;
    size_t columns = 0;
    size_t i;
    size_t j;
    query.select_count = 2;
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK_OK(usm_table_size(table, &rows, &columns));
    for (i = 0; i < columns; i++) {
        usm_column column;
        usm_column_init(&column);
        CHECK_OK(usm_table_column(table, i, &column));
        for (j = 0; j < rows; j++) known += !isnan(column.values[j]);
    }
    CHECK_OK(usm_table_arrow_stream_long(table, &stream));
    usm_table_free(&table);
    take(&stream, &schema, &array);
    CHECK(schema.n_children == 4 && array.length == known && known > 0);
    for (i = 0; i < 4; i++) CHECK(strcmp(schema.children[i]->name, names[i]) == 0);
    /* The texts are dictionaries: numbers that stand for them. */
    CHECK(strcmp(schema.children[1]->format, "i") == 0);
    CHECK(strcmp(schema.children[1]->dictionary->format, "u") == 0);
    CHECK(array.children[1]->dictionary->length == 2);
    CHECK(!is_there(array.children[2], 0) && is_there(array.children[2], known - 1));
    end(&stream, &schema, &array);
}

static void processes_are_a_table(const usm_state *state) {
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    size_t count = 0;
    int64_t i;
    CHECK_OK(usm_state_top_processes(state, USM_ORDER_PID, NULL, sizeof(usm_process), 0, &count));
    CHECK_OK(usm_state_processes_arrow_stream(state, &stream));
    take(&stream, &schema, &array);
    CHECK(array.length == (int64_t)count);
    for (i = 0; i < schema.n_children; i++) {
        const char *name = schema.children[i]->name;
        const struct ArrowArray *child = array.children[i];
        CHECK(child->length == array.length);
        if (strcmp(name, "pid") == 0) CHECK(strcmp(schema.children[i]->format, "i") == 0);
        if (strcmp(name, "name") == 0) {
            const int32_t *ends = (const int32_t *)child->buffers[1];
            CHECK(strcmp(schema.children[i]->format, "u") == 0 && child->n_buffers == 3);
            CHECK(ends[0] == 0 && (count == 0 || ends[count] > 0));
        }
    }
    end(&stream, &schema, &array);
}

static void streams_that_nobody_reads_are_released(const usm_history *history) {
    usm_table *table = ask(history, "cpu_percent");
    struct ArrowArrayStream streams[3];
    size_t i;
    for (i = 0; i < 3; i++) CHECK_OK(usm_table_arrow_stream(table, &streams[i]));
    usm_table_free(&table);
    for (i = 0; i < 3; i++) streams[i].release(&streams[i]);
}

/* Moved by copying the struct and marking its old place as released: the new place is the one
 * that works, and the order in which stream, schema, batch and their parts end is free. */
static void everything_may_be_moved(const usm_history *history) {
    usm_table *table = ask(history, "cpu_percent");
    struct ArrowArrayStream stream;
    struct ArrowArrayStream moved_stream;
    struct ArrowSchema schema;
    struct ArrowSchema moved_schema;
    struct ArrowArray array;
    struct ArrowArray moved_array;
    struct ArrowSchema field;
    CHECK_OK(usm_table_arrow_stream(table, &stream));
    usm_table_free(&table);
    moved_stream = stream;
    memset(&stream, 0, sizeof stream);
    take(&moved_stream, &schema, &array);
    moved_stream.release(&moved_stream);
    moved_schema = schema;
    memset(&schema, 0, sizeof schema);
    moved_array = array;
    memset(&array, 0, sizeof array);
    field = *moved_schema.children[1];
    moved_schema.children[1]->release = NULL;
    moved_schema.release(&moved_schema);
    CHECK(moved_schema.release == NULL && strcmp(field.name, "cpu_percent") == 0);
    field.release(&field);
    CHECK(field.release == NULL);
    CHECK(moved_array.children[1]->buffers[1] != NULL);
    moved_array.release(&moved_array);
    CHECK(moved_array.release == NULL);
}

/* Not what a consumer may do, but harmless: released again, asked after that. */
static void what_was_released_gives_nothing(const usm_history *history) {
    usm_table *table = ask(history, "cpu_percent");
    struct ArrowArrayStream stream;
    struct ArrowArrayStream was;
    struct ArrowSchema schema;
    struct ArrowSchema schema_was;
    struct ArrowArray array;
    struct ArrowArray array_was;
    CHECK_OK(usm_table_arrow_stream(table, &stream));
    usm_table_free(&table);
    take(&stream, &schema, &array);
    was = stream;
    schema_was = schema;
    array_was = array;
    end(&stream, &schema, &array);
    was.release(&stream);
    schema_was.release(&schema);
    array_was.release(&array);
    memset(&schema, 0xee, sizeof schema);
    schema_was = schema;
    CHECK(was.get_schema(&stream, &schema) != 0);
    CHECK(memcmp(&schema, &schema_was, sizeof schema) == 0);
    CHECK(was.get_next(&stream, &array) != 0 && array.release == NULL);
    CHECK(was.get_last_error(&stream) == NULL);
}

static void a_range_without_rows_has_its_columns(const usm_history *history) {
    const char *const select[] = {"cpu_percent"};
    usm_query query = query_of(select);
    usm_table *table = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    query.since = now_seconds() + 1e6;
    CHECK_OK(usm_history_query(history, &query, &table));
    CHECK_OK(usm_table_arrow_stream(table, &stream));
    take(&stream, &schema, &array);
    CHECK(array.length == 0 && strcmp(schema.children[0]->name, "time") == 0);
    end(&stream, &schema, &array);
    CHECK_OK(usm_table_arrow_stream_long(table, &stream));
    take(&stream, &schema, &array);
    CHECK(array.length == 0 && strcmp(schema.children[1]->name, "metric") == 0);
    end(&stream, &schema, &array);
    usm_table_free(&table);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_recording_summary summary;
    usm_history *history = NULL;
    usm_monitor *monitor = test_monitor(folder);
    usm_state *state = NULL;
    char *path;
    CHECK_OK(usm_monitor_state(monitor, &state));
    processes_are_a_table(state);
    usm_state_free(&state);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    usm_monitor_free(&monitor);
    processes_are_a_table(state);
    usm_state_free(&state);

    path = make_recording(folder, "host.usm", &summary);
    CHECK_OK(usm_history_open(path, &history));
    a_table_is_the_same_as_an_arrow_stream(history);
    the_long_form_has_a_row_for_each_value(history);
    everything_may_be_moved(history);
    what_was_released_gives_nothing(history);
    a_range_without_rows_has_its_columns(history);
    streams_that_nobody_reads_are_released(history);
    CHECK_OK(usm_history_state_at(history, summary.last, &state));
    processes_are_a_table(state);
    usm_state_free(&state);
    usm_history_free(&history);
    free(path);
    return 0;
}
