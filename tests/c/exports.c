/* Exports and reports of a recording that the test makes for itself: to a file, into a folder,
 * as text and piece by piece; callbacks that call back in and that end it; and misuse. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording.h"

typedef struct {
    const char *source;
    int calls;
    int ends_at;
} witness;

static int32_t watch(const usm_progress *progress, void *user_data) {
    witness *seen = (witness *)user_data;
    CHECK(progress->total == 1000 && progress->done <= 1000);
    CHECK(strcmp(progress->stage, "exporting") == 0 || strcmp(progress->stage, "reporting") == 0);
    return ++seen->calls == seen->ends_at;
}

typedef struct {
    witness seen;
    char *text;
    size_t length;
} collected;

static int32_t collect(const char *bytes, size_t count, void *user_data) {
    collected *all = (collected *)user_data;
    CHECK(count > 0);
    all->text = (char *)realloc(all->text, all->length + count + 1);
    CHECK(all->text != NULL);
    memcpy(all->text + all->length, bytes, count);
    all->length += count;
    all->text[all->length] = '\0';
    if (all->seen.source != NULL) {
        /* It may call back in. */
        char *again = NULL;
        CHECK_OK(usm_export_text(all->seen.source, NULL, &again));
        CHECK(again != NULL);
        usm_string_free(again);
    }
    return ++all->seen.calls == all->seen.ends_at ? 77 : 0;
}

static char *contents(const char *path, size_t bytes) {
    FILE *file = fopen(path, "r");
    char *text = (char *)malloc(bytes + 2);
    CHECK(file != NULL && text != NULL);
    CHECK(fread(text, 1, bytes + 1, file) == bytes);
    CHECK(fclose(file) == 0);
    text[bytes] = '\0';
    return text;
}

static size_t lines_in(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) count += *text == '\n';
    return count;
}

/* A page takes half a minute under valgrind. */
static uint32_t page_format(void) {
    return getenv("CHECK_SLOW") == NULL ? USM_FORMAT_HTML : USM_FORMAT_JSON;
}

/* Files in a folder. */
static size_t entries(const char *folder) {
    DIR *open = opendir(folder);
    size_t count = 0;
    struct dirent *entry;
    CHECK(open != NULL);
    while ((entry = readdir(open)) != NULL) count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(open);
    return count;
}

static void metrics_go_to_a_file(const char *source, const char *folder, uint64_t samples) {
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
    usm_written written;
    witness seen = {NULL, 0, 0};
    char *to = path_in(folder, "day.csv");
    char *path = NULL;
    char *notes = NULL;
    char *text;
    char *again = NULL;
    struct stat found;
    usm_written_init(&written);
    options.progress = watch;
    options.user_data = &seen;
    CHECK_OK(usm_export(source, &options, to, &written, &path, &notes));
    CHECK(written.is_written == 1 && written.rows >= 1 && written.rows <= samples);
    CHECK(strcmp(path, to) == 0 && strcmp(notes, "") == 0);
    CHECK(seen.calls > 0);
    CHECK(stat(to, &found) == 0 && (uint64_t)found.st_size == written.bytes);
    CHECK((found.st_mode & 0777) == 0600);
    text = contents(to, written.bytes);
    CHECK(strstr(text, "cpu_percent") != NULL);
    CHECK(lines_in(text) == written.rows + 1);
    /* NULL is the same, and what is there is replaced; nothing has to be wanted. */
    CHECK_OK(usm_export(source, NULL, to, NULL, NULL, NULL));
    CHECK_OK(usm_export_text(source, NULL, &again));
    CHECK(strcmp(text, again) == 0);
    usm_string_free(again);
    free(text);
    usm_string_free(path);
    usm_string_free(notes);
    free(to);
}

static void every_kind_has_every_format(const char *source, const char *folder) {
    uint32_t kind;
    uint32_t format;
    char *place = path_in(folder, "exports");
    size_t files = 0;
    CHECK(mkdir(place, 0700) == 0);
    for (kind = USM_EXPORT_METRICS; kind <= USM_EXPORT_PREDICTIONS; kind++) {
        for (format = USM_FORMAT_CSV; format <= page_format(); format++) {
            usm_export_options options = USM_EXPORT_OPTIONS_INIT;
            usm_written written;
            char *path = (char *)&written;
            usm_written_init(&written);
            options.kind = kind;
            options.format = format;
            options.since = 0.0;
            CHECK_OK(usm_export(source, &options, place, &written, &path, NULL));
            CHECK((path != NULL) == (written.rows > 0) && written.is_written == (path != NULL));
            CHECK(kind != USM_EXPORT_METRICS || path != NULL);
            files += path != NULL;
            usm_string_free(path);
        }
    }
    CHECK(entries(place) == files && files >= 2);
    free(place);
}

