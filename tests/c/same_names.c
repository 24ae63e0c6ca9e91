/* A program with functions that are named like those inside of the library: the library never
 * calls them in place of its own. Whoever calls one ends the program. */
#include "check.h"

#define TRAP(name) \
    void name(void); \
    void name(void) { \
        fputs("the library called " #name "() of the program\n", stderr); \
        abort(); \
    }

TRAP(sqlite3_initialize)
TRAP(sqlite3_config)
TRAP(sqlite3_open_v2)
TRAP(sqlite3_prepare_v3)
TRAP(sqlite3_step)
TRAP(sqlite3_malloc64)
TRAP(sqlite3_free)
TRAP(sqlite3_vfs_find)
TRAP(rust_eh_personality)
TRAP(rust_begin_unwind)

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    usm_metrics metrics;
    usm_metrics_init(&metrics);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 3, 60.0, NULL));
    CHECK_OK(usm_monitor_metrics(monitor, &metrics));
    CHECK(metrics.sequence >= 3);
    CHECK_OK(usm_monitor_stop(monitor));
    usm_monitor_free(&monitor);
    return 0;
}
