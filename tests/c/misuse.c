/* Wrong arguments, wrong handles, and a host that does not give what is asked of it: each is
 * answered by a status and a message, and nothing else happens. */
#include <math.h>
#include <sys/stat.h>

#include "check.h"

static int32_t ignore(const usm_event *event, void *user_data) {
    (void)event;
    (void)user_data;
    return 0;
}

static void null_is_answered_everywhere(usm_monitor *monitor, usm_config *config) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    usm_metrics metrics;
    size_t count = 0;
    int32_t active = 0;
    uint64_t number = 0;
    char *json = (char *)&number;
    const char *borrowed = NULL;
    usm_metrics_init(&metrics);

    CHECK_STATUS(invalid, usm_config_new(NULL));
    CHECK_MESSAGE("config: NULL is not allowed");
    CHECK_STATUS(invalid, usm_config_set_number(NULL, "refresh_interval", 1.0));
    CHECK_STATUS(invalid, usm_config_set_number(config, NULL, 1.0));
    CHECK_MESSAGE("name: NULL is not allowed");
    CHECK_STATUS(invalid, usm_config_set_bool(NULL, "enable_alerts", 1));
    CHECK_STATUS(invalid, usm_config_set_bool(config, NULL, 1));
    CHECK_STATUS(invalid, usm_config_set_text(NULL, "log_level", "INFO"));
    CHECK_STATUS(invalid, usm_config_set_text(config, NULL, "INFO"));
    CHECK_STATUS(invalid, usm_config_set_text(config, "log_level", NULL));
    CHECK_STATUS(invalid, usm_config_set_json(NULL, "{}"));
    CHECK_STATUS(invalid, usm_config_set_json(config, NULL));
    CHECK_STATUS(invalid, usm_config_load_file(NULL, "/"));
    CHECK_STATUS(invalid, usm_config_load_file(config, NULL));
    CHECK_STATUS(invalid, usm_config_apply_environment(NULL));
    CHECK_STATUS(invalid, usm_config_get_json(NULL, NULL, &json));
    CHECK(json == NULL);
    CHECK_STATUS(invalid, usm_config_get_json(config, NULL, NULL));

    CHECK_STATUS(invalid, usm_monitor_new(config, NULL));
    CHECK_STATUS(invalid, usm_monitor_start(NULL));
    CHECK_STATUS(invalid, usm_monitor_stop(NULL));
    CHECK_STATUS(invalid, usm_monitor_is_active(NULL, &active));
    CHECK_STATUS(invalid, usm_monitor_is_active(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_collect(NULL, NULL));
    CHECK_STATUS(invalid, usm_monitor_wait(NULL, 0, 0.0, NULL));
    CHECK_STATUS(invalid, usm_monitor_flush(NULL, 0.0));
    CHECK_STATUS(invalid, usm_monitor_metrics(NULL, &metrics));
    CHECK_STATUS(invalid, usm_monitor_metrics(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_set_number(NULL, "refresh_interval", 1.0));
    CHECK_STATUS(invalid, usm_monitor_set_number(monitor, NULL, 1.0));
    CHECK_STATUS(invalid, usm_monitor_set_bool(NULL, "enable_alerts", 1));
    CHECK_STATUS(invalid, usm_monitor_set_bool(monitor, NULL, 1));
    CHECK_STATUS(invalid, usm_monitor_set_text(NULL, "log_level", "INFO"));
    CHECK_STATUS(invalid, usm_monitor_set_text(monitor, NULL, "INFO"));
    CHECK_STATUS(invalid, usm_monitor_set_text(monitor, "log_level", NULL));
    CHECK_STATUS(invalid, usm_monitor_config_json(NULL, NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_config_json(monitor, NULL, NULL));
    CHECK_STATUS(invalid, usm_monitor_state_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_state_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_report_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_report_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_doctor_json(NULL, &json));
    CHECK_STATUS(invalid, usm_monitor_doctor_json(monitor, NULL));
    CHECK_STATUS(invalid, usm_monitor_top_processes(NULL, 0, NULL, sizeof(usm_process), 0, &count));
    CHECK_STATUS(invalid, usm_monitor_subscribe(NULL, 1, ignore, NULL, NULL, &number));
    CHECK_STATUS(invalid, usm_monitor_subscribe(monitor, 1, NULL, NULL, NULL, &number));
    CHECK_STATUS(invalid, usm_monitor_subscribe(monitor, 0, ignore, NULL, NULL, &number));
    CHECK_STATUS(invalid, usm_monitor_unsubscribe(NULL, 1));
    CHECK_STATUS(invalid, usm_monitor_unsubscribe(monitor, 12345));

    CHECK(usm_event_kind(NULL) == USM_EVENT_NONE);
    CHECK(isnan(usm_event_timestamp(NULL)));
    CHECK_STATUS(invalid, usm_event_metrics(NULL, &metrics));
    CHECK_STATUS(invalid, usm_event_json(NULL, &borrowed));
    CHECK_STATUS(invalid, usm_event_json(NULL, NULL));

    usm_config_free(NULL);
    usm_monitor_free(NULL);
    usm_string_free(NULL);
}

static void settings_are_refused_with_name_value_and_range(usm_config *config) {
    const double bad[] = {NAN, -NAN, INFINITY, -INFINITY, -1.0, -0.0, 0.0, 1e300};
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                     usm_config_set_number(config, "refresh_interval", bad[i]));
        CHECK_MESSAGE("refresh_interval: ");
        CHECK_MESSAGE("0.01 to 86400 seconds");
    }
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_number(config, "max_threads", 1.5));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_number(config, "enable_alerts", 1.0));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_bool(config, "refresh_interval", 1));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_text(config, "log_level", "LOUD"));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_text(config, "refresh_intervall", "1"));
    CHECK_MESSAGE("did you mean refresh_interval?");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_json(config, "[1, 2]"));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_set_json(config, "{"));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_config_set_text(config, "log_level", "\xff\xfe"));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_config_set_number(config, "\xc3", 1.0));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_config_set_json(config, "{\"a\": \"\x80\"}"));
}

