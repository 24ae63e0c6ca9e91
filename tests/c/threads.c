/* Many threads read one monitor while others start, stop and reconfigure it. With CHECK_SLOW
 * set they are fewer and pause in between, for valgrind, under which one thread runs at a
 * time, some fifty times as slowly. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "check.h"

enum { READERS = 6, SUBSCRIBERS = 2 };

static atomic_int done;
static int is_slow;

static void pause_between(void) {
    if (is_slow) usleep(200000);
}

static void *read_it(void *argument) {
    usm_monitor *monitor = (usm_monitor *)argument;
    uint64_t newest = 0;
    while (!atomic_load(&done)) {
        usm_metrics metrics;
        usm_process top[5];
        size_t count = 0;
        char *json = NULL;
        usm_metrics_init(&metrics);
        CHECK_OK(usm_monitor_metrics(monitor, &metrics));
        CHECK(metrics.sequence >= newest);
        newest = metrics.sequence;
        CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_CPU, top, sizeof *top, 5, &count));
        CHECK_OK(usm_monitor_state_json(monitor, &json));
        usm_string_free(json);
        /* The errors of one thread are not seen by another. */
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_set_number(monitor, "nothing", 1.0));
        CHECK_MESSAGE("nothing");
        pause_between();
    }
    return NULL;
}

static int32_t count_it(const usm_event *event, void *user_data) {
    (void)event;
    atomic_fetch_add((atomic_int *)user_data, 1);
    return 0;
}

static void *subscribe_it(void *argument) {
    usm_monitor *monitor = (usm_monitor *)argument;
    while (!atomic_load(&done)) {
        atomic_int calls;
        uint64_t subscription = 0;
        atomic_init(&calls, 0);
        CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, count_it, &calls, NULL,
                                       &subscription));
        (void)usm_monitor_wait(monitor, 0, 0.01, NULL);
        CHECK_OK(usm_monitor_unsubscribe(monitor, subscription));
        pause_between();
    }
    return NULL;
}

static void *start_and_stop_it(void *argument) {
    usm_monitor *monitor = (usm_monitor *)argument;
    const int rounds = is_slow ? 4 : 15;
    int i;
    for (i = 0; i < rounds; i++) {
        CHECK_OK(usm_monitor_start(monitor));
        CHECK_OK(usm_monitor_set_number(monitor, "refresh_interval", i % 2 ? 0.01 : 0.05));
        CHECK_OK(usm_monitor_collect(monitor, NULL));
        CHECK_OK(usm_monitor_stop(monitor));
    }
    return NULL;
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    pthread_t threads[READERS + SUBSCRIBERS];
    pthread_t starter;
    int readers;
    int all;
    int i;
    is_slow = getenv("CHECK_SLOW") != NULL;
    readers = is_slow ? 2 : READERS;
    all = readers + (is_slow ? 1 : SUBSCRIBERS);
    for (i = 0; i < all; i++) {
        void *(*work)(void *) = i < readers ? read_it : subscribe_it;
        CHECK(pthread_create(&threads[i], NULL, work, monitor) == 0);
    }
    CHECK(pthread_create(&starter, NULL, start_and_stop_it, monitor) == 0);
    CHECK(pthread_join(starter, NULL) == 0);
    atomic_store(&done, 1);
    for (i = 0; i < all; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    usm_monitor_free(&monitor);
    return 0;
}
