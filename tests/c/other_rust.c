/* A program with another static library written in Rust (other_rust.rs): each has its own
 * standard library, and panics of the one are none of the other's. */
#include "check.h"

extern int32_t other_caught_panics(void);
extern int32_t other_sum_of_threads(void);

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK(other_caught_panics() == 3);
    CHECK(other_sum_of_threads() == 10);
    CHECK_OK(usm_monitor_wait(monitor, 3, 60.0, NULL));
    CHECK_OK(usm_monitor_stop(monitor));
    usm_monitor_free(&monitor);
    return 0;
}