static void files_of_settings_are_refused_with_their_place(usm_config *config,
                                                           const char *folder) {
    char path[4096];
    FILE *file;
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_config_load_file(config, "/nonexistent/usm.toml"));
    CHECK_MESSAGE("/nonexistent/usm.toml");
    CHECK(usm_last_error_os_code() == 2);
    snprintf(path, sizeof path, "%s/bad.toml", folder);
    file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(fputs("max_threads = 2\nrefresh_interval = \n", file) >= 0);
    CHECK(fclose(file) == 0);
    CHECK_STATUS(USM_ERR_MALFORMED, usm_config_load_file(config, path));
    CHECK_MESSAGE("line 2");
    CHECK(usm_last_error_os_code() == 0);
}

static void handles_of_another_kind_are_seen(usm_monitor *monitor, usm_config *config) {
    usm_monitor *wrong = (usm_monitor *)(void *)config;
    usm_config *wrong_config = (usm_config *)(void *)monitor;
    usm_monitor *fresh = monitor;
    uint64_t zeros[64] = {0};
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_start(wrong));
    CHECK_MESSAGE("monitor: not a usm_monitor");
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_config_set_number(wrong_config, "max_threads", 1));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_new(wrong_config, &fresh));
    CHECK(fresh == NULL);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_stop((usm_monitor *)(void *)zeros));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE,
                 usm_monitor_stop((usm_monitor *)(void *)((char *)zeros + 1)));
    usm_monitor_free(&wrong);
    CHECK(wrong != NULL);
    CHECK_MESSAGE("not a usm_monitor");
}

