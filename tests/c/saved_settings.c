/* Settings that are saved in a folder of the test's own, and settings in layers. */
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[4000];

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0);
    CHECK(fclose(file) == 0);
}

static void check_saved(const char *in, const char *wanted) {
    char *json = NULL;
    CHECK_OK(usm_saved_settings_json(in, &json));
    if (strcmp(json, wanted) != 0) fprintf(stderr, "%s\n", json);
    CHECK(strcmp(json, wanted) == 0);
    usm_string_free(json);
}

static void check_setting(const usm_config *config, const char *name, const char *wanted) {
    char *json = NULL;
    CHECK_OK(usm_config_get_json(config, name, &json));
    if (strcmp(json, wanted) != 0) fprintf(stderr, "%s: %s\n", name, json);
    CHECK(strcmp(json, wanted) == 0);
    usm_string_free(json);
}

static void settings_are_saved_and_taken_back(void) {
    struct stat found;
    check_saved(folder, "{}");
    CHECK(stat(folder, &found) != 0);
    CHECK_OK(usm_saved_settings_set(folder, "refresh_interval", "3"));
    CHECK_OK(usm_saved_settings_set(folder, "enable_ml", "off"));
    CHECK(stat(folder, &found) == 0 && (found.st_mode & 0777) == 0700);
    check_saved(folder, "{\"enable_ml\":false,\"refresh_interval\":3.0}");
    CHECK_OK(usm_saved_settings_reset(folder, "enable_ml"));
    CHECK_OK(usm_saved_settings_reset(folder, "enable_ml"));
    check_saved(folder, "{\"refresh_interval\":3.0}");
    CHECK_OK(usm_saved_settings_reset(folder, NULL));
    check_saved(folder, "{}");
    /* The default folder. */
    CHECK_OK(usm_saved_settings_set(NULL, "max_threads", "7"));
    check_saved(NULL, "{\"max_threads\":7}");
    check_saved(getenv("USM_DATA_DIR"), "{\"max_threads\":7}");
    CHECK_OK(usm_saved_settings_reset(NULL, NULL));
}

static void layers_lie_one_over_the_other(void) {
    usm_config *config = NULL;
    char file[4096];
    char wanted[4096];
    snprintf(file, sizeof file, "%s/usm.toml", folder);
    write_file(file, "max_threads = 2\nretention_days = 9.0\n");
    CHECK_OK(usm_saved_settings_set(folder, "refresh_interval", "3"));
    CHECK_OK(usm_saved_settings_set(folder, "max_threads", "8"));
    CHECK_OK(usm_saved_settings_set(folder, "retention_days", "8"));
    CHECK(setenv("USM_RETENTION_DAYS", "10", 1) == 0);
    CHECK_OK(usm_config_new_layered(folder, file, &config));
    check_setting(config, "refresh_interval", "3.0");
    check_setting(config, "max_threads", "2");
    check_setting(config, "retention_days", "10.0");
    snprintf(wanted, sizeof wanted, "\"%s\"", folder);
    check_setting(config, "data_dir", wanted);
    usm_config_free(&config);
    CHECK_OK(usm_config_new_layered(NULL, NULL, &config));
    check_setting(config, "max_threads", "4");
    usm_config_free(&config);

    CHECK_OK(usm_config_new(&config));
    CHECK_OK(usm_config_set_number(config, "max_threads", 1));
    CHECK_OK(usm_config_apply_saved(config, folder));
    check_setting(config, "max_threads", "8");
    check_setting(config, "retention_days", "8.0");
    CHECK_OK(usm_config_apply_saved(config, NULL));
    check_setting(config, "max_threads", "8");
    usm_config_free(&config);
    CHECK(unsetenv("USM_RETENTION_DAYS") == 0);
}

static void what_is_wrong_is_told_and_changes_nothing(void) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    usm_config *config = NULL;
    usm_config *layered = (usm_config *)(void *)&config;
    char *json = (char *)&config;
    char path[4096];
    char before[] = "{\"max_threads\":8,\"refresh_interval\":3.0,\"retention_days\":8.0}";
    CHECK_STATUS(invalid, usm_saved_settings_set(folder, "max_thread", "3"));
    CHECK_MESSAGE("max_threads");
    CHECK_STATUS(invalid, usm_saved_settings_set(folder, "max_threads", "many"));
    CHECK_STATUS(invalid, usm_saved_settings_set(folder, "data_dir", "/tmp"));
    CHECK_STATUS(invalid, usm_saved_settings_set(folder, NULL, "3"));
    CHECK_STATUS(invalid, usm_saved_settings_set(folder, "max_threads", NULL));
    CHECK_STATUS(invalid, usm_saved_settings_reset(folder, "max_thread"));
    CHECK_STATUS(invalid, usm_saved_settings_json(folder, NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_saved_settings_json("\xff", &json));
    CHECK(json == NULL);
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_saved_settings_set(folder, "\xff", "3"));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_saved_settings_set(folder, "max_threads", "\xff"));
    CHECK(usm_saved_settings_set("/proc/usm", "max_threads", "3") != USM_OK);
    CHECK_STATUS(invalid, usm_config_new_layered(folder, NULL, NULL));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_config_new_layered(folder, "/nonexistent/a.toml", &layered));
    CHECK(layered == NULL);
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_config_new_layered("\xff", NULL, &layered));
    CHECK_STATUS(invalid, usm_config_apply_saved(NULL, folder));
    check_saved(folder, before);

    CHECK_OK(usm_config_new(&config));
    snprintf(path, sizeof path, "%s/settings.toml", folder);
    write_file(path, "max_threads = 3\nrefresh_interval = \n");
    CHECK_STATUS(USM_ERR_MALFORMED, usm_config_apply_saved(config, folder));
    CHECK_MESSAGE("line 2");
    check_setting(config, "max_threads", "4");
    CHECK_STATUS(USM_ERR_MALFORMED, usm_saved_settings_set(folder, "max_threads", "5"));
    CHECK_STATUS(USM_ERR_MALFORMED, usm_config_new_layered(folder, NULL, &layered));
    CHECK_OK(usm_saved_settings_reset(folder, NULL));
    check_saved(folder, "{}");
    usm_config_free(&config);
}

static void every_setting_is_listed(void) {
    char *json = NULL;
    CHECK_OK(usm_settings_json(&json));
    CHECK(json[0] == '[' && strstr(json, "\"refresh_interval\"") != NULL);
    CHECK(strstr(json, "\"allowed\"") != NULL && strstr(json, "\"live\":true") != NULL);
    usm_string_free(json);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_settings_json(NULL));
}

int main(int argc, char **argv) {
    snprintf(folder, sizeof folder, "%s/data", test_folder(argc, argv));
    settings_are_saved_and_taken_back();
    layers_lie_one_over_the_other();
    what_is_wrong_is_told_and_changes_nothing();
    every_setting_is_listed();
    return 0;
}
