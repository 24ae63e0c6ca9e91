/* Events that are fetched, and several settings changed at once. */
#include <math.h>
#include <pthread.h>

#include "check.h"

static const uint32_t CHANGES = USM_EVENT_BIT(USM_EVENT_CONFIG_CHANGED);

static void events_wait_until_they_are_fetched(usm_monitor *monitor) {
    usm_event_stream *stream = NULL;
    usm_event *event = NULL;
    usm_event *copy;
    const char *json = NULL;
    const usm_findings *findings = NULL;
    uint64_t dropped = 7;
    CHECK_OK(usm_monitor_events(monitor, CHANGES, &stream));
    CHECK_STATUS(USM_ERR_TIMED_OUT, usm_event_stream_next(stream, 0.0, &event));
    CHECK_MESSAGE("an event");
    CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", 6.0));
    CHECK_OK(usm_monitor_set_json(monitor, "{\"cache_duration\": 8, \"max_history_size\": 9}"));
    CHECK_OK(usm_event_stream_next(stream, INFINITY, &event));
    CHECK(usm_event_kind(event) == USM_EVENT_CONFIG_CHANGED);
    CHECK(usm_event_timestamp(event) > 1.6e9);
    CHECK_OK(usm_event_json(event, &json));
    CHECK(strstr(json, "cache_duration") != NULL);
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_event_findings(event, &findings));
    CHECK(findings == NULL);
    usm_event_free(&event);
    CHECK(event == NULL);

    CHECK_OK(usm_event_stream_next(stream, 0.0, &event));
    CHECK_OK(usm_event_json(event, &json));
    CHECK(strstr(json, "max_history_size") != NULL);
    CHECK_OK(usm_event_stream_dropped(stream, &dropped));
    CHECK(dropped == 0);
    /* What was fetched outlives the stream, and is refused once it was freed. */
    usm_event_stream_free(&stream);
    CHECK(stream == NULL);
    CHECK_OK(usm_event_json(event, &json));
    copy = event;
    usm_event_free(&event);
    CHECK(usm_event_kind(copy) == USM_EVENT_NONE);
    usm_event_free(&copy);
    CHECK_MESSAGE("not a usm_event that is in use");
}

static void a_state_comes_with_its_numbers_and_findings(usm_monitor *monitor) {
    usm_event_stream *stream = NULL;
    usm_event *event = NULL;
    usm_metrics metrics;
    const usm_findings *lent = NULL;
    size_t count = 0;
    usm_metrics_init(&metrics);
    CHECK_OK(usm_monitor_events(monitor, USM_EVENT_BIT(USM_EVENT_STATE_UPDATE), &stream));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_event_stream_next(stream, 60.0, &event));
    CHECK_OK(usm_event_metrics(event, &metrics));
    CHECK(metrics.sequence >= 1);
    CHECK_OK(usm_event_findings(event, &lent));
    CHECK_OK(usm_findings_incident_count(lent, &count));
    usm_event_free(&event);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_findings_incident_count(lent, &count));
    usm_event_stream_free(&stream);
}

static void a_full_queue_drops_the_oldest(const char *folder) {
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    usm_event_stream *stream = NULL;
    usm_event *event = NULL;
    const char *json = NULL;
    uint64_t dropped = 0;
    double value;
    CHECK_OK(usm_config_set_number(config, "event_queue_size", 2));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_events(monitor, CHANGES, &stream));
    for (value = 1.0; value < 6.0; value += 1.0) {
        CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", value));
    }
    CHECK_OK(usm_event_stream_dropped(stream, &dropped));
    CHECK(dropped >= 2);
    CHECK_OK(usm_event_stream_next(stream, 0.0, &event));
    CHECK_OK(usm_event_json(event, &json));
    usm_event_free(&event);
    usm_event_stream_free(&stream);
    usm_monitor_free(&monitor);
}

static void *fetch_for_ever(void *stream) {
    usm_event *event = NULL;
    const usm_status status = usm_event_stream_next((usm_event_stream *)stream, INFINITY, &event);
    return status == USM_ERR_INVALID_STATE || status == USM_ERR_INVALID_HANDLE ? NULL : stream;
}

/* By the end of the stream, and by that of the monitor. */
static void who_waits_is_woken(const char *folder) {
    int round;
    for (round = 0; round < 6; round++) {
        usm_monitor *monitor = test_monitor(folder);
        usm_event_stream *stream = NULL;
        usm_event *event = NULL;
        pthread_t thread;
        void *wrong = NULL;
        CHECK_OK(usm_monitor_events(monitor, CHANGES, &stream));
        CHECK(pthread_create(&thread, NULL, fetch_for_ever, stream) == 0);
        if (round % 2 == 0) {
            usm_monitor_free(&monitor);
            CHECK(pthread_join(thread, &wrong) == 0);
            CHECK_STATUS(USM_ERR_INVALID_STATE, usm_event_stream_next(stream, 60.0, &event));
            usm_event_stream_free(&stream);
        } else {
            usm_event_stream_free(&stream);
            CHECK(pthread_join(thread, &wrong) == 0);
            usm_monitor_free(&monitor);
        }
        CHECK(wrong == NULL && event == NULL);
    }
}

static void wrong_wishes_are_refused(usm_monitor *monitor) {
    usm_event_stream *stream = NULL;
    usm_event *event = NULL;
    const double bad[] = {NAN, -1.0, -INFINITY};
    size_t i;
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_events(monitor, 0, &stream));
    CHECK(stream == NULL);
    CHECK_OK(usm_monitor_events(monitor, USM_EVENTS_ALL, &stream));
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_event_stream_next(stream, bad[i], &event));
    }
    usm_event_stream_free(&stream);
}

/* All of them, or none. */
static void several_settings_are_changed_at_once(usm_monitor *monitor, const char *folder) {
    char path[4096];
    char *json = NULL;
    FILE *file;
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_set_json(monitor, "{\"cache_duration\": 3, \"max_threads\": 1.5}"));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_set_json(monitor, "[]"));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_monitor_set_json(monitor, "\xff"));
    CHECK_OK(usm_monitor_config_json(monitor, "cache_duration", &json));
    CHECK(strcmp(json, "8.0") == 0);
    usm_string_free(json);

    snprintf(path, sizeof path, "%s/settings.toml", folder);
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_monitor_load_file(monitor, path));
    file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(fputs("cache_duration = 4.5\n", file) >= 0 && fclose(file) == 0);
    CHECK_OK(usm_monitor_load_file(monitor, path));
    CHECK_OK(usm_monitor_config_json(monitor, "cache_duration", &json));
    CHECK(strcmp(json, "4.5") == 0);
    usm_string_free(json);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_monitor *monitor = test_monitor(folder);
    events_wait_until_they_are_fetched(monitor);
    several_settings_are_changed_at_once(monitor, folder);
    a_state_comes_with_its_numbers_and_findings(monitor);
    wrong_wishes_are_refused(monitor);
    usm_monitor_free(&monitor);
    a_full_queue_drops_the_oldest(folder);
    who_waits_is_woken(folder);
    CHECK(usm_handles_in_use() == 0);
    return 0;
}
