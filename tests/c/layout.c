/* The layout and the numbers of the binary interface, written out: a change of one of them
 * breaks programs that are in use. Only add to this file. */
#include <stddef.h>

#include "check.h"

#define LAYOUT(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "moved: " #type "." #field)
#define NUMBER(name, number) _Static_assert((name) == (number), "changed: " #name)

LAYOUT(usm_metrics, struct_size, 0);
LAYOUT(usm_metrics, reserved, 4);
LAYOUT(usm_metrics, sequence, 8);
LAYOUT(usm_metrics, present, 16);
LAYOUT(usm_metrics, timestamp, 24);
LAYOUT(usm_metrics, cpu_percent, 32);
LAYOUT(usm_metrics, cpu_user_percent, 40);
LAYOUT(usm_metrics, cpu_system_percent, 48);
LAYOUT(usm_metrics, cpu_iowait_percent, 56);
LAYOUT(usm_metrics, cpu_steal_percent, 64);
LAYOUT(usm_metrics, logical_cpus, 72);
LAYOUT(usm_metrics, effective_cpus, 80);
LAYOUT(usm_metrics, container_cpu_percent, 88);
LAYOUT(usm_metrics, load_average_1, 96);
LAYOUT(usm_metrics, load_average_5, 104);
LAYOUT(usm_metrics, load_average_15, 112);
LAYOUT(usm_metrics, runnable, 120);
LAYOUT(usm_metrics, blocked, 128);
LAYOUT(usm_metrics, context_switches_per_sec, 136);
LAYOUT(usm_metrics, memory_percent, 144);
LAYOUT(usm_metrics, memory_used_bytes, 152);
LAYOUT(usm_metrics, memory_available_bytes, 160);
LAYOUT(usm_metrics, memory_total_bytes, 168);
LAYOUT(usm_metrics, effective_memory_bytes, 176);
LAYOUT(usm_metrics, container_memory_percent, 184);
LAYOUT(usm_metrics, swap_percent, 192);
LAYOUT(usm_metrics, swap_used_bytes, 200);
LAYOUT(usm_metrics, swap_total_bytes, 208);
LAYOUT(usm_metrics, major_faults_per_sec, 216);
LAYOUT(usm_metrics, disk_percent, 224);
LAYOUT(usm_metrics, disk_used_bytes, 232);
LAYOUT(usm_metrics, disk_total_bytes, 240);
LAYOUT(usm_metrics, disk_read_bytes_per_sec, 248);
LAYOUT(usm_metrics, disk_write_bytes_per_sec, 256);
LAYOUT(usm_metrics, disk_utilisation_percent, 264);
LAYOUT(usm_metrics, network_received_bytes_total, 272);
LAYOUT(usm_metrics, network_sent_bytes_total, 280);
LAYOUT(usm_metrics, network_received_bytes_per_sec, 288);
LAYOUT(usm_metrics, network_sent_bytes_per_sec, 296);
LAYOUT(usm_metrics, tcp_established, 304);
LAYOUT(usm_metrics, tcp_retransmits_per_sec, 312);
LAYOUT(usm_metrics, pressure_cpu_some_percent, 320);
LAYOUT(usm_metrics, pressure_memory_some_percent, 328);
LAYOUT(usm_metrics, pressure_memory_full_percent, 336);
LAYOUT(usm_metrics, pressure_io_some_percent, 344);
LAYOUT(usm_metrics, pressure_io_full_percent, 352);
LAYOUT(usm_metrics, process_count, 360);
LAYOUT(usm_metrics, thread_count, 368);
LAYOUT(usm_metrics, temperature_celsius, 376);
LAYOUT(usm_metrics, battery_percent, 384);
LAYOUT(usm_metrics, battery_plugged, 392);
LAYOUT(usm_metrics, monitor_cpu_core_percent, 400);
LAYOUT(usm_metrics, monitor_rss_bytes, 408);
LAYOUT(usm_metrics, health_score, 416);
LAYOUT(usm_metrics, performance_score, 424);
LAYOUT(usm_metrics, security_score, 432);
_Static_assert(sizeof(usm_metrics) == 440, "size of usm_metrics");

