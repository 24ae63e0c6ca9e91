/* A program that ends without freeing its monitor ends at once and well. */
#include "check.h"

static int32_t ignore(const usm_event *event, void *user_data) {
    (void)event;
    (void)user_data;
    return 0;
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    CHECK_OK(usm_monitor_set_number(monitor, "refresh_interval", 0.01));
    CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, ignore, NULL, NULL, NULL));
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 20.0, NULL));
    return 0;
}
