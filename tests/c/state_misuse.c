/* Parts of a state asked for wrongly, and by programs of another version. */
#include "check.h"

/* Refused: the function that fills a struct, with every wrong size and argument. */
#define SINGLE(type, init, call) \
    do { \
        type one_; \
        const type *none_ = NULL; \
        type *place = (type *)(void *)none_; \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, call); \
        place = &one_; \
        init(place); \
        CHECK_OK(call); \
        CHECK(one_.struct_size == sizeof one_); \
        init(place); \
        one_.struct_size = 0; \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, call); \
        one_.struct_size = (uint32_t)sizeof one_ + 3; \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, call); \
        one_.struct_size = UINT32_MAX; \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, call); \
        CHECK_MESSAGE("struct_size"); \
        older_and_newer(sizeof(type)); \
        place = (type *)(void *)room; \
        CHECK_OK(call); \
        newer_is_clear(sizeof(type)); \
        one_.struct_size = 0; \
    } while (0)

/* The same of a function that fills an array. */
#define ROWS(type, function) \
    do { \
        size_t count_ = 77; \
        type one_; \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, \
                     function(state, NULL, sizeof(type), 1, &count_)); \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, function(state, &one_, 4, 1, &count_)); \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, function(state, &one_, 1000000, 1, &count_)); \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, \
                     function(state, &one_, sizeof one_, (size_t)-1, &count_)); \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, function(state, &one_, sizeof one_, 1, NULL)); \
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, function(NULL, &one_, sizeof one_, 1, &count_)); \
        CHECK_STATUS(USM_ERR_INVALID_HANDLE, \
                     function((const usm_state *)(const void *)config, &one_, sizeof one_, 1, \
                              &count_)); \
        CHECK(count_ == 77); \
        memset(room, 0xee, sizeof room); \
        CHECK_OK(function(state, (type *)(void *)room, sizeof(type) + 16, 1, &count_)); \
        if (count_ > 0) { \
            CHECK(*(const uint32_t *)(const void *)room == sizeof(type)); \
            newer_is_clear(sizeof(type)); \
        } \
        memset(room, 0xee, sizeof room); \
        CHECK_OK(function(state, (type *)(void *)room, sizeof(type) - 8, 1, &count_)); \
        CHECK(room[sizeof(type) - 8] == 0xee); \
        if (count_ > 0) CHECK(*(const uint32_t *)(const void *)room == sizeof(type) - 8); \
    } while (0)

/* Room for a struct of a later version, with 16 bytes more. */
static _Alignas(8) unsigned char room[1024];

static void older_and_newer(size_t size) {
    const uint32_t later = (uint32_t)size + 16;
    CHECK(size + 32 <= sizeof room);
    memset(room, 0xee, sizeof room);
    memcpy(room, &later, sizeof later);
}

static void newer_is_clear(size_t size) {
    size_t i;
    for (i = size; i < size + 16; i++) CHECK(room[i] == 0);
    CHECK(room[size + 16] == 0xee);
}

/* One from a program that was compiled with an earlier header ends before its last numbers. */
static void an_older_struct_is_filled_as_far_as_it_goes(const usm_state *state) {
    usm_memory memory;
    usm_memory_init(&memory);
    memory.struct_size = (uint32_t)offsetof(usm_memory, oom_kills_total);
    memory.oom_kills_total = 4711;
    memory.oom_kills_since_last = 4712;
    CHECK_OK(usm_state_memory(state, &memory));
    CHECK(memory.total_bytes > 0);
    CHECK(memory.oom_kills_total == 4711 && memory.oom_kills_since_last == 4712);
}

static void singles(const usm_state *state, int32_t pid) {
    SINGLE(usm_cpu, usm_cpu_init, usm_state_cpu(state, place));
    SINGLE(usm_memory, usm_memory_init, usm_state_memory(state, place));
    SINGLE(usm_pressure, usm_pressure_init, usm_state_pressure(state, USM_PRESSURE_CPU, place));
    SINGLE(usm_tcp, usm_tcp_init, usm_state_tcp(state, place));
    SINGLE(usm_limits, usm_limits_init, usm_state_limits(state, place));
    SINGLE(usm_host, usm_host_init, usm_state_host(state, place));
    SINGLE(usm_kernel_tables, usm_kernel_tables_init, usm_state_kernel_tables(state, place));
    SINGLE(usm_overhead, usm_overhead_init, usm_state_overhead(state, place));
    SINGLE(usm_event_health, usm_event_health_init, usm_state_event_health(state, place));
    SINGLE(usm_store_health, usm_store_health_init, usm_state_store_health(state, place));
    SINGLE(usm_process_counts, usm_process_counts_init, usm_state_process_counts(state, place));
    SINGLE(usm_process, usm_process_init, usm_state_process(state, pid, place));
    SINGLE(usm_process_details, usm_process_details_init,
           usm_state_process_details(state, pid, place));
}

static void what_is_no_state_is_refused(const usm_config *config) {
    usm_memory memory;
    usm_memory_init(&memory);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_state_memory(NULL, &memory));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE,
                 usm_state_memory((const usm_state *)(const void *)config, &memory));
    CHECK(memory.present == 0);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_config *config = test_config(folder);
    usm_monitor *monitor = NULL;
    usm_state *state = NULL;
    usm_process first;
    usm_pressure pressure;
    usm_score_part part;
    size_t count = 0;
    CHECK_OK(usm_monitor_new(config, &monitor));
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    CHECK_OK(usm_state_top_processes(state, USM_ORDER_PID, &first, sizeof first, 1, &count));
    CHECK(count > 0);
    singles(state, first.pid);
    ROWS(usm_cpu_core, usm_state_cpu_cores);
    ROWS(usm_disk, usm_state_disks);
    ROWS(usm_filesystem, usm_state_filesystems);
    ROWS(usm_interface, usm_state_interfaces);
    ROWS(usm_sensor, usm_state_sensors);
    ROWS(usm_battery, usm_state_batteries);
    ROWS(usm_source, usm_state_sources);
    an_older_struct_is_filled_as_far_as_it_goes(state);
    what_is_no_state_is_refused(config);

    usm_pressure_init(&pressure);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_state_pressure(state, 3, &pressure));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_state_pressure(state, UINT32_MAX, &pressure));
    CHECK_MESSAGE("USM_PRESSURE_");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_state_score_parts(state, 3, &part, sizeof part, 1, &count));
    CHECK_MESSAGE("USM_SCORE_");

    usm_config_free(&config);
    usm_state_free(&state);
    usm_monitor_free(&monitor);
    return 0;
}