LAYOUT(usm_process, struct_size, 0);
LAYOUT(usm_process, present, 4);
LAYOUT(usm_process, pid, 8);
LAYOUT(usm_process, parent_pid, 12);
LAYOUT(usm_process, uid, 16);
LAYOUT(usm_process, state, 20);
LAYOUT(usm_process, threads, 24);
LAYOUT(usm_process, nice, 28);
LAYOUT(usm_process, is_kernel_thread, 32);
LAYOUT(usm_process, reserved, 36);
LAYOUT(usm_process, start_time_ticks, 40);
LAYOUT(usm_process, start_time_seconds, 48);
LAYOUT(usm_process, cpu_core_percent, 56);
LAYOUT(usm_process, cpu_machine_percent, 64);
LAYOUT(usm_process, cpu_seconds_total, 72);
LAYOUT(usm_process, rss_bytes, 80);
LAYOUT(usm_process, memory_percent, 88);
LAYOUT(usm_process, read_bytes_per_sec, 96);
LAYOUT(usm_process, write_bytes_per_sec, 104);
LAYOUT(usm_process, name, 112);
LAYOUT(usm_process, user, 176);
_Static_assert(sizeof(usm_process) == 208, "size of usm_process");

NUMBER(USM_ABI_VERSION, 0);
NUMBER(USM_METRIC_CPU_PERCENT, 0);
NUMBER(USM_METRIC_CPU_USER_PERCENT, 1);
NUMBER(USM_METRIC_CPU_SYSTEM_PERCENT, 2);
NUMBER(USM_METRIC_CPU_IOWAIT_PERCENT, 3);
NUMBER(USM_METRIC_CPU_STEAL_PERCENT, 4);
NUMBER(USM_METRIC_LOGICAL_CPUS, 5);
NUMBER(USM_METRIC_EFFECTIVE_CPUS, 6);
NUMBER(USM_METRIC_CONTAINER_CPU_PERCENT, 7);
NUMBER(USM_METRIC_LOAD_AVERAGE_1, 8);
NUMBER(USM_METRIC_LOAD_AVERAGE_5, 9);
NUMBER(USM_METRIC_LOAD_AVERAGE_15, 10);
NUMBER(USM_METRIC_RUNNABLE, 11);
NUMBER(USM_METRIC_BLOCKED, 12);
NUMBER(USM_METRIC_CONTEXT_SWITCHES_PER_SEC, 13);
NUMBER(USM_METRIC_MEMORY_PERCENT, 14);
NUMBER(USM_METRIC_MEMORY_USED_BYTES, 15);
NUMBER(USM_METRIC_MEMORY_AVAILABLE_BYTES, 16);
NUMBER(USM_METRIC_MEMORY_TOTAL_BYTES, 17);
NUMBER(USM_METRIC_EFFECTIVE_MEMORY_BYTES, 18);
NUMBER(USM_METRIC_CONTAINER_MEMORY_PERCENT, 19);
NUMBER(USM_METRIC_SWAP_PERCENT, 20);
NUMBER(USM_METRIC_SWAP_USED_BYTES, 21);
NUMBER(USM_METRIC_SWAP_TOTAL_BYTES, 22);
NUMBER(USM_METRIC_MAJOR_FAULTS_PER_SEC, 23);
NUMBER(USM_METRIC_DISK_PERCENT, 24);
NUMBER(USM_METRIC_DISK_USED_BYTES, 25);
NUMBER(USM_METRIC_DISK_TOTAL_BYTES, 26);
NUMBER(USM_METRIC_DISK_READ_BYTES_PER_SEC, 27);
NUMBER(USM_METRIC_DISK_WRITE_BYTES_PER_SEC, 28);
NUMBER(USM_METRIC_DISK_UTILISATION_PERCENT, 29);
NUMBER(USM_METRIC_NETWORK_RECEIVED_BYTES_TOTAL, 30);
NUMBER(USM_METRIC_NETWORK_SENT_BYTES_TOTAL, 31);
NUMBER(USM_METRIC_NETWORK_RECEIVED_BYTES_PER_SEC, 32);
NUMBER(USM_METRIC_NETWORK_SENT_BYTES_PER_SEC, 33);
NUMBER(USM_METRIC_TCP_ESTABLISHED, 34);
NUMBER(USM_METRIC_TCP_RETRANSMITS_PER_SEC, 35);
NUMBER(USM_METRIC_PRESSURE_CPU_SOME_PERCENT, 36);
NUMBER(USM_METRIC_PRESSURE_MEMORY_SOME_PERCENT, 37);
NUMBER(USM_METRIC_PRESSURE_MEMORY_FULL_PERCENT, 38);
NUMBER(USM_METRIC_PRESSURE_IO_SOME_PERCENT, 39);
NUMBER(USM_METRIC_PRESSURE_IO_FULL_PERCENT, 40);
NUMBER(USM_METRIC_PROCESS_COUNT, 41);
NUMBER(USM_METRIC_THREAD_COUNT, 42);
NUMBER(USM_METRIC_TEMPERATURE_CELSIUS, 43);
NUMBER(USM_METRIC_BATTERY_PERCENT, 44);
NUMBER(USM_METRIC_BATTERY_PLUGGED, 45);
NUMBER(USM_METRIC_MONITOR_CPU_CORE_PERCENT, 46);
NUMBER(USM_METRIC_MONITOR_RSS_BYTES, 47);
NUMBER(USM_METRIC_HEALTH_SCORE, 48);
NUMBER(USM_METRIC_PERFORMANCE_SCORE, 49);
NUMBER(USM_METRIC_SECURITY_SCORE, 50);
NUMBER(USM_ORDER_CPU, 0);
NUMBER(USM_ORDER_MEMORY, 1);
NUMBER(USM_ORDER_IO, 2);
NUMBER(USM_ORDER_PID, 3);
NUMBER(USM_PROCESS_UID, 0);
NUMBER(USM_PROCESS_THREADS, 1);
NUMBER(USM_PROCESS_NICE, 2);
NUMBER(USM_PROCESS_START_TIME_SECONDS, 3);
NUMBER(USM_PROCESS_CPU_CORE_PERCENT, 4);
NUMBER(USM_PROCESS_CPU_MACHINE_PERCENT, 5);
NUMBER(USM_PROCESS_MEMORY_PERCENT, 6);
NUMBER(USM_PROCESS_READ_BYTES_PER_SEC, 7);
NUMBER(USM_PROCESS_WRITE_BYTES_PER_SEC, 8);
NUMBER(USM_PROCESS_USER, 9);
NUMBER(USM_EVENT_STATE_UPDATE, 0);
NUMBER(USM_EVENT_ALERT_TRIGGERED, 1);
NUMBER(USM_EVENT_RECOMMENDATION_GENERATED, 2);
NUMBER(USM_EVENT_PERFORMANCE_ANOMALY, 3);
NUMBER(USM_EVENT_SECURITY_ISSUE, 4);
NUMBER(USM_EVENT_MONITOR_STARTED, 5);
NUMBER(USM_EVENT_MONITOR_STOPPED, 6);
NUMBER(USM_EVENT_CONFIG_CHANGED, 7);
NUMBER(USM_EVENT_STORE_DEGRADED, 8);
NUMBER(USM_EVENT_STORE_RECOVERED, 9);
NUMBER(USM_EVENT_SAMPLING_FAILED, 10);
NUMBER(USM_EVENT_NONE, 4294967295);
NUMBER(USM_EVENTS_ALL, 4294967295);
NUMBER(USM_OK, 0);
NUMBER(USM_ERR_INVALID_ARGUMENT, (-1));
NUMBER(USM_ERR_INVALID_UTF8, (-2));
NUMBER(USM_ERR_INVALID_HANDLE, (-3));
NUMBER(USM_ERR_NOT_FOUND, (-4));
NUMBER(USM_ERR_PERMISSION_DENIED, (-5));
NUMBER(USM_ERR_IO, (-6));
NUMBER(USM_ERR_MALFORMED, (-7));
NUMBER(USM_ERR_STORE, (-8));
NUMBER(USM_ERR_INVALID_STATE, (-9));
NUMBER(USM_ERR_TIMED_OUT, (-10));
NUMBER(USM_ERR_FORKED, (-11));
NUMBER(USM_ERR_UNSUPPORTED, (-12));
NUMBER(USM_ERR_INTERNAL, (-13));
NUMBER(USM_ERR_PANIC, (-14));

