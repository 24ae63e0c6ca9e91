/* Handles that were freed: refused for ever after, by every function and every thread; who is
 * inside at that moment finishes. */
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "check.h"

enum { THREADS = 4 };

static int rounds(void) {
    return getenv("CHECK_SLOW") == NULL ? 20 : 4;
}

static pthread_barrier_t together;

static void a_copy_stays_refused_while_new_handles_come_and_go(void) {
    usm_config *config = NULL;
    usm_config *copy;
    char *json = NULL;
    int i;
    CHECK_OK(usm_config_new(&config));
    copy = config;
    usm_config_free(&config);
    CHECK(config == NULL);
    for (i = 0; i < 3000; i++) {
        usm_config *later = NULL;
        CHECK_OK(usm_config_new(&later));
        CHECK(later != copy);
        CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_config_set_number(copy, "max_threads", 2));
        usm_config_free(&later);
    }
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_config_get_json(copy, NULL, &json));
    CHECK_MESSAGE("config: not a usm_config that is in use");
    /* A second time: nothing is done. */
    config = copy;
    usm_config_free(&copy);
    CHECK(copy == config);
    CHECK_MESSAGE("config: not a usm_config that is in use");
}

static void what_came_from_a_monitor_outlives_it_or_says_so(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    usm_monitor *copy = monitor;
    usm_state *state = NULL;
    usm_findings *findings = NULL;
    usm_history *history = NULL;
    usm_metrics metrics;
    size_t count = 0;
    char *json = NULL;
    usm_metrics_init(&metrics);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 60.0, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    CHECK_OK(usm_monitor_findings(monitor, &findings));
    CHECK_OK(usm_monitor_history(monitor, &history));
    usm_monitor_free(&monitor);

    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_metrics(copy, &metrics));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_start(copy));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_monitor_state_json(copy, &json));
    CHECK(json == NULL);
    CHECK_OK(usm_state_metrics(state, &metrics));
    CHECK(metrics.sequence >= 1);
    CHECK_OK(usm_findings_incident_count(findings, &count));
    CHECK_STATUS(USM_ERR_INVALID_STATE, usm_history_extents(history, NULL, sizeof(usm_extent), 0,
                                                            &count));
    usm_state_free(&state);
    usm_findings_free(&findings);
    usm_history_free(&history);
}

static void *wait_for_ever(void *monitor) {
    pthread_barrier_wait(&together);
    /* From inside the call, or before it: both are told at once. */
    switch (usm_monitor_wait((usm_monitor *)monitor, UINT64_MAX, INFINITY, NULL)) {
    case USM_ERR_INVALID_STATE:
    case USM_ERR_INVALID_HANDLE:
        return NULL;
    default:
        return monitor;
    }
}

static void who_waits_is_woken(const char *folder) {
    int round;
    for (round = 0; round < rounds(); round++) {
        usm_monitor *monitor = test_monitor(folder);
        pthread_t thread;
        void *wrong = NULL;
        CHECK_OK(usm_monitor_start(monitor));
        CHECK(pthread_create(&thread, NULL, wait_for_ever, monitor) == 0);
        pthread_barrier_wait(&together);
        if (round % 2 == 0) usleep(10000);
        usm_monitor_free(&monitor);
        CHECK(pthread_join(thread, &wrong) == 0 && wrong == NULL);
    }
}

static void *record_for_ever(void *recorder) {
    pthread_barrier_wait(&together);
    switch (usm_recorder_wait((usm_recorder *)recorder, UINT64_MAX, INFINITY, NULL)) {
    case USM_ERR_INVALID_STATE:
    case USM_ERR_INVALID_HANDLE:
        return NULL;
    default:
        return recorder;
    }
}

static void a_recording_is_finished_while_another_thread_waits_for_it(const char *folder) {
    usm_config *config = test_config(folder);
    usm_recorder *recorder = NULL;
    usm_recorder *copy;
    usm_recording_summary summary;
    pthread_t thread;
    void *wrong = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/waited_for.usm", folder);
    CHECK_OK(usm_recorder_start(config, path, &recorder));
    CHECK_OK(usm_recorder_wait(recorder, 0, 60.0, NULL));
    copy = recorder;
    CHECK(pthread_create(&thread, NULL, record_for_ever, recorder) == 0);
    pthread_barrier_wait(&together);
    usm_recording_summary_init(&summary);
    CHECK_OK(usm_recorder_finish(&recorder, &summary));
    CHECK(recorder == NULL && summary.samples >= 1);
    CHECK(pthread_join(thread, &wrong) == 0 && wrong == NULL);
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_recorder_finish(&copy, &summary));
    usm_config_free(&config);
}

