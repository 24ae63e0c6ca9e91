/* What the newest state costs to read, and what a C program that monitors weighs: nanoseconds
 * per usm_monitor_metrics() (median of rounds), then CPU and resident memory after some
 * seconds at one sample a second with everything on. Run by `cargo bench -p usm-ffi`. */
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { ROUNDS = 21, CALLS = 1000000 };

static double now(clockid_t clock) {
    struct timespec time;
    CHECK(clock_gettime(clock, &time) == 0);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static unsigned long resident_kib(void) {
    unsigned long kib = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmRSS: %lu", &kib) == 1) break;
    }
    fclose(status);
    return kib;
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    const char *seconds_given = getenv("BENCH_SECONDS");
    const unsigned seconds = seconds_given != NULL ? (unsigned)atoi(seconds_given) : 20;
    const unsigned long empty_kib = resident_kib();
    double nanoseconds[ROUNDS];
    double cpu_before;
    usm_config *config = NULL;
    usm_monitor *monitor = NULL;
    usm_metrics metrics;
    uint64_t sum = 0;
    unsigned left = seconds;
    int round;
    int i;

    CHECK_OK(usm_config_new(&config));
    CHECK_OK(usm_config_set_text(config, "data_dir", folder));
    CHECK_OK(usm_config_set_number(config, "refresh_interval", 1.0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 20.0, NULL));
    cpu_before = now(CLOCK_PROCESS_CPUTIME_ID);
    while (left > 0) left = sleep(left);
    printf("cpu over %u s: %.3f %% of one core\n", seconds,
           100.0 * (now(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) / seconds);
    printf("resident: %lu KiB (%lu KiB before the monitor was made)\n", resident_kib(), empty_kib);

    usm_metrics_init(&metrics);
    for (round = 0; round < ROUNDS; round++) {
        const double begun = now(CLOCK_MONOTONIC);
        for (i = 0; i < CALLS; i++) {
            CHECK(usm_monitor_metrics(monitor, &metrics) == USM_OK);
            sum += metrics.sequence;
        }
        nanoseconds[round] = (now(CLOCK_MONOTONIC) - begun) * 1e9 / CALLS;
    }
    CHECK(sum > 0);
    qsort(nanoseconds, ROUNDS, sizeof *nanoseconds, ascending);
    printf("usm_monitor_metrics: %.1f ns median, %.1f ns best, %.1f ns worst of %d rounds\n",
           nanoseconds[ROUNDS / 2], nanoseconds[0], nanoseconds[ROUNDS - 1], ROUNDS);
    usm_monitor_free(&monitor);
    return 0;
}
