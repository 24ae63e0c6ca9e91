/* A monitor's life from C: made, started, read, changed, stopped, started again, freed. */
#include <math.h>

#include "check.h"

static void settings_are_read_back(const char *folder) {
    usm_config *config = test_config(folder);
    char *json = NULL;
    CHECK_OK(usm_config_set_bool(config, "enable_alerts", 0));
    CHECK_OK(usm_config_set_number(config, "max_threads", 3.0));
    CHECK_OK(usm_config_get_json(config, "max_threads", &json));
    CHECK(strcmp(json, "3") == 0);
    usm_string_free(json);
    CHECK_OK(usm_config_set_json(config, "{\"max_threads\": 2, \"retention_days\": 1.5}"));
    CHECK_OK(usm_config_get_json(config, NULL, &json));
    CHECK(strstr(json, "\"max_threads\":2,") != NULL);
    CHECK(strstr(json, "\"enable_alerts\":false,") != NULL);
    CHECK(strstr(json, "\"retention_days\":1.5,") != NULL);
    usm_string_free(json);
    usm_config_free(&config);
    usm_config_free(&config);
}

static void a_file_of_settings_is_loaded(const char *folder) {
    char path[4096];
    char *json = NULL;
    usm_config *config = test_config(folder);
    FILE *file;
    snprintf(path, sizeof path, "%s/settings.toml", folder);
    file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(fputs("refresh_interval = 7.5\n", file) >= 0);
    CHECK(fclose(file) == 0);
    CHECK_OK(usm_config_load_file(config, path));
    CHECK_OK(usm_config_get_json(config, "refresh_interval", &json));
    CHECK(strcmp(json, "7.5") == 0);
    usm_string_free(json);
    usm_config_free(&config);
}

static void numbers_are_those_of_this_host(const usm_monitor *monitor) {
    usm_metrics metrics;
    usm_metrics_init(&metrics);
    CHECK_OK(usm_monitor_metrics(monitor, &metrics));
    CHECK(metrics.struct_size == sizeof metrics);
    CHECK(metrics.sequence >= 1);
    CHECK(metrics.timestamp > 1.6e9);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_CPU_PERCENT));
    CHECK(metrics.cpu_percent >= 0.0 && metrics.cpu_percent <= 100.0);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_LOGICAL_CPUS) && metrics.logical_cpus >= 1);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_MEMORY_TOTAL_BYTES));
    CHECK(metrics.memory_used_bytes > 0);
    CHECK(metrics.memory_used_bytes <= metrics.memory_total_bytes);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_MONITOR_RSS_BYTES));
    CHECK(metrics.monitor_rss_bytes > 100 * 1024);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_HEALTH_SCORE));
    CHECK(metrics.health_score >= 0.0 && metrics.health_score <= 100.0);
    CHECK(usm_metrics_has(&metrics, USM_METRIC_TEMPERATURE_CELSIUS) ==
          !isnan(metrics.temperature_celsius));
}

static void json_holds_the_state_and_its_sources(const usm_monitor *monitor) {
    char *json = NULL;
    CHECK_OK(usm_monitor_state_json(monitor, &json));
    CHECK(json[0] == '{' && strstr(json, "\"cpu_percent\":") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_report_json(monitor, &json));
    CHECK(strstr(json, "\"component_status\":") != NULL);
    usm_string_free(json);
    CHECK_OK(usm_monitor_doctor_json(monitor, &json));
    CHECK(strstr(json, "\"availability\":\"available\"") != NULL);
    usm_string_free(json);
}

static void settings_change_while_it_runs(usm_monitor *monitor) {
    char *json = NULL;
    CHECK_OK(usm_monitor_set_number(monitor, "refresh_interval", 0.05));
    CHECK_OK(usm_monitor_set_bool(monitor, "process_io", 0));
    CHECK_OK(usm_monitor_set_text(monitor, "log_level", "error"));
    CHECK_OK(usm_monitor_config_json(monitor, "refresh_interval", &json));
    CHECK(strcmp(json, "0.05") == 0);
    usm_string_free(json);
    CHECK_OK(usm_monitor_config_json(monitor, NULL, &json));
    CHECK(strstr(json, "\"log_level\":\"ERROR\"") != NULL);
    usm_string_free(json);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_set_number(monitor, "refresh_interval", -1.0));
    CHECK_OK(usm_monitor_config_json(monitor, "refresh_interval", &json));
    CHECK(strcmp(json, "0.05") == 0);
    usm_string_free(json);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_monitor *monitor = NULL;
    usm_metrics metrics;
    uint64_t first = 0;
    uint64_t second = 0;
    int32_t active = 7;

    settings_are_read_back(folder);
    a_file_of_settings_is_loaded(folder);

    monitor = test_monitor(folder);
    CHECK_OK(usm_monitor_is_active(monitor, &active));
    CHECK(active == 0);
    usm_metrics_init(&metrics);
    CHECK_OK(usm_monitor_metrics(monitor, &metrics));
    CHECK(metrics.sequence == 0 && metrics.present == 0 && isnan(metrics.cpu_percent));

    /* Without a running loop a sample can be taken by hand. */
    CHECK_OK(usm_monitor_collect(monitor, &first));
    CHECK(first == 1);
    numbers_are_those_of_this_host(monitor);

    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_is_active(monitor, &active));
    CHECK(active == 1);
    CHECK_OK(usm_monitor_wait(monitor, first, 20.0, &second));
    CHECK(second > first);
    CHECK_OK(usm_monitor_wait(monitor, second, INFINITY, NULL));
    numbers_are_those_of_this_host(monitor);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    json_holds_the_state_and_its_sources(monitor);
    settings_change_while_it_runs(monitor);
    CHECK_OK(usm_monitor_flush(monitor, 20.0));

    CHECK_OK(usm_monitor_stop(monitor));
    CHECK_OK(usm_monitor_stop(monitor));
    CHECK_OK(usm_monitor_is_active(monitor, &active));
    CHECK(active == 0);
    CHECK_OK(usm_monitor_wait(monitor, 0, 0.0, &first));
    CHECK_STATUS(USM_ERR_TIMED_OUT, usm_monitor_wait(monitor, first, 0.0, NULL));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, first, 20.0, NULL));

    /* Freed while it runs; a second time is harmless. */
    usm_monitor_free(&monitor);
    CHECK(monitor == NULL);
    usm_monitor_free(&monitor);
    return 0;
}
