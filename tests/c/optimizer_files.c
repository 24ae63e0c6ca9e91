/* Disk cleanup from C, in folders of the test's own: shown before, put aside, restored; and
 * the folders that grew. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static void write_file(const char *path, size_t bytes) {
    FILE *file = fopen(path, "w");
    size_t i;
    CHECK(file != NULL);
    for (i = 0; i < bytes; i++) CHECK(fputc('x', file) == 'x');
    CHECK(fclose(file) == 0);
}

/* As if it had been written ten days ago. */
static void make_old(const char *path) {
    struct timespec times[2];
    CHECK(clock_gettime(CLOCK_REALTIME, &times[0]) == 0);
    times[0].tv_sec -= 10 * 86400;
    times[1] = times[0];
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

static int32_t stop(const usm_progress *progress, void *user_data) {
    (void)progress;
    ++*(int *)user_data;
    return 1;
}

static void old_files_are_put_aside_and_restored(usm_optimizer *optimizer, const char *junk) {
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    usm_action_list *actions = NULL;
    usm_execution_report *report = NULL;
    usm_action_result result;
    struct stat before;
    struct stat after;
    char *json = NULL;
    usm_action_result_init(&result);
    CHECK(stat(junk, &before) == 0);

    CHECK_OK(usm_optimizer_cleanup_preview_json(optimizer, NULL, &json));
    CHECK(strstr(json, "a.old") != NULL && strstr(json, "\"files\":1") != NULL);
    usm_string_free(json);

    CHECK_OK(usm_action_list_from_json(
        "{\"action_type\": \"cleanup_disk\", \"target_id\": \"system_disk\"}", &actions));
    options.allowed_risk = USM_RISK_MEDIUM;
    CHECK_OK(usm_optimizer_execute(optimizer, actions, &options, &report));
    CHECK_OK(usm_execution_report_at(report, 0, &result));
    printf("%s\n", result.reason);
    CHECK(result.success == 1 && result.dry_run == 1 && result.quarantined_bytes >= 65536.0);
    CHECK(stat(junk, &after) == 0 && after.st_ino == before.st_ino);
    usm_execution_report_free(&report);

    options.dry_run = 0;
    CHECK_OK(usm_optimizer_execute(optimizer, actions, &options, &report));
    usm_action_result_init(&result);
    CHECK_OK(usm_execution_report_at(report, 0, &result));
    printf("%s\n", result.reason);
    CHECK(result.success == 1 && result.quarantined_bytes >= 65536.0);
    CHECK(stat(junk, &after) != 0);
    CHECK_OK(usm_optimizer_quarantines_json(optimizer, &json));
    CHECK(strstr(json, "\"action_id\":") != NULL);
    usm_string_free(json);

    CHECK_OK(usm_optimizer_rollback(optimizer, result.action_id, &json));
    printf("%s\n", json);
    usm_string_free(json);
    CHECK(stat(junk, &after) == 0 && after.st_ino == before.st_ino);
    CHECK(after.st_size == before.st_size && after.st_mtime == before.st_mtime);
    CHECK_OK(usm_optimizer_quarantines_json(optimizer, &json));
    CHECK(strcmp(json, "[]") == 0);
    usm_string_free(json);
    usm_execution_report_free(&report);
    usm_action_list_free(&actions);
}

static void what_grew_is_found_at_the_second_look(usm_optimizer *optimizer, const char *folder) {
    usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
    char path[8192];
    char *json = NULL;
    int calls = 0;
    int i;
    snprintf(path, sizeof path, "%s/deep", folder);
    CHECK(mkdir(path, 0700) == 0);
    CHECK_OK(usm_optimizer_growth_json(optimizer, folder, NULL, &json));
    CHECK(strstr(json, "\"since\":null") != NULL && strstr(json, "\"grown\":[]") != NULL);
    usm_string_free(json);
    snprintf(path, sizeof path, "%s/deep/new", folder);
    write_file(path, 1 << 20);
    CHECK_OK(usm_optimizer_growth_json(optimizer, folder, NULL, &json));
    CHECK(strstr(json, "\"path\":\"deep\"") != NULL);
    usm_string_free(json);
    CHECK_STATUS(USM_ERR_NOT_FOUND,
                 usm_optimizer_growth_json(optimizer, "/nonexistent/folder", NULL, &json));
    CHECK(json == NULL);
    /* It is told of each few hundred folders. */
    for (i = 0; i < 600; i++) {
        snprintf(path, sizeof path, "%s/deep/%d", folder, i);
        CHECK(mkdir(path, 0700) == 0);
    }
    options.progress = stop;
    options.user_data = &calls;
    CHECK_STATUS(USM_ERR_INVALID_STATE,
                 usm_optimizer_growth_json(optimizer, folder, &options, &json));
    CHECK(calls > 0 && json == NULL);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_config *config = test_config(folder);
    usm_optimizer *optimizer = NULL;
    char path[4096];
    char junk[4096];
    char settings[8192];
    snprintf(path, sizeof path, "%s/junk", folder);
    CHECK(mkdir(path, 0700) == 0);
    snprintf(settings, sizeof settings,
             "{\"cleanup_builtin\": false, \"cleanup_age_seconds\": 0,"
             " \"cleanup_folders\": [\"%s\"]}", path);
    snprintf(junk, sizeof junk, "%s/junk/a.old", folder);
    write_file(junk, 65536);
    make_old(junk);
    CHECK_OK(usm_optimizer_new(config, settings, &optimizer));
    old_files_are_put_aside_and_restored(optimizer, junk);
    snprintf(path, sizeof path, "%s/grows", folder);
    CHECK(mkdir(path, 0700) == 0);
    what_grew_is_found_at_the_second_look(optimizer, path);
    usm_optimizer_free(&optimizer);
    usm_config_free(&config);
    return 0;
}