static void struct_sizes_of_no_version_are_refused(usm_monitor *monitor) {
    const uint32_t sizes[] = {0, 1, 8, 23, 27, 1000000, UINT32_MAX};
    usm_metrics metrics;
    size_t i;
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(&metrics, 0x55, sizeof metrics);
        metrics.struct_size = sizes[i];
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_metrics(monitor, &metrics));
        CHECK_MESSAGE("usm_metrics_init()");
        CHECK(metrics.present == UINT64_C(0x5555555555555555));
    }
    /* An earlier caller, whose struct ends behind the first value. */
    memset(&metrics, 0x55, sizeof metrics);
    metrics.struct_size = offsetof(usm_metrics, cpu_user_percent);
    CHECK_OK(usm_monitor_metrics(monitor, &metrics));
    CHECK(metrics.struct_size == offsetof(usm_metrics, cpu_user_percent));
    CHECK(metrics.sequence == 0 && isnan(metrics.cpu_percent));
    CHECK(metrics.logical_cpus == UINT64_C(0x5555555555555555));
}

static void timeouts_that_are_none_are_refused(usm_monitor *monitor) {
    const double bad[] = {NAN, -1.0, -INFINITY};
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_wait(monitor, 0, bad[i], NULL));
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_flush(monitor, bad[i]));
    }
    CHECK_STATUS(USM_ERR_TIMED_OUT, usm_monitor_wait(monitor, 0, 0.01, NULL));
}

static void a_proc_that_is_not_there_is_told(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = (usm_monitor *)(void *)config;
    CHECK_OK(usm_config_set_text(config, "proc_root", "/nonexistent/proc"));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_monitor_new(config, &monitor));
    CHECK(monitor == NULL);
    CHECK_MESSAGE("/nonexistent/proc");
    CHECK(usm_last_error_os_code() == 2);
    usm_config_free(&config);
}

/* Neither stops the sampling. */
static void a_folder_that_cannot_be_written_and_a_corrupt_database(const char *folder) {
    char path[4096];
    char *json = NULL;
    FILE *file;
    usm_monitor *monitor;
    snprintf(path, sizeof path, "%s/a_file", folder);
    file = fopen(path, "w");
    CHECK(file != NULL && fclose(file) == 0);
    snprintf(path, sizeof path, "%s/a_file/data", folder);
    monitor = test_monitor(path);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state_json(monitor, &json));
    CHECK(strstr(json, "\"degraded\"") != NULL);
    usm_string_free(json);
    CHECK_STATUS(USM_ERR_STORE, usm_monitor_flush(monitor, 20.0));
    usm_monitor_free(&monitor);

    snprintf(path, sizeof path, "%s/corrupt", folder);
    CHECK(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/corrupt/unified_system.db", folder);
    file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(fputs("this is no database, but it is long enough to be mistaken for one", file) >= 0);
    CHECK(fclose(file) == 0);
    snprintf(path, sizeof path, "%s/corrupt", folder);
    monitor = test_monitor(path);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_flush(monitor, 20.0));
    usm_monitor_free(&monitor);
}

static void without_a_database_there_is_nothing_to_flush(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_monitor_flush(monitor, 1.0));
    usm_config_free(&config);
    usm_monitor_free(&monitor);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_config *config;
    usm_monitor *monitor;

    CHECK(strcmp(usm_last_error_message(), "") == 0);
    CHECK(usm_last_error_os_code() == 0);
    CHECK(strcmp(usm_status_name(USM_ERR_FORKED), "USM_ERR_FORKED") == 0);
    CHECK(strcmp(usm_status_name(77), "unknown status") == 0);
    CHECK(strcmp(usm_event_kind_name(USM_EVENT_STORE_DEGRADED), "store_degraded") == 0);
    CHECK(strcmp(usm_event_kind_name(77), "unknown") == 0);

    config = test_config(folder);
    monitor = test_monitor(folder);
    null_is_answered_everywhere(monitor, config);
    settings_are_refused_with_name_value_and_range(config);
    files_of_settings_are_refused_with_their_place(config, folder);
    handles_of_another_kind_are_seen(monitor, config);
    struct_sizes_of_no_version_are_refused(monitor);
    timeouts_that_are_none_are_refused(monitor);
    usm_monitor_free(&monitor);
    usm_config_free(&config);

    a_proc_that_is_not_there_is_told(folder);
    a_folder_that_cannot_be_written_and_a_corrupt_database(folder);
    without_a_database_there_is_nothing_to_flush(folder);
    return 0;
}
