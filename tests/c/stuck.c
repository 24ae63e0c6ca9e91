/* A callback that never returns holds up neither the sampling nor the end of the monitor. */
#include <semaphore.h>
#include <unistd.h>

#include "check.h"

static sem_t entered;

static int32_t never_return(const usm_event *event, void *user_data) {
    (void)event;
    (void)user_data;
    sem_post(&entered);
    for (;;) pause();
    return 0;
}

static void destroy(void *user_data) {
    *(int *)user_data = 1;
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    static int destroyed = 0;
    uint64_t sequence = 0;
    CHECK(sem_init(&entered, 0, 0) == 0);
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENT_BIT(USM_EVENT_STATE_UPDATE), never_return,
                                   &destroyed, destroy, NULL));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK(sem_wait(&entered) == 0);
    CHECK_OK(usm_monitor_wait(monitor, 0, 20.0, &sequence));
    CHECK_OK(usm_monitor_wait(monitor, sequence + 2, 20.0, NULL));
    usm_monitor_free(&monitor);
    CHECK(monitor == NULL);
    /* It still uses its data. */
    CHECK(destroyed == 0);
    return 0;
}
