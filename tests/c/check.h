/* What the C and C++ tests share: checks that say where they failed, and settings that keep
 * everything in the folder that the test was given. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usm.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) check_failed(__FILE__, __LINE__, #condition); \
    } while (0)

/* The call returns the status. */
#define CHECK_STATUS(wanted, call) check_status(__FILE__, __LINE__, #call, (wanted), (call))
#define CHECK_OK(call) CHECK_STATUS(USM_OK, call)

static inline void check_failed(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: not true: %s (last error: %s)\n", file, line, what,
            usm_last_error_message());
    exit(1);
}

static inline void check_status(const char *file, int line, const char *call, usm_status wanted,
                                usm_status status) {
    if (status == wanted) return;
    fprintf(stderr, "%s:%d: %s returned %s, wanted %s (last error: %s)\n", file, line, call,
            usm_status_name(status), usm_status_name(wanted), usm_last_error_message());
    exit(1);
}

/* The last error's message contains a text. */
static inline void check_message(const char *file, int line, const char *text) {
    if (strstr(usm_last_error_message(), text) != NULL) return;
    fprintf(stderr, "%s:%d: \"%s\" is not in: %s\n", file, line, text, usm_last_error_message());
    exit(1);
}
#define CHECK_MESSAGE(text) check_message(__FILE__, __LINE__, (text))

static inline const char *test_folder(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s <empty folder>\n", argv[0]);
        exit(2);
    }
    return argv[1];
}

/* Ten samples a second, and the database in the test's own folder. What the environment says
 * goes before the defaults, so that the test's caller can adapt it to valgrind. */
static inline usm_config *test_config(const char *folder) {
    usm_config *config = NULL;
    CHECK_OK(usm_config_new(&config));
    CHECK_OK(usm_config_apply_environment(config));
    CHECK_OK(usm_config_set_text(config, "data_dir", folder));
    CHECK_OK(usm_config_set_number(config, "refresh_interval", 0.1));
    CHECK_OK(usm_config_set_number(config, "commit_interval", 0.1));
    return config;
}

static inline usm_monitor *test_monitor(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    CHECK_OK(usm_monitor_new(config, &monitor));
    CHECK(monitor != NULL);
    usm_config_free(&config);
    CHECK(config == NULL);
    return monitor;
}

#endif /* CHECK_H */