/* Uses a monitor until it is refused, and then ends it too. */
static void *use_and_free(void *argument) {
    usm_monitor *monitor = (usm_monitor *)argument;
    usm_metrics metrics;
    usm_status status = USM_OK;
    int calls = 0;
    usm_metrics_init(&metrics);
    pthread_barrier_wait(&together);
    while (status == USM_OK && calls < 1000) {
        status = usm_monitor_metrics(monitor, &metrics);
        calls++;
    }
    if (status != USM_OK && status != USM_ERR_INVALID_HANDLE) return argument;
    usm_monitor_free(&monitor);
    /* NULL for the one who ended it. */
    return monitor;
}

static void of_many_who_free_a_handle_one_does(const char *folder) {
    int round;
    for (round = 0; round < rounds(); round++) {
        usm_monitor *monitor = test_monitor(folder);
        pthread_t threads[THREADS];
        int ended = 0;
        int i;
        CHECK_OK(usm_monitor_start(monitor));
        for (i = 0; i < THREADS; i++) {
            CHECK(pthread_create(&threads[i], NULL, use_and_free, monitor) == 0);
        }
        for (i = 0; i < THREADS; i++) {
            void *left = NULL;
            CHECK(pthread_join(threads[i], &left) == 0);
            ended += left == NULL;
        }
        CHECK(ended == 1);
    }
}

static const usm_event *kept_event;
static const usm_findings *kept_findings;
static sem_t told;

static int32_t keep(const usm_event *event, void *user_data) {
    usm_findings *lent;
    const usm_findings *again = NULL;
    size_t count = 0;
    kept_event = event;
    if (*(int *)user_data) {
        CHECK_OK(usm_event_findings(event, &kept_findings));
        CHECK_OK(usm_findings_incident_count(kept_findings, &count));
    } else {
        /* A wrong free: what is lent is refused from then on, and nothing else happens. */
        CHECK_OK(usm_event_findings(event, &again));
        memcpy(&lent, &again, sizeof lent);
        usm_findings_free(&lent);
        CHECK(lent == NULL);
        CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_findings_incident_count(again, &count));
    }
    CHECK(sem_post(&told) == 0);
    return 0;
}

static void what_a_callback_keeps_is_refused(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    const uint32_t mask = USM_EVENT_BIT(USM_EVENT_STATE_UPDATE);
    const char *json = NULL;
    size_t count = 0;
    static int keeps;
    CHECK(sem_init(&told, 0, 0) == 0);
    CHECK_OK(usm_monitor_start(monitor));
    for (keeps = 0; keeps < 2; keeps++) {
        uint64_t subscription = 0;
        CHECK_OK(usm_monitor_subscribe(monitor, mask, keep, &keeps, NULL, &subscription));
        CHECK(sem_wait(&told) == 0);
        CHECK_OK(usm_monitor_unsubscribe(monitor, subscription));
        CHECK(usm_event_kind(kept_event) == USM_EVENT_NONE);
        CHECK(isnan(usm_event_timestamp(kept_event)));
        CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_event_json(kept_event, &json));
    }
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_findings_incident_count(kept_findings, &count));
    usm_monitor_free(&monitor);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    CHECK(usm_handles_in_use() == 0);
    a_copy_stays_refused_while_new_handles_come_and_go();
    what_came_from_a_monitor_outlives_it_or_says_so(folder);
    CHECK(pthread_barrier_init(&together, NULL, 2) == 0);
    who_waits_is_woken(folder);
    a_recording_is_finished_while_another_thread_waits_for_it(folder);
    CHECK(pthread_barrier_destroy(&together) == 0);
    CHECK(pthread_barrier_init(&together, NULL, THREADS) == 0);
    of_many_who_free_a_handle_one_does(folder);
    CHECK(pthread_barrier_destroy(&together) == 0);
    what_a_callback_keeps_is_refused(folder);
    CHECK(usm_handles_in_use() == 0);
    return 0;
}
