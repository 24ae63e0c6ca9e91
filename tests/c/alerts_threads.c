/* Many threads set rules, read findings and share a detector while the monitor goes on. With
 * CHECK_SLOW set they are fewer, for valgrind, under which one thread runs at a time. */
#include <pthread.h>
#include <stdatomic.h>

#include "alerts.h"

enum { THREADS = 6, ROUNDS = 40 };

static usm_monitor *monitor;
static usm_findings *shared;
static usm_detector *detector;
static usm_forecaster *forecaster;
static atomic_int next_second;
static int rounds = ROUNDS;

static void *work(void *unused) {
    int i;
    (void)unused;
    for (i = 0; i < rounds; i++) {
        const double time = 1.7e9 + (double)atomic_fetch_add(&next_second, 1);
        usm_findings *own = findings_of(monitor);
        usm_reading reading;
        usm_alert alert;
        usm_forecast forecast;
        char *json = NULL;
        CHECK(find_alert(own, "ours", &alert) && strcmp(alert.series, "process_count") == 0);
        CHECK(find_alert(shared, "ours", &alert) && strncmp(alert.message, "there are", 9) == 0);
        CHECK_OK(usm_findings_json(shared, &json));
        usm_string_free(json);
        usm_findings_free(&own);

        usm_reading_init(&reading);
        CHECK_OK(usm_detector_push(detector, time, 50.0, &reading));
        CHECK(reading.is_anomalous == 0);
        CHECK_OK(usm_detector_save(detector, &json));
        usm_string_free(json);
        usm_forecast_init(&forecast);
        CHECK_OK(usm_forecaster_push(forecaster, time, 50.0));
        CHECK_OK(usm_forecaster_forecast(forecaster, 900.0, &forecast));
        CHECK_OK(usm_monitor_alert_rules_json(monitor, &json));
        usm_string_free(json);
        if (i % 8 == 0) {
            uint64_t silence = 0;
            CHECK_OK(usm_monitor_enable_alert_rule(monitor, "CPU", i % 16 == 0));
            CHECK_OK(usm_monitor_silence_alerts(monitor, "CPU*", NULL, 60.0, "a thread", NULL,
                                                &silence));
            CHECK_OK(usm_monitor_end_silence(monitor, silence, NULL));
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    int count = THREADS;
    int i;
    if (getenv("CHECK_SLOW") != NULL) {
        count = 2;
        rounds = 4;
    }
    monitor = test_monitor(test_folder(argc, argv));
    CHECK_OK(usm_detector_new(NULL, &detector));
    CHECK_OK(usm_forecaster_new(NULL, &forecaster));
    (void)fire(monitor);
    shared = findings_of(monitor);
    for (i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    usm_findings_free(&shared);
    usm_detector_free(&detector);
    usm_forecaster_free(&forecaster);
    usm_monitor_free(&monitor);
    return 0;
}
