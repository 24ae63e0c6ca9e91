/* Handles are freed, by two threads at once, while others are in the midst of calls with them:
 * each call is either done or answered by USM_ERR_INVALID_HANDLE, and from then on all are; what
 * belongs to a handle is ended once. CHECK_ROUNDS says how often; with CHECK_SLOW set there are
 * few rounds and threads, for valgrind, under which one thread runs at a time. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "recording.h"

enum { CALLERS = 6 };

static int callers = CALLERS;

/* The handles of a round, of which every thread has a copy. */
struct round {
    usm_monitor *monitor;
    usm_state *state;
    usm_table *table;
    usm_optimizer *optimizer;
    atomic_int calls;
    atomic_int destroyed;
};

/* Whether the handle is still there, by the answer to a call. */
static int is_there(usm_status status) {
    CHECK(status == USM_OK || status == USM_ERR_INVALID_HANDLE);
    return status == USM_OK;
}

static int look_at(struct round *round, usm_status (*json_of)(struct round *, char **)) {
    char *json = NULL;
    const int there = is_there(json_of(round, &json));
    CHECK(there == (json != NULL));
    usm_string_free(json);
    return there;
}

static usm_status monitor_json(struct round *round, char **json) {
    return usm_monitor_state_json(round->monitor, json);
}

static usm_status state_json(struct round *round, char **json) {
    return usm_state_json(round->state, json);
}

static usm_status table_json(struct round *round, char **json) {
    return usm_table_json(round->table, json);
}

static usm_status optimizer_json(struct round *round, char **json) {
    return usm_optimizer_settings_json(round->optimizer, json);
}

static void *call_until_all_are_gone(void *argument) {
    static usm_status (*const looks[])(struct round *, char **) = {monitor_json, state_json,
                                                                   table_json, optimizer_json};
    struct round *round = (struct round *)argument;
    int is_gone[4] = {0, 0, 0, 0};
    int left = 4;
    while (left > 0) {
        int i;
        usm_metrics metrics;
        usm_metrics_init(&metrics);
        (void)is_there(usm_monitor_metrics(round->monitor, &metrics));
        (void)is_there(usm_monitor_set_number(round->monitor, "refresh_interval", 0.05));
        for (i = 0; i < 4; i++) {
            const int there = look_at(round, looks[i]);
            /* What is gone stays gone. */
            CHECK(!(is_gone[i] && there));
            if (!there && !is_gone[i]) {
                is_gone[i] = 1;
                left--;
            }
        }
        atomic_fetch_add(&round->calls, 1);
    }
    return NULL;
}

static int32_t ignore(const usm_event *event, void *user_data) {
    struct round *round = (struct round *)user_data;
    usm_metrics metrics;
    (void)event;
    /* From a callback as well, while the monitor is being ended. */
    usm_metrics_init(&metrics);
    (void)is_there(usm_monitor_metrics(round->monitor, &metrics));
    CHECK(atomic_load(&round->destroyed) == 0);
    return 0;
}

static void count_destroy(void *user_data) {
    atomic_fetch_add(&((struct round *)user_data)->destroyed, 1);
}

/* Each frees copies of its own: one of the two does it, the other is told. */
static void *free_all(void *argument) {
    const struct round *round = (const struct round *)argument;
    usm_table *table = round->table;
    usm_monitor *monitor = round->monitor;
    usm_optimizer *optimizer = round->optimizer;
    usm_state *state = round->state;
    usm_table_free(&table);
    usm_monitor_free(&monitor);
    usm_optimizer_free(&optimizer);
    usm_state_free(&state);
    return NULL;
}

static void make(struct round *round, const char *folder) {
    usm_history *history = NULL;
    char settings[8192];
    memset(round, 0, sizeof *round);
    round->monitor = test_monitor(folder);
    CHECK_OK(usm_monitor_start(round->monitor));
    CHECK_OK(usm_monitor_subscribe(round->monitor, USM_EVENTS_ALL, ignore, round, count_destroy,
                                   NULL));
    CHECK_OK(usm_monitor_wait(round->monitor, 0, 120.0, NULL));
    CHECK_OK(usm_monitor_flush(round->monitor, 120.0));
    CHECK_OK(usm_monitor_state(round->monitor, &round->state));
    CHECK_OK(usm_monitor_history(round->monitor, &history));
    round->table = ask(history, "memory_used_bytes");
    usm_history_free(&history);
    snprintf(settings, sizeof settings, "{\"data_dir\": \"%s\", \"scope\": \"list:%d\"}", folder,
             (int)getpid());
    CHECK_OK(usm_optimizer_attach(round->monitor, settings, &round->optimizer));
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    int rounds = 6;
    int i;
    if (getenv("CHECK_SLOW") != NULL) {
        callers = 2;
        rounds = 2;
    }
    if (getenv("CHECK_ROUNDS") != NULL) rounds = atoi(getenv("CHECK_ROUNDS"));
    for (i = 0; i < rounds; i++) {
        pthread_t threads[CALLERS];
        pthread_t freers[2];
        struct round round;
        int j;
        make(&round, folder);
        for (j = 0; j < callers; j++) {
            CHECK(pthread_create(&threads[j], NULL, call_until_all_are_gone, &round) == 0);
        }
        while (atomic_load(&round.calls) < callers) usleep(100);
        for (j = 0; j < 2; j++) CHECK(pthread_create(&freers[j], NULL, free_all, &round) == 0);
        for (j = 0; j < 2; j++) CHECK(pthread_join(freers[j], NULL) == 0);
        for (j = 0; j < callers; j++) CHECK(pthread_join(threads[j], NULL) == 0);
        /* With the last of them the monitor has ended. */
        CHECK(atomic_load(&round.destroyed) == 1);
    }
    return 0;
}