_Static_assert(sizeof(usm_status) == 4, "size of usm_status");

/* The functions: declared once more, which the compiler refuses where a type has changed. */
const char *usm_status_name(usm_status status);
const char *usm_last_error_message(void);
int32_t usm_last_error_os_code(void);
const char *usm_version(void);
uint32_t usm_abi_version(void);
void usm_string_free(char *string);
usm_status usm_config_new(struct usm_config **config);
void usm_config_free(struct usm_config **config);
usm_status usm_config_set_number(struct usm_config *config, const char *name, double value);
usm_status usm_config_set_bool(struct usm_config *config, const char *name, int32_t value);
usm_status usm_config_set_text(struct usm_config *config, const char *name, const char *value);
usm_status usm_config_set_json(struct usm_config *config, const char *json);
usm_status usm_config_load_file(struct usm_config *config, const char *path);
usm_status usm_config_apply_environment(struct usm_config *config);
usm_status usm_config_get_json(const struct usm_config *config, const char *name, char **json);
usm_status usm_monitor_new(const struct usm_config *config, struct usm_monitor **monitor);
void usm_monitor_free(struct usm_monitor **monitor);
usm_status usm_monitor_start(struct usm_monitor *monitor);
usm_status usm_monitor_stop(struct usm_monitor *monitor);
usm_status usm_monitor_is_active(const struct usm_monitor *monitor, int32_t *active);
usm_status usm_monitor_collect(struct usm_monitor *monitor, uint64_t *sequence);
usm_status usm_monitor_wait(const struct usm_monitor *monitor, uint64_t after_sequence, double
    timeout_seconds, uint64_t *sequence);
