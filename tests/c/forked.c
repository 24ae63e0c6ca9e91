/* fork() in a program that monitors: the child is told so by every call, ends cleanly, and
 * may have a monitor of its own; the parent notices nothing. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static int32_t ignore(const usm_event *event, void *user_data) {
    (void)event;
    (void)user_data;
    return 0;
}

static void in_the_child(usm_monitor *monitor, usm_event_stream *stream) {
    const usm_status forked = USM_ERR_FORKED;
    usm_metrics metrics;
    usm_config *config = NULL;
    usm_event_stream *own_stream = NULL;
    usm_event *event = NULL;
    usm_monitor *own = NULL;
    int32_t active = 7;
    size_t count = 0;
    uint64_t number = 0;
    char *json = NULL;
    usm_metrics_init(&metrics);

    CHECK_STATUS(forked, usm_monitor_metrics(monitor, &metrics));
    CHECK(metrics.sequence == 0);
    CHECK_MESSAGE("after fork() make a new one");
    CHECK_STATUS(forked, usm_monitor_start(monitor));
    CHECK_STATUS(forked, usm_monitor_stop(monitor));
    CHECK_STATUS(forked, usm_monitor_is_active(monitor, &active));
    CHECK(active == 7);
    CHECK_STATUS(forked, usm_monitor_collect(monitor, &number));
    CHECK_STATUS(forked, usm_monitor_wait(monitor, 0, 100.0, &number));
    CHECK_STATUS(forked, usm_monitor_flush(monitor, 100.0));
    CHECK_STATUS(forked, usm_monitor_set_number(monitor, "refresh_interval", 1.0));
    CHECK_STATUS(forked, usm_monitor_set_bool(monitor, "enable_alerts", 1));
    CHECK_STATUS(forked, usm_monitor_set_text(monitor, "log_level", "INFO"));
    CHECK_STATUS(forked, usm_monitor_config_json(monitor, NULL, &json));
    CHECK_STATUS(forked, usm_monitor_state_json(monitor, &json));
    CHECK_STATUS(forked, usm_monitor_report_json(monitor, &json));
    CHECK_STATUS(forked, usm_monitor_doctor_json(monitor, &json));
    CHECK(json == NULL);
    CHECK_STATUS(forked,
                 usm_monitor_top_processes(monitor, 0, NULL, sizeof(usm_process), 0, &count));
    CHECK_STATUS(forked, usm_monitor_subscribe(monitor, 1, ignore, NULL, NULL, &number));
    CHECK_STATUS(forked, usm_monitor_unsubscribe(monitor, 1));
    CHECK_STATUS(forked, usm_monitor_set_json(monitor, "{}"));
    CHECK_STATUS(forked, usm_monitor_load_file(monitor, "/nonexistent/usm.toml"));
    CHECK_STATUS(forked, usm_monitor_events(monitor, 1, &own_stream));
    CHECK(own_stream == NULL);
    CHECK_STATUS(forked, usm_event_stream_next(stream, 100.0, &event));
    CHECK_STATUS(forked, usm_event_stream_dropped(stream, &number));
    usm_event_stream_free(&stream);
    usm_monitor_free(&monitor);
    CHECK(monitor == NULL && stream == NULL);

    CHECK_OK(usm_config_new(&config));
    CHECK_OK(usm_config_apply_environment(config));
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &own));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_collect(own, &number));
    CHECK(number == 1);
    usm_monitor_free(&own);
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    usm_event_stream *stream = NULL;
    uint64_t sequence = 0;
    int round;
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, ignore, NULL, NULL, NULL));
    CHECK_OK(usm_monitor_events(monitor, USM_EVENTS_ALL, &stream));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 20.0, NULL));
    for (round = 0; round < 5; round++) {
        int status = 0;
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            in_the_child(monitor, stream);
            /* By exit(), so that destructors and exit handlers run as well. */
            exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        CHECK_OK(usm_monitor_wait(monitor, sequence, 20.0, &sequence));
    }
    CHECK_OK(usm_monitor_flush(monitor, 20.0));
    usm_event_stream_free(&stream);
    usm_monitor_free(&monitor);
    return 0;
}