static void rows_can_be_wider_and_show_extremes(const char *source) {
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
    char *fine = NULL;
    char *wide = NULL;
    options.format = USM_FORMAT_CSV;
    CHECK_OK(usm_export_text(source, &options, &fine));
    options.step_seconds = 3600.0;
    options.extremes = 1;
    CHECK_OK(usm_export_text(source, &options, &wide));
    CHECK(lines_in(wide) < lines_in(fine));
    CHECK(strstr(fine, "_max") == NULL && strstr(wide, "_max") != NULL);
    usm_string_free(fine);
    usm_string_free(wide);
}

static void pieces_are_handed_on(const char *source) {
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
    usm_written written;
    collected all = {{source, 0, 0}, NULL, 0};
    collected ended = {{NULL, 0, 1}, NULL, 0};
    witness seen = {NULL, 0, 1};
    char *notes = NULL;
    options.format = page_format();
    usm_written_init(&written);
    CHECK_OK(usm_export_write(source, &options, collect, &all, &written, &notes));
    CHECK(written.is_written == 1 && written.bytes == all.length);
    if (options.format == USM_FORMAT_HTML) {
        CHECK(strstr(all.text, "<html") != NULL && strstr(all.text, "</html>") != NULL);
    }
    usm_string_free(notes);
    free(all.text);

    options.format = USM_FORMAT_CSV;
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_export_write(source, &options, collect, &ended, NULL, NULL));
    CHECK_MESSAGE("returned 77");
    CHECK(ended.seen.calls == 1);
    free(ended.text);

    /* Ended by the other callback, nothing more is handed on. */
    options.progress = watch;
    options.user_data = &seen;
    memset(&ended, 0, sizeof ended);
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_export_write(source, &options, collect, &ended, NULL, NULL));
    CHECK(ended.seen.calls == 0);
}

static void one_that_is_ended_leaves_no_file(const char *source, const char *folder) {
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
    usm_report_options of_report = USM_REPORT_OPTIONS_INIT;
    witness seen = {NULL, 0, 1};
    char *place = path_in(folder, "ended");
    char *to = path_in(place, "day.csv");
    char *path = (char *)&seen;
    CHECK(mkdir(place, 0700) == 0);
    options.progress = watch;
    options.user_data = &seen;
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_export(source, &options, to, NULL, &path, NULL));
    CHECK(path == NULL && seen.calls == 1);
    of_report.progress = watch;
    of_report.user_data = &seen;
    seen.calls = 0;
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_report_write(source, &of_report, to, NULL, NULL));
    CHECK(entries(place) == 0);
    free(place);
    free(to);
}

static void without_data_there_is_no_file(const char *source, const char *folder) {
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
    usm_report_options of_report = USM_REPORT_OPTIONS_INIT;
    usm_written written;
    char *to = path_in(folder, "nothing.csv");
    char *text = (char *)&written;
    struct stat found;
    usm_written_init(&written);
    options.until = of_report.until = 1000.0;
    options.since = 1.0;
    CHECK_OK(usm_export(source, &options, to, &written, &text, NULL));
    CHECK(written.is_written == 0 && written.rows == 0 && text == NULL);
    options.since = of_report.since = 0.0;
    CHECK_OK(usm_export_text(source, &options, &text));
    CHECK(text == NULL);
    CHECK_OK(usm_report_json(source, &of_report, &text));
    CHECK(text == NULL);
    CHECK_OK(usm_report_write(source, &of_report, to, &written, &text));
    CHECK(written.is_written == 0 && text == NULL);
    CHECK(stat(to, &found) != 0);
    free(to);
}

static void reports_are_written_and_given(const char *source, const char *folder) {
    usm_report_options options = USM_REPORT_OPTIONS_INIT;
    usm_written written;
    witness seen = {NULL, 0, 0};
    char *path = NULL;
    char *json = NULL;
    char *page;
    usm_written_init(&written);
    CHECK_OK(usm_report_write(source, NULL, folder, &written, &path));
    CHECK(strstr(path, "system_health_report_24h_") != NULL && strstr(path, ".html") != NULL);
    page = contents(path, written.bytes);
    CHECK(strstr(page, "</html>") != NULL);
    free(page);
    CHECK(unlink(path) == 0);
    usm_string_free(path);

    options.progress = watch;
    options.user_data = &seen;
    CHECK_OK(usm_report_json(source, &options, &json));
    CHECK(json[0] == '{' && seen.calls > 0);
    usm_string_free(json);
    options.kind = USM_REPORT_TRENDS;
    options.format = USM_FORMAT_JSON;
    CHECK_OK(usm_report_json(source, &options, &json));
    CHECK(json[0] == '{');
    usm_string_free(json);
    CHECK_OK(usm_report_write(source, &options, folder, &written, &path));
    CHECK(strstr(path, "performance_trends_report_24h_") != NULL);
    CHECK(unlink(path) == 0);
    usm_string_free(path);
    options.format = USM_FORMAT_CSV;
    CHECK_STATUS(USM_ERR_UNSUPPORTED, usm_report_write(source, &options, folder, NULL, NULL));
    CHECK_MESSAGE("CSV");
}

