/* The processes of the host as plain structs, for callers with an array of any size. */
#include <unistd.h>

#include "check.h"

static const usm_process *process_with(int32_t pid, const usm_process *list, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        if (list[i].pid == pid) return &list[i];
    }
    return NULL;
}

int main(int argc, char **argv) {
    usm_monitor *monitor = test_monitor(test_folder(argc, argv));
    usm_process *list;
    unsigned char bytes[3][48];
    const usm_process *own;
    size_t count = 9;
    size_t again = 0;
    size_t i;

    CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_CPU, NULL, sizeof *list, 0, &count));
    CHECK(count == 0);
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_CPU, NULL, sizeof *list, 0, &count));
    CHECK(count >= 1);

    list = (usm_process *)calloc(count, sizeof *list);
    CHECK(list != NULL);
    CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_PID, list, sizeof *list, count, &again));
    CHECK(again == count);
    for (i = 0; i < count; i++) {
        CHECK(list[i].struct_size == sizeof *list);
        CHECK(i == 0 || list[i].pid > list[i - 1].pid);
        CHECK(list[i].name[0] != '\0' && memchr(list[i].name, 0, sizeof list[i].name) != NULL);
        CHECK(strchr("RSDZTtIX?", (int)list[i].state) != NULL);
    }
    own = process_with((int32_t)getpid(), list, count);
    CHECK(own != NULL);
    CHECK(own->parent_pid == (int32_t)getppid() || own->parent_pid == 0);
    CHECK(own->rss_bytes > 0 && own->threads >= 1 && (own->present >> USM_PROCESS_NICE & 1) == 1 && own->start_time_ticks > 0);
    CHECK((own->present >> USM_PROCESS_UID & 1) == 1 && own->uid == (uint32_t)geteuid());

    CHECK_OK(
        usm_monitor_top_processes(monitor, USM_ORDER_MEMORY, list, sizeof *list, count, &again));
    for (i = 1; i < count; i++) CHECK(list[i].rss_bytes <= list[i - 1].rss_bytes);
    CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_IO, list, sizeof *list, count, &again));

    /* An earlier version's element is filled as far as it goes and no further. */
    memset(bytes, 0xee, sizeof bytes);
    CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_PID, (usm_process *)(void *)bytes, 40, 1,
                                       &again));
    CHECK(again == count);
    CHECK(*(const uint32_t *)(const void *)bytes[0] == 40);
    CHECK(bytes[0][39] != 0xee && bytes[0][40] == 0xee);

    /* A later version's is filled as far as this one goes, and zero behind. */
    {
        const size_t large = sizeof *list + 16;
        unsigned char *later = (unsigned char *)malloc(large * count);
        CHECK(later != NULL);
        memset(later, 0xee, large * count);
        CHECK_OK(usm_monitor_top_processes(monitor, USM_ORDER_PID, (usm_process *)(void *)later,
                                           large, count, &again));
        CHECK(((const usm_process *)(const void *)later)->struct_size == sizeof *list);
        for (i = sizeof *list; i < large; i++) CHECK(later[large * (count - 1) + i] == 0);
        free(later);
    }

    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_top_processes(monitor, 4, list, sizeof *list, count, &again));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_top_processes(monitor, 0, NULL, sizeof *list, 1, &again));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_top_processes(monitor, 0, list, 4, count, &again));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_top_processes(monitor, 0, list, 1000000, count, &again));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_top_processes(monitor, 0, list, sizeof *list, (size_t)-1, &again));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_monitor_top_processes(monitor, 0, list, sizeof *list, count, NULL));

    free(list);
    usm_monitor_free(&monitor);
    return 0;
}
