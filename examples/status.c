/*
 * Shows the state of this host every second and tells when something happens.
 *
 *     cc -std=c99 -o status status.c -lusm
 *     ./status 10               ten seconds, history in the default data folder
 *     ./status 10 /tmp/history  history in a folder of one's own
 *
 * Where the library is not installed: -I <project>/include, and in place of -lusm the path
 * of libusm.a followed by -lpthread -ldl -lm.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <usm.h>

/* Runs on a thread of the library's own; returns 0 for "all went well". */
static int32_t on_event(const usm_event *event, void *user_data) {
    const char *json = NULL;
    (void)user_data;
    if (usm_event_json(event, &json) != USM_OK) return 1;
    printf("* %s: %.160s\n", usm_event_kind_name(usm_event_kind(event)), json);
    return 0;
}

static void show_number(const char *what, double value, const char *unit, int known) {
    if (known) {
        printf("  %s %.1f %s", what, value, unit);
    } else {
        printf("  %s unknown", what);
    }
}

static void show(const usm_metrics *m) {
    printf("#%" PRIu64, m->sequence);
    show_number("cpu", m->cpu_percent, "%", usm_metrics_has(m, USM_METRIC_CPU_PERCENT));
    show_number("memory", m->memory_percent, "%", usm_metrics_has(m, USM_METRIC_MEMORY_PERCENT));
    show_number("disk", m->disk_percent, "%", usm_metrics_has(m, USM_METRIC_DISK_PERCENT));
    show_number("health", m->health_score, "of 100", usm_metrics_has(m, USM_METRIC_HEALTH_SCORE));
    printf("\n");
}

static void show_busiest(const usm_monitor *monitor) {
    usm_process top[3];
    size_t count = 0;
    size_t i;
    if (usm_monitor_top_processes(monitor, USM_ORDER_CPU, top, sizeof *top, 3, &count) != USM_OK)
        return;
    for (i = 0; i < count && i < 3; i++) {
        printf("    %" PRId32 " %s: %" PRIu64 " KiB resident\n", top[i].pid, top[i].name,
               top[i].rss_bytes / 1024);
    }
}

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, usm_last_error_message());
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    const uint32_t wanted = USM_EVENT_BIT(USM_EVENT_MONITOR_STARTED) |
                            USM_EVENT_BIT(USM_EVENT_RECOMMENDATION_GENERATED) |
                            USM_EVENT_BIT(USM_EVENT_STORE_DEGRADED);
    const int seconds = argc > 1 ? atoi(argv[1]) : 10;
    usm_config *config = NULL;
    usm_monitor *monitor = NULL;
    uint64_t sequence = 0;
    int status = EXIT_FAILURE;
    int i;

    if (usm_abi_version() != USM_ABI_VERSION) {
        fprintf(stderr, "libusm %s does not fit this program\n", usm_version());
        return EXIT_FAILURE;
    }
    if (usm_config_new(&config) != USM_OK || usm_config_apply_environment(config) != USM_OK ||
        usm_config_set_number(config, "refresh_interval", 1.0) != USM_OK ||
        (argc > 2 && usm_config_set_text(config, "data_dir", argv[2]) != USM_OK)) {
        fail("settings");
        goto end;
    }
    if (usm_monitor_new(config, &monitor) != USM_OK ||
        usm_monitor_subscribe(monitor, wanted, on_event, NULL, NULL, NULL) != USM_OK ||
        usm_monitor_start(monitor) != USM_OK) {
        fail("monitor");
        goto end;
    }
    for (i = 0; i < seconds; i++) {
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        if (usm_monitor_wait(monitor, sequence, 5.0, &sequence) != USM_OK ||
            usm_monitor_metrics(monitor, &metrics) != USM_OK) {
            fail("no state");
            goto end;
        }
        show(&metrics);
        show_busiest(monitor);
    }
    status = EXIT_SUCCESS;
end:
    usm_monitor_free(&monitor);
    usm_config_free(&config);
    return status;
}