static void misuse_is_answered(const char *source, const char *folder) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    const usm_export_options plain = USM_EXPORT_OPTIONS_INIT;
    usm_export_options options = plain;
    usm_report_options of_report = USM_REPORT_OPTIONS_INIT;
    usm_written written;
    collected all = {{NULL, 0, 0}, NULL, 0};
    char *text = (char *)&all;
    const double odd[] = {NAN, INFINITY, -INFINITY};
    size_t i;
    struct {
        usm_export_options known;
        uint64_t unknown;
    } later = {USM_EXPORT_OPTIONS_INIT, 1};
    usm_written_init(&written);
    CHECK_STATUS(invalid, usm_export(source, NULL, NULL, &written, &text, NULL));
    CHECK_MESSAGE("to: NULL is not allowed");
    CHECK(text == NULL);
    CHECK_STATUS(invalid, usm_export_text(source, NULL, NULL));
    CHECK_STATUS(invalid, usm_export_write(source, NULL, NULL, NULL, NULL, NULL));
    CHECK_MESSAGE("write: NULL is not allowed");
    CHECK_STATUS(invalid, usm_report_write(source, NULL, NULL, NULL, NULL));
    CHECK_STATUS(invalid, usm_report_json(source, NULL, NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_export(source, NULL, "\xff", NULL, NULL, NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_report_json("\xff", NULL, &text));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_export_text("/nonexistent/folder", NULL, &text));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_report_json("/nonexistent/folder", NULL, &text));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_export(source, NULL, "/nonexistent/a.csv", NULL, NULL, NULL));
    CHECK_MESSAGE("/nonexistent/a.csv");
    CHECK(usm_export(source, NULL, "/proc/usm.csv", NULL, NULL, NULL) != USM_OK);
    CHECK_MESSAGE("/proc/usm.csv");

    for (i = 0; i < sizeof odd / sizeof *odd; i++) {
        options = plain;
        options.since = odd[i];
        CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
        options = plain;
        options.until = odd[i];
        CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
        options = plain;
        options.step_seconds = odd[i];
        CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
        of_report.since = odd[i];
        CHECK_STATUS(invalid, usm_report_json(source, &of_report, &text));
    }
    options = plain;
    options.until = -1.0;
    CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
    options = plain;
    options.since = 2e9;
    options.until = 1e9;
    CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
    options = plain;
    options.since = -1e300;
    CHECK_OK(usm_export_text(source, &options, &text));
    CHECK(text != NULL);
    usm_string_free(text);
    options = plain;
    options.kind = 3;
    CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
    CHECK_MESSAGE("USM_EXPORT_...");
    options = plain;
    options.format = 0xFFFFFFFFu;
    CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
    options = plain;
    options.struct_size = 4;
    CHECK_STATUS(invalid, usm_export_text(source, &options, &text));
    CHECK_MESSAGE("USM_EXPORT_OPTIONS_INIT");
    later.known.struct_size = (uint32_t)sizeof later;
    CHECK_STATUS(USM_ERR_UNSUPPORTED, usm_export_text(source, &later.known, &text));
    of_report = (usm_report_options)USM_REPORT_OPTIONS_INIT;
    of_report.kind = 2;
    CHECK_STATUS(invalid, usm_report_json(source, &of_report, &text));
    written.struct_size = 1;
    CHECK_STATUS(invalid, usm_export(source, NULL, folder, &written, NULL, NULL));
    CHECK_MESSAGE("usm_written_init()");
    CHECK(all.text == NULL);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_recording_summary summary;
    char *source = make_recording(folder, "host.usm", &summary);
    char *kept = NULL;
    metrics_go_to_a_file(source, folder, summary.samples);
    every_kind_has_every_format(source, folder);
    rows_can_be_wider_and_show_extremes(source);
    pieces_are_handed_on(source);
    one_that_is_ended_leaves_no_file(source, folder);
    without_data_there_is_no_file(source, folder);
    reports_are_written_and_given(source, folder);
    misuse_is_answered(source, folder);
    /* The default folder is that of the environment. */
    CHECK_OK(usm_default_folder(&kept));
    CHECK(strcmp(kept, getenv("USM_DATA_DIR")) == 0);
    usm_string_free(kept);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_default_folder(NULL));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_export_text(NULL, NULL, &kept));
    free(source);
    return 0;
}