usm_status usm_monitor_flush(struct usm_monitor *monitor, double timeout_seconds);
usm_status usm_monitor_set_number(struct usm_monitor *monitor, const char *name, double value);
usm_status usm_monitor_set_bool(struct usm_monitor *monitor, const char *name, int32_t value);
usm_status usm_monitor_set_text(struct usm_monitor *monitor, const char *name, const char
    *value);
usm_status usm_monitor_config_json(const struct usm_monitor *monitor, const char *name, char
    **json);
usm_status usm_monitor_state_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_report_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_doctor_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_metrics(const struct usm_monitor *monitor, struct usm_metrics *metrics);
usm_status usm_monitor_top_processes(const struct usm_monitor *monitor, uint32_t order, struct
    usm_process *array, size_t element_size, size_t capacity, size_t *count);
usm_status usm_monitor_subscribe(struct usm_monitor *monitor, uint32_t kinds_mask,
    usm_event_callback callback, void *user_data, usm_destroy_callback destroy, uint64_t
    *subscription);
usm_status usm_monitor_unsubscribe(struct usm_monitor *monitor, uint64_t subscription);
uint32_t usm_event_kind(const struct usm_event *event);
double usm_event_timestamp(const struct usm_event *event);
usm_status usm_event_metrics(const struct usm_event *event, struct usm_metrics *metrics);
usm_status usm_event_json(const struct usm_event *event, const char **json);
const char *usm_event_kind_name(uint32_t kind);

/* The linker refuses a program where one has gone. */
typedef void (*function)(void);
static const function functions[] = {
    (function)usm_status_name,
    (function)usm_last_error_message,
    (function)usm_last_error_os_code,
    (function)usm_version,
    (function)usm_abi_version,
    (function)usm_string_free,
    (function)usm_config_new,
    (function)usm_config_free,
    (function)usm_config_set_number,
    (function)usm_config_set_bool,
    (function)usm_config_set_text,
    (function)usm_config_set_json,
    (function)usm_config_load_file,
    (function)usm_config_apply_environment,
    (function)usm_config_get_json,
    (function)usm_monitor_new,
    (function)usm_monitor_free,
    (function)usm_monitor_start,
    (function)usm_monitor_stop,
    (function)usm_monitor_is_active,
    (function)usm_monitor_collect,
    (function)usm_monitor_wait,
    (function)usm_monitor_flush,
    (function)usm_monitor_set_number,
    (function)usm_monitor_set_bool,
    (function)usm_monitor_set_text,
    (function)usm_monitor_config_json,
    (function)usm_monitor_state_json,
    (function)usm_monitor_report_json,
    (function)usm_monitor_doctor_json,
    (function)usm_monitor_metrics,
    (function)usm_monitor_top_processes,
    (function)usm_monitor_subscribe,
    (function)usm_monitor_unsubscribe,
    (function)usm_event_kind,
    (function)usm_event_timestamp,
    (function)usm_event_metrics,
    (function)usm_event_json,
    (function)usm_event_kind_name,
};

int main(int argc, char **argv) {
    size_t i;
    char version[32];
    (void)test_folder(argc, argv);
    snprintf(version, sizeof version, "%d.%d.%d", USM_VERSION_MAJOR, USM_VERSION_MINOR,
             USM_VERSION_PATCH);
    CHECK(strcmp(version, USM_VERSION) == 0);
    CHECK(strcmp(version, usm_version()) == 0);
    CHECK(usm_abi_version() == USM_ABI_VERSION);
    for (i = 0; i < sizeof functions / sizeof *functions; i++) CHECK(functions[i] != NULL);
    return 0;
}
