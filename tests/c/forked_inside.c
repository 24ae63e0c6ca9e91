/* fork() while other threads are inside calls: in the child their counts and locks stay as they
 * were, and still every call is answered at once, what is the parent's can be freed, and the
 * child may have a monitor of its own, fork again, and become another program. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static int rounds(void) {
    return getenv("CHECK_SLOW") == NULL ? 8 : 4;
}


static atomic_int is_over;

static void *wait_for_ever(void *monitor) {
    const usm_status status = usm_monitor_wait((usm_monitor *)monitor, UINT64_MAX, INFINITY, NULL);
    return status == USM_ERR_INVALID_STATE || status == USM_ERR_INVALID_HANDLE ? NULL : monitor;
}

/* In and out of calls of every kind: those that make and free handles, take locks, and ask the
 * writer's thread. */
static void *use(void *argument) {
    usm_monitor *monitor = (usm_monitor *)argument;
    usm_metrics metrics;
    usm_metrics_init(&metrics);
    while (!is_over) {
        usm_state *state = NULL;
        usm_history *history = NULL;
        char *json = NULL;
        CHECK_OK(usm_monitor_metrics(monitor, &metrics));
        CHECK_OK(usm_monitor_state(monitor, &state));
        CHECK_OK(usm_monitor_history(monitor, &history));
        CHECK_OK(usm_monitor_config_json(monitor, NULL, &json));
        CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", 5.0));
        usm_string_free(json);
        usm_state_free(&state);
        usm_history_free(&history);
        /* So that the others get on. */
        usleep(2000);
    }
    return NULL;
}

static void refused_and_freed(usm_monitor *monitor) {
    usm_metrics metrics;
    usm_metrics_init(&metrics);
    CHECK_STATUS(USM_ERR_FORKED, usm_monitor_metrics(monitor, &metrics));
    CHECK_STATUS(USM_ERR_FORKED, usm_monitor_wait(monitor, 0, INFINITY, NULL));
    usm_monitor_free(&monitor);
    CHECK(monitor == NULL);
}

static usm_monitor *own_monitor(void) {
    usm_config *config = NULL;
    usm_monitor *own = NULL;
    CHECK_OK(usm_config_new(&config));
    CHECK_OK(usm_config_apply_environment(config));
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_monitor_new(config, &own));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_start(own));
    CHECK_OK(usm_monitor_wait(own, 0, 60.0, NULL));
    return own;
}

static void ends_well(pid_t child) {
    int status = 0;
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void in_the_child(usm_monitor *monitor, int round) {
    usm_monitor *own;
    pid_t child;
    if (round % 2 == 0) refused_and_freed(monitor);
    own = own_monitor();
    child = fork();
    if (child == 0) {
        refused_and_freed(own);
        own = own_monitor();
        usm_monitor_free(&own);
        exit(0);
    }
    ends_well(child);
    CHECK_OK(usm_monitor_wait(own, 1, 60.0, NULL));
    if (round % 4 == 3) {
        /* With its monitor running. */
        execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
        _exit(9);
    }
    usm_monitor_free(&own);
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    pthread_t threads[3];
    void *wrong = NULL;
    int round;
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 60.0, NULL));
    CHECK(pthread_create(&threads[0], NULL, wait_for_ever, monitor) == 0);
    CHECK(pthread_create(&threads[1], NULL, use, monitor) == 0);
    CHECK(pthread_create(&threads[2], NULL, use, monitor) == 0);
    for (round = 0; round < rounds(); round++) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            in_the_child(monitor, round);
            exit(0);
        }
        ends_well(child);
    }
    is_over = 1;
    CHECK(pthread_join(threads[1], NULL) == 0);
    CHECK(pthread_join(threads[2], NULL) == 0);
    usm_monitor_free(&monitor);
    CHECK(pthread_join(threads[0], &wrong) == 0 && wrong == NULL);
    CHECK(usm_handles_in_use() == 0);
    return 0;
}
