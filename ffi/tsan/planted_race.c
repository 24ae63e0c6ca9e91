/* A race on purpose: two threads let the library fill one struct. run.sh wants it to be found,
 * inside the library: else what it does not find would mean nothing. */
#include <pthread.h>

#include "check.h"

static usm_monitor *monitor;
static usm_metrics shared;
static pthread_barrier_t begin;

static void *fill(void *unused) {
    int i;
    (void)unused;
    (void)pthread_barrier_wait(&begin);
    for (i = 0; i < 20000; i++) CHECK_OK(usm_monitor_metrics(monitor, &shared));
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[2];
    int i;
    monitor = test_monitor(test_folder(argc, argv));
    usm_metrics_init(&shared);
    CHECK(pthread_barrier_init(&begin, NULL, 2) == 0);
    for (i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, fill, NULL) == 0);
    for (i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    usm_monitor_free(&monitor);
    return 0;
}
