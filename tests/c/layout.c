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

LAYOUT(usm_cpu, struct_size, 0);
LAYOUT(usm_cpu, reserved, 4);
LAYOUT(usm_cpu, present, 8);
LAYOUT(usm_cpu, busy_percent, 16);
LAYOUT(usm_cpu, user_percent, 24);
LAYOUT(usm_cpu, nice_percent, 32);
LAYOUT(usm_cpu, system_percent, 40);
LAYOUT(usm_cpu, idle_percent, 48);
LAYOUT(usm_cpu, iowait_percent, 56);
LAYOUT(usm_cpu, irq_percent, 64);
LAYOUT(usm_cpu, softirq_percent, 72);
LAYOUT(usm_cpu, steal_percent, 80);
LAYOUT(usm_cpu, guest_percent, 88);
LAYOUT(usm_cpu, user_seconds_total, 96);
LAYOUT(usm_cpu, nice_seconds_total, 104);
LAYOUT(usm_cpu, system_seconds_total, 112);
LAYOUT(usm_cpu, idle_seconds_total, 120);
LAYOUT(usm_cpu, iowait_seconds_total, 128);
LAYOUT(usm_cpu, irq_seconds_total, 136);
LAYOUT(usm_cpu, softirq_seconds_total, 144);
LAYOUT(usm_cpu, steal_seconds_total, 152);
LAYOUT(usm_cpu, guest_seconds_total, 160);
LAYOUT(usm_cpu, guest_nice_seconds_total, 168);
LAYOUT(usm_cpu, load_average_1, 176);
LAYOUT(usm_cpu, load_average_5, 184);
LAYOUT(usm_cpu, load_average_15, 192);
LAYOUT(usm_cpu, context_switches_per_sec, 200);
LAYOUT(usm_cpu, interrupts_per_sec, 208);
LAYOUT(usm_cpu, forks_per_sec, 216);
LAYOUT(usm_cpu, context_switches_total, 224);
LAYOUT(usm_cpu, interrupts_total, 232);
LAYOUT(usm_cpu, forks_total, 240);
LAYOUT(usm_cpu, runnable, 248);
LAYOUT(usm_cpu, blocked, 256);
LAYOUT(usm_cpu, tasks, 264);
_Static_assert(sizeof(usm_cpu) == 272, "size of usm_cpu");

LAYOUT(usm_cpu_core, struct_size, 0);
LAYOUT(usm_cpu_core, id, 4);
LAYOUT(usm_cpu_core, busy_percent, 8);
LAYOUT(usm_cpu_core, user_percent, 16);
LAYOUT(usm_cpu_core, nice_percent, 24);
LAYOUT(usm_cpu_core, system_percent, 32);
LAYOUT(usm_cpu_core, idle_percent, 40);
LAYOUT(usm_cpu_core, iowait_percent, 48);
LAYOUT(usm_cpu_core, irq_percent, 56);
LAYOUT(usm_cpu_core, softirq_percent, 64);
LAYOUT(usm_cpu_core, steal_percent, 72);
LAYOUT(usm_cpu_core, guest_percent, 80);
LAYOUT(usm_cpu_core, user_seconds_total, 88);
LAYOUT(usm_cpu_core, nice_seconds_total, 96);
LAYOUT(usm_cpu_core, system_seconds_total, 104);
LAYOUT(usm_cpu_core, idle_seconds_total, 112);
LAYOUT(usm_cpu_core, iowait_seconds_total, 120);
LAYOUT(usm_cpu_core, irq_seconds_total, 128);
LAYOUT(usm_cpu_core, softirq_seconds_total, 136);
LAYOUT(usm_cpu_core, steal_seconds_total, 144);
LAYOUT(usm_cpu_core, guest_seconds_total, 152);
LAYOUT(usm_cpu_core, guest_nice_seconds_total, 160);
LAYOUT(usm_cpu_core, frequency_mhz, 168);
_Static_assert(sizeof(usm_cpu_core) == 176, "size of usm_cpu_core");

LAYOUT(usm_memory, struct_size, 0);
LAYOUT(usm_memory, available_is_estimated, 4);
LAYOUT(usm_memory, present, 8);
LAYOUT(usm_memory, total_bytes, 16);
LAYOUT(usm_memory, available_bytes, 24);
LAYOUT(usm_memory, used_bytes, 32);
LAYOUT(usm_memory, used_percent, 40);
LAYOUT(usm_memory, free_bytes, 48);
LAYOUT(usm_memory, buffers_bytes, 56);
LAYOUT(usm_memory, cached_bytes, 64);
LAYOUT(usm_memory, slab_bytes, 72);
LAYOUT(usm_memory, slab_reclaimable_bytes, 80);
LAYOUT(usm_memory, shmem_bytes, 88);
LAYOUT(usm_memory, dirty_bytes, 96);
LAYOUT(usm_memory, writeback_bytes, 104);
LAYOUT(usm_memory, anonymous_bytes, 112);
LAYOUT(usm_memory, swap_total_bytes, 120);
LAYOUT(usm_memory, swap_used_bytes, 128);
LAYOUT(usm_memory, swap_used_percent, 136);
LAYOUT(usm_memory, swap_in_bytes_total, 144);
LAYOUT(usm_memory, swap_in_bytes_per_sec, 152);
LAYOUT(usm_memory, swap_out_bytes_total, 160);
LAYOUT(usm_memory, swap_out_bytes_per_sec, 168);
LAYOUT(usm_memory, major_faults_total, 176);
LAYOUT(usm_memory, major_faults_per_sec, 184);
LAYOUT(usm_memory, oom_kills_total, 192);
LAYOUT(usm_memory, oom_kills_since_last, 200);
_Static_assert(sizeof(usm_memory) == 208, "size of usm_memory");

LAYOUT(usm_pressure, struct_size, 0);
LAYOUT(usm_pressure, reserved, 4);
LAYOUT(usm_pressure, present, 8);
LAYOUT(usm_pressure, some_percent, 16);
LAYOUT(usm_pressure, some_avg10_percent, 24);
LAYOUT(usm_pressure, some_avg60_percent, 32);
LAYOUT(usm_pressure, some_avg300_percent, 40);
LAYOUT(usm_pressure, some_stalled_usec_total, 48);
LAYOUT(usm_pressure, full_percent, 56);
LAYOUT(usm_pressure, full_avg10_percent, 64);
LAYOUT(usm_pressure, full_avg60_percent, 72);
LAYOUT(usm_pressure, full_avg300_percent, 80);
LAYOUT(usm_pressure, full_stalled_usec_total, 88);
_Static_assert(sizeof(usm_pressure) == 96, "size of usm_pressure");

LAYOUT(usm_disk, struct_size, 0);
LAYOUT(usm_disk, is_stacked, 4);
LAYOUT(usm_disk, name, 8);
LAYOUT(usm_disk, read_bytes_per_sec, 16);
LAYOUT(usm_disk, write_bytes_per_sec, 24);
LAYOUT(usm_disk, reads_per_sec, 32);
LAYOUT(usm_disk, writes_per_sec, 40);
LAYOUT(usm_disk, read_latency_ms, 48);
LAYOUT(usm_disk, write_latency_ms, 56);
LAYOUT(usm_disk, utilisation_percent, 64);
LAYOUT(usm_disk, queue_length, 72);
LAYOUT(usm_disk, in_flight, 80);
LAYOUT(usm_disk, reads_total, 88);
LAYOUT(usm_disk, read_bytes_total, 96);
LAYOUT(usm_disk, read_ms_total, 104);
LAYOUT(usm_disk, writes_total, 112);
LAYOUT(usm_disk, write_bytes_total, 120);
LAYOUT(usm_disk, write_ms_total, 128);
LAYOUT(usm_disk, busy_ms_total, 136);
LAYOUT(usm_disk, weighted_ms_total, 144);
_Static_assert(sizeof(usm_disk) == 152, "size of usm_disk");

LAYOUT(usm_filesystem, struct_size, 0);
LAYOUT(usm_filesystem, is_read_only, 4);
LAYOUT(usm_filesystem, is_stale, 8);
LAYOUT(usm_filesystem, reserved, 12);
LAYOUT(usm_filesystem, present, 16);
LAYOUT(usm_filesystem, mount_point, 24);
LAYOUT(usm_filesystem, device, 32);
LAYOUT(usm_filesystem, kind, 40);
LAYOUT(usm_filesystem, total_bytes, 48);
LAYOUT(usm_filesystem, used_bytes, 56);
LAYOUT(usm_filesystem, available_bytes, 64);
LAYOUT(usm_filesystem, used_percent, 72);
LAYOUT(usm_filesystem, inodes_total, 80);
LAYOUT(usm_filesystem, inodes_used, 88);
LAYOUT(usm_filesystem, inodes_used_percent, 96);
LAYOUT(usm_filesystem, problem, 104);
_Static_assert(sizeof(usm_filesystem) == 112, "size of usm_filesystem");

LAYOUT(usm_interface, struct_size, 0);
LAYOUT(usm_interface, is_loopback, 4);
LAYOUT(usm_interface, name, 8);
LAYOUT(usm_interface, received_bytes_per_sec, 16);
LAYOUT(usm_interface, sent_bytes_per_sec, 24);
LAYOUT(usm_interface, received_packets_per_sec, 32);
LAYOUT(usm_interface, sent_packets_per_sec, 40);
LAYOUT(usm_interface, errors_per_sec, 48);
LAYOUT(usm_interface, drops_per_sec, 56);
LAYOUT(usm_interface, received_bytes_total, 64);
LAYOUT(usm_interface, sent_bytes_total, 72);
LAYOUT(usm_interface, received_packets_total, 80);
LAYOUT(usm_interface, sent_packets_total, 88);
LAYOUT(usm_interface, receive_errors_total, 96);
LAYOUT(usm_interface, send_errors_total, 104);
LAYOUT(usm_interface, receive_drops_total, 112);
LAYOUT(usm_interface, send_drops_total, 120);
_Static_assert(sizeof(usm_interface) == 128, "size of usm_interface");

LAYOUT(usm_tcp, struct_size, 0);
LAYOUT(usm_tcp, reserved, 4);
LAYOUT(usm_tcp, present, 8);
LAYOUT(usm_tcp, established, 16);
LAYOUT(usm_tcp, listening, 24);
LAYOUT(usm_tcp, sent_segments_total, 32);
LAYOUT(usm_tcp, sent_segments_per_sec, 40);
LAYOUT(usm_tcp, retransmits_total, 48);
LAYOUT(usm_tcp, retransmits_per_sec, 56);
_Static_assert(sizeof(usm_tcp) == 64, "size of usm_tcp");

LAYOUT(usm_sensor, struct_size, 0);
LAYOUT(usm_sensor, kind, 4);
LAYOUT(usm_sensor, is_stale, 8);
LAYOUT(usm_sensor, reserved, 12);
LAYOUT(usm_sensor, chip, 16);
LAYOUT(usm_sensor, label, 24);
LAYOUT(usm_sensor, value, 32);
LAYOUT(usm_sensor, high, 40);
LAYOUT(usm_sensor, critical, 48);
_Static_assert(sizeof(usm_sensor) == 56, "size of usm_sensor");

LAYOUT(usm_battery, struct_size, 0);
LAYOUT(usm_battery, reserved, 4);
LAYOUT(usm_battery, name, 8);
LAYOUT(usm_battery, status, 16);
LAYOUT(usm_battery, charge_percent, 24);
LAYOUT(usm_battery, power_watts, 32);
LAYOUT(usm_battery, seconds_to_empty, 40);
LAYOUT(usm_battery, capacity_percent, 48);
_Static_assert(sizeof(usm_battery) == 56, "size of usm_battery");

LAYOUT(usm_limits, struct_size, 0);
LAYOUT(usm_limits, version, 4);
LAYOUT(usm_limits, present, 8);
LAYOUT(usm_limits, cgroup, 16);
LAYOUT(usm_limits, effective_cpus, 24);
LAYOUT(usm_limits, effective_cpus_source, 32);
LAYOUT(usm_limits, quota_cpus, 40);
LAYOUT(usm_limits, cpuset_cpus, 48);
LAYOUT(usm_limits, effective_memory_bytes, 56);
LAYOUT(usm_limits, effective_memory_source, 64);
LAYOUT(usm_limits, memory_limit_bytes, 72);
LAYOUT(usm_limits, memory_used_bytes, 80);
LAYOUT(usm_limits, memory_used_percent, 88);
LAYOUT(usm_limits, cpu_usage_usec_total, 96);
LAYOUT(usm_limits, cpu_used_percent, 104);
LAYOUT(usm_limits, throttled_usec_total, 112);
LAYOUT(usm_limits, throttled_percent, 120);
LAYOUT(usm_limits, pids_current, 128);
LAYOUT(usm_limits, pids_limit, 136);
LAYOUT(usm_limits, oom_kills_total, 144);
_Static_assert(sizeof(usm_limits) == 152, "size of usm_limits");

LAYOUT(usm_host, struct_size, 0);
LAYOUT(usm_host, reserved, 4);
LAYOUT(usm_host, present, 8);
LAYOUT(usm_host, hostname, 16);
LAYOUT(usm_host, os_name, 24);
LAYOUT(usm_host, kernel_release, 32);
LAYOUT(usm_host, architecture, 40);
LAYOUT(usm_host, cpu_model, 48);
LAYOUT(usm_host, logical_cpus, 56);
LAYOUT(usm_host, physical_cores, 64);
LAYOUT(usm_host, memory_total_bytes, 72);
LAYOUT(usm_host, boot_time, 80);
LAYOUT(usm_host, boot_id, 88);
LAYOUT(usm_host, virtualization, 96);
LAYOUT(usm_host, page_size_bytes, 104);
LAYOUT(usm_host, clock_ticks_per_second, 112);
_Static_assert(sizeof(usm_host) == 120, "size of usm_host");

LAYOUT(usm_kernel_tables, struct_size, 0);
LAYOUT(usm_kernel_tables, reserved, 4);
LAYOUT(usm_kernel_tables, present, 8);
LAYOUT(usm_kernel_tables, open_files, 16);
LAYOUT(usm_kernel_tables, open_files_limit, 24);
LAYOUT(usm_kernel_tables, open_files_percent, 32);
LAYOUT(usm_kernel_tables, task_limit, 40);
LAYOUT(usm_kernel_tables, task_percent, 48);
LAYOUT(usm_kernel_tables, clock_is_synchronised, 56);
LAYOUT(usm_kernel_tables, clock_jump_seconds, 64);
_Static_assert(sizeof(usm_kernel_tables) == 72, "size of usm_kernel_tables");

LAYOUT(usm_overhead, struct_size, 0);
LAYOUT(usm_overhead, process_scan_every, 4);
LAYOUT(usm_overhead, present, 8);
LAYOUT(usm_overhead, interval_seconds, 16);
LAYOUT(usm_overhead, sample_seconds, 24);
LAYOUT(usm_overhead, process_scan_seconds, 32);
LAYOUT(usm_overhead, sample_cpu_seconds, 40);
LAYOUT(usm_overhead, cpu_core_percent, 48);
LAYOUT(usm_overhead, process_rss_bytes, 56);
_Static_assert(sizeof(usm_overhead) == 64, "size of usm_overhead");

LAYOUT(usm_event_health, struct_size, 0);
LAYOUT(usm_event_health, reserved, 4);
LAYOUT(usm_event_health, subscriptions, 8);
LAYOUT(usm_event_health, delivered, 16);
LAYOUT(usm_event_health, dropped, 24);
LAYOUT(usm_event_health, failed, 32);
LAYOUT(usm_event_health, stuck, 40);
_Static_assert(sizeof(usm_event_health) == 48, "size of usm_event_health");

LAYOUT(usm_store_health, struct_size, 0);
LAYOUT(usm_store_health, status, 4);
LAYOUT(usm_store_health, retention_lost, 8);
LAYOUT(usm_store_health, reserved, 12);
LAYOUT(usm_store_health, cause, 16);
LAYOUT(usm_store_health, warning, 24);
LAYOUT(usm_store_health, set_aside, 32);
LAYOUT(usm_store_health, since, 40);
LAYOUT(usm_store_health, rows_written, 48);
LAYOUT(usm_store_health, rows_waiting, 56);
LAYOUT(usm_store_health, rows_dropped, 64);
LAYOUT(usm_store_health, bytes, 72);
LAYOUT(usm_store_health, last_commit, 80);
LAYOUT(usm_store_health, last_commit_seconds, 88);
LAYOUT(usm_store_health, last_commit_rows, 96);
_Static_assert(sizeof(usm_store_health) == 104, "size of usm_store_health");

LAYOUT(usm_score_part, struct_size, 0);
LAYOUT(usm_score_part, reserved, 4);
LAYOUT(usm_score_part, name, 8);
LAYOUT(usm_score_part, input, 16);
LAYOUT(usm_score_part, loss, 24);
_Static_assert(sizeof(usm_score_part) == 32, "size of usm_score_part");

LAYOUT(usm_source, struct_size, 0);
LAYOUT(usm_source, availability, 4);
LAYOUT(usm_source, source, 8);
LAYOUT(usm_source, gives, 16);
LAYOUT(usm_source, reason, 24);
_Static_assert(sizeof(usm_source) == 32, "size of usm_source");

LAYOUT(usm_process_counts, struct_size, 0);
LAYOUT(usm_process_counts, is_stale, 4);
LAYOUT(usm_process_counts, present, 8);
LAYOUT(usm_process_counts, total, 16);
LAYOUT(usm_process_counts, running, 24);
LAYOUT(usm_process_counts, sleeping, 32);
LAYOUT(usm_process_counts, disk_sleep, 40);
LAYOUT(usm_process_counts, stopped, 48);
LAYOUT(usm_process_counts, zombie, 56);
LAYOUT(usm_process_counts, threads, 64);
LAYOUT(usm_process_counts, interval_seconds, 72);
_Static_assert(sizeof(usm_process_counts) == 80, "size of usm_process_counts");

LAYOUT(usm_process_details, struct_size, 0);
LAYOUT(usm_process_details, pid, 4);
LAYOUT(usm_process_details, present, 8);
LAYOUT(usm_process_details, name, 16);
LAYOUT(usm_process_details, user, 24);
LAYOUT(usm_process_details, cgroup, 32);
LAYOUT(usm_process_details, command_line, 40);
LAYOUT(usm_process_details, start_time_ticks, 48);
LAYOUT(usm_process_details, session_id, 56);
LAYOUT(usm_process_details, children_cpu_seconds_total, 64);
LAYOUT(usm_process_details, children_cpu_core_percent, 72);
LAYOUT(usm_process_details, major_faults_total, 80);
LAYOUT(usm_process_details, read_bytes_total, 88);
LAYOUT(usm_process_details, write_bytes_total, 96);
LAYOUT(usm_process_details, pss_bytes, 104);
LAYOUT(usm_process_details, open_files, 112);
_Static_assert(sizeof(usm_process_details) == 120, "size of usm_process_details");

LAYOUT(usm_process_extra, struct_size, 0);
LAYOUT(usm_process_extra, reserved, 4);
LAYOUT(usm_process_extra, present, 8);
LAYOUT(usm_process_extra, pss_bytes, 16);
LAYOUT(usm_process_extra, open_files, 24);
_Static_assert(sizeof(usm_process_extra) == 32, "size of usm_process_extra");

NUMBER(USM_CPU_CONTEXT_SWITCHES_TOTAL, 0);
NUMBER(USM_CPU_INTERRUPTS_TOTAL, 1);
NUMBER(USM_CPU_FORKS_TOTAL, 2);
NUMBER(USM_CPU_RUNNABLE, 3);
NUMBER(USM_CPU_BLOCKED, 4);
NUMBER(USM_CPU_TASKS, 5);
NUMBER(USM_MEMORY_TOTAL_BYTES, 0);
NUMBER(USM_MEMORY_AVAILABLE_BYTES, 1);
NUMBER(USM_MEMORY_USED_BYTES, 2);
NUMBER(USM_MEMORY_FREE_BYTES, 3);
NUMBER(USM_MEMORY_BUFFERS_BYTES, 4);
NUMBER(USM_MEMORY_CACHED_BYTES, 5);
NUMBER(USM_MEMORY_SLAB_BYTES, 6);
NUMBER(USM_MEMORY_SLAB_RECLAIMABLE_BYTES, 7);
NUMBER(USM_MEMORY_SHMEM_BYTES, 8);
NUMBER(USM_MEMORY_DIRTY_BYTES, 9);
NUMBER(USM_MEMORY_WRITEBACK_BYTES, 10);
NUMBER(USM_MEMORY_ANONYMOUS_BYTES, 11);
NUMBER(USM_MEMORY_SWAP_TOTAL_BYTES, 12);
NUMBER(USM_MEMORY_SWAP_USED_BYTES, 13);
NUMBER(USM_MEMORY_SWAP_IN_BYTES_TOTAL, 14);
NUMBER(USM_MEMORY_SWAP_OUT_BYTES_TOTAL, 15);
NUMBER(USM_MEMORY_MAJOR_FAULTS_TOTAL, 16);
NUMBER(USM_MEMORY_OOM_KILLS_TOTAL, 17);
NUMBER(USM_MEMORY_OOM_KILLS_SINCE_LAST, 18);
NUMBER(USM_PRESSURE_SOME_STALLED_USEC_TOTAL, 0);
NUMBER(USM_PRESSURE_FULL_STALLED_USEC_TOTAL, 1);
NUMBER(USM_FILESYSTEM_TOTAL_BYTES, 0);
NUMBER(USM_FILESYSTEM_USED_BYTES, 1);
NUMBER(USM_FILESYSTEM_AVAILABLE_BYTES, 2);
NUMBER(USM_FILESYSTEM_INODES_TOTAL, 3);
NUMBER(USM_FILESYSTEM_INODES_USED, 4);
NUMBER(USM_TCP_ESTABLISHED, 0);
NUMBER(USM_TCP_LISTENING, 1);
NUMBER(USM_TCP_SENT_SEGMENTS_TOTAL, 2);
NUMBER(USM_TCP_RETRANSMITS_TOTAL, 3);
NUMBER(USM_LIMITS_CPUSET_CPUS, 0);
NUMBER(USM_LIMITS_EFFECTIVE_MEMORY_BYTES, 1);
NUMBER(USM_LIMITS_MEMORY_LIMIT_BYTES, 2);
NUMBER(USM_LIMITS_MEMORY_USED_BYTES, 3);
NUMBER(USM_LIMITS_CPU_USAGE_USEC_TOTAL, 4);
NUMBER(USM_LIMITS_THROTTLED_USEC_TOTAL, 5);
NUMBER(USM_LIMITS_PIDS_CURRENT, 6);
NUMBER(USM_LIMITS_PIDS_LIMIT, 7);
NUMBER(USM_LIMITS_OOM_KILLS_TOTAL, 8);
NUMBER(USM_HOST_LOGICAL_CPUS, 0);
NUMBER(USM_HOST_PHYSICAL_CORES, 1);
NUMBER(USM_HOST_MEMORY_TOTAL_BYTES, 2);
NUMBER(USM_HOST_PAGE_SIZE_BYTES, 3);
NUMBER(USM_HOST_CLOCK_TICKS_PER_SECOND, 4);
NUMBER(USM_KERNEL_TABLES_OPEN_FILES, 0);
NUMBER(USM_KERNEL_TABLES_OPEN_FILES_LIMIT, 1);
NUMBER(USM_KERNEL_TABLES_TASK_LIMIT, 2);
NUMBER(USM_KERNEL_TABLES_CLOCK_IS_SYNCHRONISED, 3);
NUMBER(USM_OVERHEAD_PROCESS_RSS_BYTES, 0);
NUMBER(USM_PROCESS_COUNTS_TOTAL, 0);
NUMBER(USM_PROCESS_COUNTS_RUNNING, 1);
NUMBER(USM_PROCESS_COUNTS_SLEEPING, 2);
NUMBER(USM_PROCESS_COUNTS_DISK_SLEEP, 3);
NUMBER(USM_PROCESS_COUNTS_STOPPED, 4);
NUMBER(USM_PROCESS_COUNTS_ZOMBIE, 5);
NUMBER(USM_PROCESS_COUNTS_THREADS, 6);
NUMBER(USM_PROCESS_DETAILS_SESSION_ID, 0);
NUMBER(USM_PROCESS_DETAILS_MAJOR_FAULTS_TOTAL, 1);
NUMBER(USM_PROCESS_DETAILS_READ_BYTES_TOTAL, 2);
NUMBER(USM_PROCESS_DETAILS_WRITE_BYTES_TOTAL, 3);
NUMBER(USM_PROCESS_DETAILS_PSS_BYTES, 4);
NUMBER(USM_PROCESS_DETAILS_OPEN_FILES, 5);
NUMBER(USM_PROCESS_EXTRA_PSS_BYTES, 0);
NUMBER(USM_PROCESS_EXTRA_OPEN_FILES, 1);
NUMBER(USM_PRESSURE_CPU, 0);
NUMBER(USM_PRESSURE_MEMORY, 1);
NUMBER(USM_PRESSURE_IO, 2);
NUMBER(USM_SENSOR_TEMPERATURE, 0);
NUMBER(USM_SENSOR_FAN, 1);
NUMBER(USM_CGROUP_NONE, 0);
NUMBER(USM_CGROUP_V1, 1);
NUMBER(USM_CGROUP_V2, 2);
NUMBER(USM_CGROUP_HYBRID, 3);
NUMBER(USM_STORE_NONE, 0);
NUMBER(USM_STORE_OK, 1);
NUMBER(USM_STORE_DEGRADED, 2);
NUMBER(USM_SCORE_HEALTH, 0);
NUMBER(USM_SCORE_PERFORMANCE, 1);
NUMBER(USM_SCORE_SECURITY, 2);
NUMBER(USM_SOURCE_UNKNOWN, 0);
NUMBER(USM_SOURCE_AVAILABLE, 1);
NUMBER(USM_SOURCE_ABSENT, 2);
NUMBER(USM_SOURCE_FORBIDDEN, 3);
NUMBER(USM_SOURCE_SLOW, 4);
NUMBER(USM_SOURCE_MALFORMED, 5);
NUMBER(USM_SOURCE_FAILED, 6);
LAYOUT(usm_setting, struct_size, 0);
LAYOUT(usm_setting, kind, 4);
LAYOUT(usm_setting, is_live, 8);
LAYOUT(usm_setting, may_be_empty, 12);
LAYOUT(usm_setting, name, 16);
LAYOUT(usm_setting, about, 24);
LAYOUT(usm_setting, default_text, 32);
LAYOUT(usm_setting, allowed, 40);
LAYOUT(usm_setting, unit, 48);
LAYOUT(usm_setting, least, 56);
LAYOUT(usm_setting, most, 64);
_Static_assert(sizeof(usm_setting) == 72, "size of usm_setting");

LAYOUT(usm_advice, struct_size, 0);
LAYOUT(usm_advice, severity, 4);
LAYOUT(usm_advice, source, 8);
LAYOUT(usm_advice, reserved, 12);
LAYOUT(usm_advice, id, 16);
LAYOUT(usm_advice, text, 24);
LAYOUT(usm_advice, benefit, 32);
_Static_assert(sizeof(usm_advice) == 40, "size of usm_advice");

LAYOUT(usm_weak_setting, struct_size, 0);
LAYOUT(usm_weak_setting, severity, 4);
LAYOUT(usm_weak_setting, loss, 8);
LAYOUT(usm_weak_setting, setting, 16);
LAYOUT(usm_weak_setting, value, 24);
LAYOUT(usm_weak_setting, wanted, 32);
LAYOUT(usm_weak_setting, risk, 40);
_Static_assert(sizeof(usm_weak_setting) == 48, "size of usm_weak_setting");

NUMBER(USM_SETTING_SWITCH, 0);
NUMBER(USM_SETTING_NUMBER, 1);
NUMBER(USM_SETTING_COUNT, 2);
NUMBER(USM_SETTING_CHOICE, 3);
NUMBER(USM_SETTING_FOLDER, 4);
NUMBER(USM_SETTING_FILE, 5);
NUMBER(USM_SETTING_TEXTS, 6);
NUMBER(USM_ADVICE_SAMPLE, 0);
NUMBER(USM_ADVICE_SCORE, 1);
NUMBER(USM_ADVICE_INSIGHT, 2);
NUMBER(USM_ADVICE_INCIDENT, 3);
NUMBER(USM_ADVICE_FORECAST, 4);
NUMBER(USM_ADVICE_SECURITY, 5);

LAYOUT(usm_target, struct_size, 0);
LAYOUT(usm_target, target_type, 4);
LAYOUT(usm_target, priority, 8);
LAYOUT(usm_target, metric, 12);
LAYOUT(usm_target, id, 16);
LAYOUT(usm_target, current_value, 24);
LAYOUT(usm_target, target_value, 32);
LAYOUT(usm_target, confidence, 40);
LAYOUT(usm_target, since, 48);
LAYOUT(usm_target, culprit_count, 56);
LAYOUT(usm_target, description, 64);
LAYOUT(usm_target, method, 72);
LAYOUT(usm_target, impact, 80);
LAYOUT(usm_target, subject, 88);
LAYOUT(usm_target, advice, 96);
_Static_assert(sizeof(usm_target) == 104, "size of usm_target");

LAYOUT(usm_culprit, struct_size, 0);
LAYOUT(usm_culprit, may_be_touched, 4);
LAYOUT(usm_culprit, pid, 8);
LAYOUT(usm_culprit, uid, 12);
LAYOUT(usm_culprit, session_id, 16);
LAYOUT(usm_culprit, reserved, 20);
LAYOUT(usm_culprit, start_time_ticks, 24);
LAYOUT(usm_culprit, usage, 32);
LAYOUT(usm_culprit, share, 40);
LAYOUT(usm_culprit, name, 48);
LAYOUT(usm_culprit, unit, 56);
LAYOUT(usm_culprit, cgroup, 64);
LAYOUT(usm_culprit, untouchable_reason, 72);
_Static_assert(sizeof(usm_culprit) == 80, "size of usm_culprit");

LAYOUT(usm_action, struct_size, 0);
LAYOUT(usm_action, action_type, 4);
LAYOUT(usm_action, priority, 8);
LAYOUT(usm_action, risk_level, 12);
LAYOUT(usm_action, target_type, 16);
LAYOUT(usm_action, metric, 20);
LAYOUT(usm_action, reversible, 24);
LAYOUT(usm_action, effect_expected, 28);
LAYOUT(usm_action, pid, 32);
LAYOUT(usm_action, reserved, 36);
LAYOUT(usm_action, start_time_ticks, 40);
LAYOUT(usm_action, id, 48);
LAYOUT(usm_action, risk_score, 56);
LAYOUT(usm_action, estimated_benefit, 64);
LAYOUT(usm_action, execution_time, 72);
LAYOUT(usm_action, description, 80);
LAYOUT(usm_action, target_id, 88);
LAYOUT(usm_action, subject, 96);
LAYOUT(usm_action, risk_reason, 104);
LAYOUT(usm_action, reversible_reason, 112);
LAYOUT(usm_action, effect_reason, 120);
_Static_assert(sizeof(usm_action) == 128, "size of usm_action");

LAYOUT(usm_progress, struct_size, 0);
LAYOUT(usm_progress, reserved, 4);
LAYOUT(usm_progress, done, 8);
LAYOUT(usm_progress, total, 16);
LAYOUT(usm_progress, stage, 24);
LAYOUT(usm_progress, what, 32);
_Static_assert(sizeof(usm_progress) == 40, "size of usm_progress");

LAYOUT(usm_execute_options, struct_size, 0);
LAYOUT(usm_execute_options, dry_run, 4);
LAYOUT(usm_execute_options, allowed_risk, 8);
LAYOUT(usm_execute_options, verify, 12);
LAYOUT(usm_execute_options, progress, 16);
LAYOUT(usm_execute_options, user_data, 24);
_Static_assert(sizeof(usm_execute_options) == 32, "size of usm_execute_options");

LAYOUT(usm_execution_summary, struct_size, 0);
LAYOUT(usm_execution_summary, dry_run, 4);
LAYOUT(usm_execution_summary, cancelled, 8);
LAYOUT(usm_execution_summary, reserved, 12);
LAYOUT(usm_execution_summary, executed, 16);
LAYOUT(usm_execution_summary, successful, 24);
LAYOUT(usm_execution_summary, failed, 32);
LAYOUT(usm_execution_summary, total_benefit, 40);
LAYOUT(usm_execution_summary, execution_time, 48);
_Static_assert(sizeof(usm_execution_summary) == 56, "size of usm_execution_summary");

LAYOUT(usm_action_result, struct_size, 0);
LAYOUT(usm_action_result, success, 4);
LAYOUT(usm_action_result, action_type, 8);
LAYOUT(usm_action_result, metric, 12);
LAYOUT(usm_action_result, verdict, 16);
LAYOUT(usm_action_result, rolled_back, 20);
LAYOUT(usm_action_result, dry_run, 24);
LAYOUT(usm_action_result, reserved, 28);
LAYOUT(usm_action_result, action_id, 32);
LAYOUT(usm_action_result, before_value, 40);
LAYOUT(usm_action_result, after_value, 48);
LAYOUT(usm_action_result, improvement, 56);
LAYOUT(usm_action_result, lease_until, 64);
LAYOUT(usm_action_result, freed_bytes, 72);
LAYOUT(usm_action_result, quarantined_bytes, 80);
LAYOUT(usm_action_result, execution_time, 88);
LAYOUT(usm_action_result, action, 96);
LAYOUT(usm_action_result, target_id, 104);
LAYOUT(usm_action_result, reason, 112);
LAYOUT(usm_action_result, error, 120);
LAYOUT(usm_action_result, changes, 128);
_Static_assert(sizeof(usm_action_result) == 136, "size of usm_action_result");

LAYOUT(usm_extent, struct_size, 0);
LAYOUT(usm_extent, tier, 4);
LAYOUT(usm_extent, step_seconds, 8);
LAYOUT(usm_extent, first, 16);
LAYOUT(usm_extent, last, 24);
LAYOUT(usm_extent, rows, 32);
LAYOUT(usm_extent, bytes, 40);
_Static_assert(sizeof(usm_extent) == 48, "size of usm_extent");

LAYOUT(usm_query, struct_size, 0);
LAYOUT(usm_query, tier, 4);
LAYOUT(usm_query, select, 8);
LAYOUT(usm_query, select_count, 16);
LAYOUT(usm_query, since, 24);
LAYOUT(usm_query, until, 32);
LAYOUT(usm_query, step_seconds, 40);
LAYOUT(usm_query, aggregate, 48);
LAYOUT(usm_query, by, 56);
LAYOUT(usm_query, by_count, 64);
LAYOUT(usm_query, combine, 72);
LAYOUT(usm_query, top, 80);
LAYOUT(usm_query, rate, 88);
LAYOUT(usm_query, reserved, 92);
_Static_assert(sizeof(usm_query) == 96, "size of usm_query");

LAYOUT(usm_column, struct_size, 0);
LAYOUT(usm_column, kind, 4);
LAYOUT(usm_column, name, 8);
LAYOUT(usm_column, metric, 16);
LAYOUT(usm_column, unit, 24);
LAYOUT(usm_column, label_count, 32);
LAYOUT(usm_column, values, 40);
_Static_assert(sizeof(usm_column) == 48, "size of usm_column");

LAYOUT(usm_recording_summary, struct_size, 0);
LAYOUT(usm_recording_summary, reserved, 4);
LAYOUT(usm_recording_summary, samples, 8);
LAYOUT(usm_recording_summary, first, 16);
LAYOUT(usm_recording_summary, last, 24);
LAYOUT(usm_recording_summary, bytes, 32);
_Static_assert(sizeof(usm_recording_summary) == 40, "size of usm_recording_summary");

LAYOUT(usm_extract_options, struct_size, 0);
LAYOUT(usm_extract_options, mask_names, 4);
LAYOUT(usm_extract_options, since, 8);
LAYOUT(usm_extract_options, until, 16);
LAYOUT(usm_extract_options, progress, 24);
LAYOUT(usm_extract_options, user_data, 32);
_Static_assert(sizeof(usm_extract_options) == 40, "size of usm_extract_options");

LAYOUT(usm_alert, struct_size, 0);
LAYOUT(usm_alert, severity, 4);
LAYOUT(usm_alert, status, 8);
LAYOUT(usm_alert, is_flapping, 12);
LAYOUT(usm_alert, is_acknowledged, 16);
LAYOUT(usm_alert, escalation_step, 20);
LAYOUT(usm_alert, id, 24);
LAYOUT(usm_alert, value, 32);
LAYOUT(usm_alert, threshold, 40);
LAYOUT(usm_alert, since, 48);
LAYOUT(usm_alert, fired_at, 56);
LAYOUT(usm_alert, resolved_at, 64);
LAYOUT(usm_alert, updated_at, 72);
LAYOUT(usm_alert, acknowledged_at, 80);
LAYOUT(usm_alert, silenced_until, 88);
LAYOUT(usm_alert, rule, 96);
LAYOUT(usm_alert, series, 104);
LAYOUT(usm_alert, message, 112);
LAYOUT(usm_alert, acknowledged_by, 120);
LAYOUT(usm_alert, acknowledged_note, 128);
_Static_assert(sizeof(usm_alert) == 136, "size of usm_alert");

LAYOUT(usm_anomaly, struct_size, 0);
LAYOUT(usm_anomaly, reserved, 4);
LAYOUT(usm_anomaly, incident, 8);
LAYOUT(usm_anomaly, score, 16);
LAYOUT(usm_anomaly, worst_score, 24);
LAYOUT(usm_anomaly, value, 32);
LAYOUT(usm_anomaly, expected_low, 40);
LAYOUT(usm_anomaly, expected_high, 48);
LAYOUT(usm_anomaly, since, 56);
LAYOUT(usm_anomaly, updated_at, 64);
LAYOUT(usm_anomaly, series, 72);
_Static_assert(sizeof(usm_anomaly) == 80, "size of usm_anomaly");

LAYOUT(usm_incident, struct_size, 0);
LAYOUT(usm_incident, severity, 4);
LAYOUT(usm_incident, id, 8);
LAYOUT(usm_incident, since, 16);
LAYOUT(usm_incident, updated_at, 24);
LAYOUT(usm_incident, closed_at, 32);
LAYOUT(usm_incident, anomaly_count, 40);
LAYOUT(usm_incident, culprit_count, 48);
LAYOUT(usm_incident, summary, 56);
_Static_assert(sizeof(usm_incident) == 64, "size of usm_incident");

LAYOUT(usm_incident_culprit, struct_size, 0);
LAYOUT(usm_incident_culprit, pid, 4);
LAYOUT(usm_incident_culprit, start_time_ticks, 8);
LAYOUT(usm_incident_culprit, share_percent, 16);
LAYOUT(usm_incident_culprit, name, 24);
LAYOUT(usm_incident_culprit, user, 32);
LAYOUT(usm_incident_culprit, metric, 40);
LAYOUT(usm_incident_culprit, text, 48);
_Static_assert(sizeof(usm_incident_culprit) == 56, "size of usm_incident_culprit");

LAYOUT(usm_insight, struct_size, 0);
LAYOUT(usm_insight, severity, 4);
LAYOUT(usm_insight, kind, 8);
LAYOUT(usm_insight, reserved, 12);
LAYOUT(usm_insight, confidence, 16);
LAYOUT(usm_insight, opened_at, 24);
LAYOUT(usm_insight, updated_at, 32);
LAYOUT(usm_insight, closed_at, 40);
LAYOUT(usm_insight, evidence_count, 48);
LAYOUT(usm_insight, advice_count, 56);
LAYOUT(usm_insight, id, 64);
LAYOUT(usm_insight, text, 72);
_Static_assert(sizeof(usm_insight) == 80, "size of usm_insight");

LAYOUT(usm_evidence, struct_size, 0);
LAYOUT(usm_evidence, reserved, 4);
LAYOUT(usm_evidence, value, 8);
LAYOUT(usm_evidence, against, 16);
LAYOUT(usm_evidence, series, 24);
LAYOUT(usm_evidence, unit, 32);
_Static_assert(sizeof(usm_evidence) == 40, "size of usm_evidence");

LAYOUT(usm_forecast, struct_size, 0);
LAYOUT(usm_forecast, outcome, 4);
LAYOUT(usm_forecast, horizon_seconds, 8);
LAYOUT(usm_forecast, now, 16);
LAYOUT(usm_forecast, value, 24);
LAYOUT(usm_forecast, low_80, 32);
LAYOUT(usm_forecast, high_80, 40);
LAYOUT(usm_forecast, low_95, 48);
LAYOUT(usm_forecast, high_95, 56);
LAYOUT(usm_forecast, skill, 64);
LAYOUT(usm_forecast, backtests, 72);
LAYOUT(usm_forecast, made_at, 80);
LAYOUT(usm_forecast, series, 88);
LAYOUT(usm_forecast, unit, 96);
_Static_assert(sizeof(usm_forecast) == 104, "size of usm_forecast");

LAYOUT(usm_exhaustion, struct_size, 0);
LAYOUT(usm_exhaustion, outcome, 4);
LAYOUT(usm_exhaustion, limit, 8);
LAYOUT(usm_exhaustion, now, 16);
LAYOUT(usm_exhaustion, seconds, 24);
LAYOUT(usm_exhaustion, earliest_seconds, 32);
LAYOUT(usm_exhaustion, latest_seconds, 40);
LAYOUT(usm_exhaustion, made_at, 48);
LAYOUT(usm_exhaustion, series, 56);
_Static_assert(sizeof(usm_exhaustion) == 64, "size of usm_exhaustion");

LAYOUT(usm_security_finding, struct_size, 0);
LAYOUT(usm_security_finding, severity, 4);
LAYOUT(usm_security_finding, kind, 8);
LAYOUT(usm_security_finding, is_known, 12);
LAYOUT(usm_security_finding, is_allowed, 16);
LAYOUT(usm_security_finding, reserved, 20);
LAYOUT(usm_security_finding, since, 24);
LAYOUT(usm_security_finding, raised_at, 32);
LAYOUT(usm_security_finding, evidence_count, 40);
LAYOUT(usm_security_finding, id, 48);
LAYOUT(usm_security_finding, subject, 56);
LAYOUT(usm_security_finding, text, 64);
LAYOUT(usm_security_finding, advice, 72);
_Static_assert(sizeof(usm_security_finding) == 80, "size of usm_security_finding");

LAYOUT(usm_reading, struct_size, 0);
LAYOUT(usm_reading, is_anomalous, 4);
LAYOUT(usm_reading, is_learning, 8);
LAYOUT(usm_reading, edge, 12);
LAYOUT(usm_reading, score, 16);
LAYOUT(usm_reading, expected_low, 24);
LAYOUT(usm_reading, expected_high, 32);
LAYOUT(usm_reading, unusual_since, 40);
LAYOUT(usm_reading, highest_score, 48);
_Static_assert(sizeof(usm_reading) == 56, "size of usm_reading");

LAYOUT(usm_detector_options, struct_size, 0);
LAYOUT(usm_detector_options, reserved, 4);
LAYOUT(usm_detector_options, threshold, 8);
LAYOUT(usm_detector_options, resolution, 16);
_Static_assert(sizeof(usm_detector_options) == 24, "size of usm_detector_options");

LAYOUT(usm_forecaster_options, struct_size, 0);
LAYOUT(usm_forecaster_options, bounds, 4);
LAYOUT(usm_forecaster_options, lowest, 8);
LAYOUT(usm_forecaster_options, highest, 16);
_Static_assert(sizeof(usm_forecaster_options) == 24, "size of usm_forecaster_options");

/* These are the layouts that Arrow's specification fixes. */
LAYOUT(struct ArrowSchema, flags, 24);
LAYOUT(struct ArrowSchema, release, 56);
LAYOUT(struct ArrowArray, buffers, 40);
LAYOUT(struct ArrowArray, release, 64);
LAYOUT(struct ArrowArrayStream, release, 24);
_Static_assert(sizeof(struct ArrowSchema) == 72, "size of ArrowSchema");
_Static_assert(sizeof(struct ArrowArray) == 80, "size of ArrowArray");
_Static_assert(sizeof(struct ArrowArrayStream) == 40, "size of ArrowArrayStream");

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
NUMBER(USM_EVENT_ALERT_RESOLVED, 11);
NUMBER(USM_EVENT_INSIGHT_OPENED, 12);
NUMBER(USM_EVENT_INSIGHT_CLOSED, 13);
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

NUMBER(USM_RESOURCE_CPU, 0);
NUMBER(USM_RESOURCE_MEMORY, 1);
NUMBER(USM_RESOURCE_DISK, 2);
NUMBER(USM_RESOURCE_NETWORK, 3);
NUMBER(USM_RESOURCE_PROCESS, 4);
NUMBER(USM_PRIORITY_LOW, 0);
NUMBER(USM_PRIORITY_MEDIUM, 1);
NUMBER(USM_PRIORITY_HIGH, 2);
NUMBER(USM_RISK_LOW, 0);
NUMBER(USM_RISK_MEDIUM, 1);
NUMBER(USM_RISK_HIGH, 2);
NUMBER(USM_TARGET_METRIC_CPU_WAIT, 0);
NUMBER(USM_TARGET_METRIC_CPU_PRESSURE, 1);
NUMBER(USM_TARGET_METRIC_IO_WAIT, 2);
NUMBER(USM_TARGET_METRIC_IO_PRESSURE, 3);
NUMBER(USM_TARGET_METRIC_MEMORY_PRESSURE, 4);
NUMBER(USM_TARGET_METRIC_MEMORY_USED, 5);
NUMBER(USM_TARGET_METRIC_SPACE_USED, 6);
NUMBER(USM_TARGET_METRIC_INODES_USED, 7);
NUMBER(USM_TARGET_METRIC_NETWORK_USED, 8);
NUMBER(USM_TARGET_METRIC_PROCESS_CPU, 9);
NUMBER(USM_TARGET_METRIC_PROCESS_MEMORY, 10);
NUMBER(USM_TARGET_METRIC_FORK_RATE, 11);
NUMBER(USM_ACTION_SET_BATCH, 0);
NUMBER(USM_ACTION_LOWER_PRIORITY, 1);
NUMBER(USM_ACTION_SET_IDLE, 2);
NUMBER(USM_ACTION_SET_AUTOGROUP, 3);
NUMBER(USM_ACTION_SET_IO_PRIORITY, 4);
NUMBER(USM_ACTION_SET_AFFINITY, 5);
NUMBER(USM_ACTION_LIMIT_CPU, 6);
NUMBER(USM_ACTION_LIMIT_IO, 7);
NUMBER(USM_ACTION_LIMIT_MEMORY, 8);
NUMBER(USM_ACTION_LIMIT_PROCESSES, 9);
NUMBER(USM_ACTION_RECLAIM_MEMORY, 10);
NUMBER(USM_ACTION_CLEANUP_MEMORY, 11);
NUMBER(USM_ACTION_CLEANUP_DISK, 12);
NUMBER(USM_ACTION_FREEZE, 13);
NUMBER(USM_ACTION_SUSPEND_PROCESS, 14);
NUMBER(USM_ACTION_KILL_PROCESS, 15);
NUMBER(USM_VERDICT_HELPED, 0);
NUMBER(USM_VERDICT_NO_EFFECT, 1);
NUMBER(USM_VERDICT_HARMED, 2);
NUMBER(USM_VERDICT_NOT_MEASURED, 3);
NUMBER(USM_TIER_ANY, 0);
NUMBER(USM_TIER_RAW, 1);
NUMBER(USM_TIER_TEN_SECONDS, 2);
NUMBER(USM_TIER_MINUTE, 3);
NUMBER(USM_TIER_TEN_MINUTES, 4);
NUMBER(USM_SERIES_GAUGE, 0);
NUMBER(USM_SERIES_COUNTER, 1);
NUMBER(USM_TEXT_CSV, 0);
NUMBER(USM_TEXT_JSON, 1);
NUMBER(USM_SEVERITY_LOW, 0);
NUMBER(USM_SEVERITY_MEDIUM, 1);
NUMBER(USM_SEVERITY_HIGH, 2);
NUMBER(USM_SEVERITY_CRITICAL, 3);
NUMBER(USM_ALERT_SEVERITY_INFO, 0);
NUMBER(USM_ALERT_SEVERITY_WARNING, 1);
NUMBER(USM_ALERT_SEVERITY_CRITICAL, 2);
NUMBER(USM_ALERT_SEVERITY_EMERGENCY, 3);
NUMBER(USM_ALERT_PENDING, 0);
NUMBER(USM_ALERT_FIRING, 1);
NUMBER(USM_ALERT_NO_DATA, 2);
NUMBER(USM_ALERT_RESOLVED, 3);
NUMBER(USM_INSIGHT_CPU_BOUND, 0);
NUMBER(USM_INSIGHT_MEMORY_THRASH, 1);
NUMBER(USM_INSIGHT_IO_BOUND, 2);
NUMBER(USM_INSIGHT_RUN_QUEUE, 3);
NUMBER(USM_INSIGHT_THROTTLED, 4);
NUMBER(USM_INSIGHT_NETWORK_RETRANSMITS, 5);
NUMBER(USM_INSIGHT_CORE_SATURATED, 6);
NUMBER(USM_INSIGHT_LEAK_SUSPECTED, 7);
NUMBER(USM_INSIGHT_STEAL, 8);
NUMBER(USM_INSIGHT_DISK_FILLING, 9);
NUMBER(USM_INSIGHT_MEMORY_FILLING, 10);
NUMBER(USM_INSIGHT_CORRELATED, 11);
NUMBER(USM_SECURITY_LISTENER, 0);
NUMBER(USM_SECURITY_DELETED_PROGRAM, 1);
NUMBER(USM_SECURITY_TEMPORARY_PROGRAM, 2);
NUMBER(USM_SECURITY_MEMORY_PROGRAM, 3);
NUMBER(USM_SECURITY_SETUID, 4);
NUMBER(USM_SECURITY_KERNEL_NAME, 5);
NUMBER(USM_SECURITY_FAILED_LOGINS, 6);
NUMBER(USM_SECURITY_SEARCH_PATH, 7);
NUMBER(USM_SECURITY_WEAK_SETTING, 8);
NUMBER(USM_OUTCOME_LEARNING, 0);
NUMBER(USM_OUTCOME_SAME_AS_NOW, 1);
NUMBER(USM_OUTCOME_FORECAST, 2);
NUMBER(USM_FINDING_ALERT, 0);
NUMBER(USM_FINDING_ANOMALY, 1);
NUMBER(USM_FINDING_INCIDENT, 2);
NUMBER(USM_FINDING_INSIGHT, 3);
NUMBER(USM_FINDING_SECURITY, 4);
NUMBER(USM_FINDING_SILENCE, 5);
NUMBER(USM_EDGE_NONE, 0);
NUMBER(USM_EDGE_BEGAN, 1);
NUMBER(USM_EDGE_ENDED, 2);
NUMBER(USM_BOUND_LOWEST, 1);
NUMBER(USM_BOUND_HIGHEST, 2);

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
const char *usm_resource_name(uint32_t resource);
const char *usm_level_name(uint32_t level);
const char *usm_target_metric_name(uint32_t metric);
const char *usm_action_name(uint32_t action_type);
const char *usm_verdict_name(uint32_t verdict);
usm_status usm_optimizer_new(const struct usm_config *config, const char *settings_json,
    struct usm_optimizer **optimizer);
usm_status usm_optimizer_attach(struct usm_monitor *monitor, const char *settings_json,
    struct usm_optimizer **optimizer);
void usm_optimizer_free(struct usm_optimizer **optimizer);
usm_status usm_optimizer_set_scope(struct usm_optimizer *optimizer, const char *scope);
usm_status usm_optimizer_set_auto(struct usm_optimizer *optimizer, int32_t on);
usm_status usm_optimizer_halt(struct usm_optimizer *optimizer, int32_t on, char **json);
usm_status usm_optimizer_analyze(struct usm_optimizer *optimizer, struct usm_target_list
    **targets);
void usm_target_list_free(struct usm_target_list **targets);
usm_status usm_target_list_size(const struct usm_target_list *targets, size_t *size);
usm_status usm_target_list_at(const struct usm_target_list *targets, size_t index, struct
    usm_target *target);
usm_status usm_target_list_culprit(const struct usm_target_list *targets, size_t index,
    size_t culprit_index, struct usm_culprit *culprit);
usm_status usm_target_list_json(const struct usm_target_list *targets, char **json);
usm_status usm_optimizer_plan(struct usm_optimizer *optimizer, const struct usm_target_list
    *targets, struct usm_action_list **actions);
usm_status usm_action_list_from_json(const char *json, struct usm_action_list **actions);
void usm_action_list_free(struct usm_action_list **actions);
usm_status usm_action_list_size(const struct usm_action_list *actions, size_t *size);
usm_status usm_action_list_at(const struct usm_action_list *actions, size_t index, struct
    usm_action *action);
usm_status usm_action_list_remove(struct usm_action_list *actions, size_t index);
usm_status usm_action_list_json(const struct usm_action_list *actions, char **json);
usm_status usm_optimizer_execute(struct usm_optimizer *optimizer, const struct
    usm_action_list *actions, const struct usm_execute_options *options, struct
    usm_execution_report **report);
usm_status usm_optimizer_rollback(struct usm_optimizer *optimizer, int64_t action_id, char
    **json);
void usm_execution_report_free(struct usm_execution_report **report);
usm_status usm_execution_report_summary(const struct usm_execution_report *report, struct
    usm_execution_summary *summary);
usm_status usm_execution_report_size(const struct usm_execution_report *report, size_t
    *size);
usm_status usm_execution_report_at(const struct usm_execution_report *report, size_t index,
    struct usm_action_result *result);
usm_status usm_execution_report_json(const struct usm_execution_report *report, char
    **json);
usm_status usm_optimizer_profiles_json(const struct usm_optimizer *optimizer, char **json);
usm_status usm_optimizer_profile_json(const struct usm_optimizer *optimizer, const char
    *name, char **json);
usm_status usm_optimizer_current_profile_json(const struct usm_optimizer *optimizer, char
    **json);
usm_status usm_optimizer_save_profile(struct usm_optimizer *optimizer, const char *json);
usm_status usm_optimizer_apply_profile(struct usm_optimizer *optimizer, const char *name);
usm_status usm_optimizer_delete_profile(struct usm_optimizer *optimizer, const char *name);
usm_status usm_optimizer_status_json(const struct usm_optimizer *optimizer, char **json);
usm_status usm_optimizer_settings_json(const struct usm_optimizer *optimizer, char **json);
usm_status usm_optimizer_history_json(const struct usm_optimizer *optimizer, size_t limit,
    char **json);
usm_status usm_optimizer_explain_json(const struct usm_optimizer *optimizer, int64_t
    action_id, char **json);
usm_status usm_optimizer_facts_json(const struct usm_optimizer *optimizer, char **json);
usm_status usm_optimizer_cleanup_preview_json(struct usm_optimizer *optimizer, const struct
    usm_execute_options *options, char **json);
usm_status usm_optimizer_quarantines_json(const struct usm_optimizer *optimizer, char **json);
usm_status usm_optimizer_growth_json(struct usm_optimizer *optimizer, const char *folder,
    const struct usm_execute_options *options, char **json);
usm_status usm_monitor_state(const struct usm_monitor *monitor, struct usm_state **state);
void usm_state_free(struct usm_state **state);
usm_status usm_state_metrics(const struct usm_state *state, struct usm_metrics *metrics);
usm_status usm_state_tier(const struct usm_state *state, uint32_t *tier);
usm_status usm_state_top_processes(const struct usm_state *state, uint32_t order, struct
    usm_process *array, size_t element_size, size_t capacity, size_t *count);
usm_status usm_state_processes_arrow_stream(const struct usm_state *state, struct
    ArrowArrayStream *stream);
usm_status usm_state_json(const struct usm_state *state, char **json);
usm_status usm_state_cpu(const struct usm_state *state, struct usm_cpu *cpu);
usm_status usm_state_cpu_cores(const struct usm_state *state, struct usm_cpu_core *array, size_t
    element_size, size_t capacity, size_t *count);
usm_status usm_state_memory(const struct usm_state *state, struct usm_memory *memory);
usm_status usm_state_pressure(const struct usm_state *state, uint32_t resource, struct
    usm_pressure *pressure);
usm_status usm_state_disks(const struct usm_state *state, struct usm_disk *array, size_t
    element_size, size_t capacity, size_t *count);
usm_status usm_state_filesystems(const struct usm_state *state, struct usm_filesystem *array,
    size_t element_size, size_t capacity, size_t *count);
usm_status usm_state_interfaces(const struct usm_state *state, struct usm_interface *array,
    size_t element_size, size_t capacity, size_t *count);
usm_status usm_state_tcp(const struct usm_state *state, struct usm_tcp *tcp);
usm_status usm_state_sensors(const struct usm_state *state, struct usm_sensor *array, size_t
    element_size, size_t capacity, size_t *count);
usm_status usm_state_batteries(const struct usm_state *state, struct usm_battery *array, size_t
    element_size, size_t capacity, size_t *count);
usm_status usm_state_limits(const struct usm_state *state, struct usm_limits *limits);
usm_status usm_state_host(const struct usm_state *state, struct usm_host *host);
usm_status usm_state_kernel_tables(const struct usm_state *state, struct usm_kernel_tables
    *tables);
usm_status usm_state_overhead(const struct usm_state *state, struct usm_overhead *overhead);
usm_status usm_state_event_health(const struct usm_state *state, struct usm_event_health
    *health);
usm_status usm_state_store_health(const struct usm_state *state, struct usm_store_health
    *health);
usm_status usm_state_score_parts(const struct usm_state *state, uint32_t score, struct
    usm_score_part *array, size_t element_size, size_t capacity, size_t *count);
usm_status usm_state_sources(const struct usm_state *state, struct usm_source *array, size_t
    element_size, size_t capacity, size_t *count);
usm_status usm_state_process(const struct usm_state *state, int32_t pid, struct usm_process
    *process);
usm_status usm_state_process_details(const struct usm_state *state, int32_t pid, struct
    usm_process_details *details);
usm_status usm_monitor_process_extra(const struct usm_monitor *monitor, int32_t pid, struct
    usm_process_extra *extra);
usm_status usm_state_process_counts(const struct usm_state *state, struct usm_process_counts
    *counts);
usm_status usm_config_copy(const struct usm_config *config, struct usm_config **copy);
usm_status usm_config_get_number(const struct usm_config *config, const char *name, double
    *value);
usm_status usm_config_get_bool(const struct usm_config *config, const char *name, int32_t
    *value);
usm_status usm_config_get_text(const struct usm_config *config, const char *name, char **value);
usm_status usm_monitor_config(const struct usm_monitor *monitor, struct usm_config **config);
usm_status usm_monitor_get_number(const struct usm_monitor *monitor, const char *name, double
    *value);
usm_status usm_monitor_get_bool(const struct usm_monitor *monitor, const char *name, int32_t
    *value);
usm_status usm_monitor_get_text(const struct usm_monitor *monitor, const char *name, char
    **value);
usm_status usm_setting_count(size_t *count);
usm_status usm_setting_at(size_t index, struct usm_setting *setting);
usm_status usm_setting_named(const char *name, struct usm_setting *setting);
usm_status usm_findings_recommendation_count(const struct usm_findings *findings, size_t
    *count);
usm_status usm_findings_recommendation_at(const struct usm_findings *findings, size_t index,
    struct usm_advice *advice);
usm_status usm_findings_weak_setting_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_weak_setting_at(const struct usm_findings *findings, size_t index,
    struct usm_weak_setting *setting);
usm_status usm_event_state(const struct usm_event *event, struct usm_state **state);
usm_status usm_event_insight(const struct usm_event *event, struct usm_insight *insight);
usm_status usm_event_security(const struct usm_event *event, struct usm_security_finding
    *security);
usm_status usm_event_weak_setting(const struct usm_event *event, struct usm_weak_setting
    *setting);
usm_status usm_event_advice(const struct usm_event *event, struct usm_advice *advice);
usm_status usm_event_store(const struct usm_event *event, struct usm_store_health *health);
usm_status usm_event_setting_count(const struct usm_event *event, size_t *count);
usm_status usm_event_setting_at(const struct usm_event *event, size_t index, const char **name);
usm_status usm_event_reason(const struct usm_event *event, const char **reason);
usm_status usm_parse_time(const char *text, double now, double *time);
usm_status usm_parse_duration(const char *text, double *seconds);
usm_status usm_history_open(const char *path, struct usm_history **history);
usm_status usm_monitor_history(const struct usm_monitor *monitor, struct usm_history
    **history);
void usm_history_free(struct usm_history **history);
usm_status usm_history_extents(const struct usm_history *history, struct usm_extent *array,
    size_t element_size, size_t capacity, size_t *count);
usm_status usm_history_series_json(const struct usm_history *history, double since, double
    until, char **json);
usm_status usm_history_query(const struct usm_history *history, const struct usm_query *query,
    struct usm_table **table);
usm_status usm_history_state_at(const struct usm_history *history, double time, struct
    usm_state **state);
void usm_table_free(struct usm_table **table);
usm_status usm_table_size(const struct usm_table *table, size_t *rows, size_t *columns);
usm_status usm_table_times(const struct usm_table *table, const double **times);
usm_status usm_table_step_seconds(const struct usm_table *table, double *step_seconds);
usm_status usm_table_notes(const struct usm_table *table, const char **notes);
usm_status usm_table_column(const struct usm_table *table, size_t index, struct usm_column
    *column);
usm_status usm_table_label(const struct usm_table *table, size_t column, size_t index, const
    char **name, const char **value);
usm_status usm_table_arrow_stream(const struct usm_table *table, struct ArrowArrayStream
    *stream);
usm_status usm_table_arrow_stream_long(const struct usm_table *table, struct ArrowArrayStream
    *stream);
usm_status usm_table_json(const struct usm_table *table, char **json);
usm_status usm_table_csv(const struct usm_table *table, char **csv);
usm_status usm_recorder_start(const struct usm_config *config, const char *path, struct
    usm_recorder **recorder);
usm_status usm_recorder_wait(const struct usm_recorder *recorder, uint64_t after_sequence,
    double timeout_seconds, uint64_t *sequence);
usm_status usm_recorder_state(const struct usm_recorder *recorder, struct usm_state **state);
usm_status usm_recorder_finish(struct usm_recorder **recorder, struct usm_recording_summary
    *summary);
void usm_recorder_free(struct usm_recorder **recorder);
usm_status usm_history_extract(const struct usm_history *history, const char *path, const
    struct usm_extract_options *options, struct usm_recording_summary *summary, char **notes);
usm_status usm_recording_import(const char *from, uint32_t format, const char *to, struct
    usm_recording_summary *summary);
usm_status usm_replay_open(const char *path, double since, double until, struct usm_replay
    **replay);
void usm_replay_free(struct usm_replay **replay);
usm_status usm_replay_size(const struct usm_replay *replay, uint64_t *samples);
usm_status usm_replay_next(struct usm_replay *replay, struct usm_state **state);
usm_status usm_replay_notes(const struct usm_replay *replay, char **notes);
const char *usm_severity_name(uint32_t severity);
const char *usm_alert_severity_name(uint32_t severity);
const char *usm_alert_status_name(uint32_t status);
const char *usm_insight_kind_name(uint32_t kind);
const char *usm_security_kind_name(uint32_t kind);
const char *usm_outcome_name(uint32_t outcome);
usm_status usm_monitor_findings(const struct usm_monitor *monitor, struct usm_findings
    **findings);
usm_status usm_state_findings(const struct usm_state *state, struct usm_findings **findings);
void usm_findings_free(struct usm_findings **findings);
usm_status usm_findings_json(const struct usm_findings *findings, char **json);
usm_status usm_findings_alert_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_alert_at(const struct usm_findings *findings, size_t index, struct
    usm_alert *alert);
usm_status usm_findings_anomaly_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_anomaly_at(const struct usm_findings *findings, size_t index, struct
    usm_anomaly *anomaly);
usm_status usm_findings_incident_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_incident_at(const struct usm_findings *findings, size_t index, struct
    usm_incident *incident);
usm_status usm_findings_incident_anomaly_at(const struct usm_findings *findings, size_t index,
    size_t anomaly_index, struct usm_anomaly *anomaly);
usm_status usm_findings_incident_culprit_at(const struct usm_findings *findings, size_t index,
    size_t culprit_index, struct usm_incident_culprit *culprit);
usm_status usm_findings_insight_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_insight_at(const struct usm_findings *findings, size_t index, struct
    usm_insight *insight);
usm_status usm_findings_insight_evidence_at(const struct usm_findings *findings, size_t index,
    size_t evidence_index, struct usm_evidence *evidence);
usm_status usm_findings_insight_advice_at(const struct usm_findings *findings, size_t index,
    size_t advice_index, const char **advice);
usm_status usm_findings_forecast_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_forecast_at(const struct usm_findings *findings, size_t index, struct
    usm_forecast *forecast);
usm_status usm_findings_exhaustion_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_exhaustion_at(const struct usm_findings *findings, size_t index, struct
    usm_exhaustion *exhaustion);
usm_status usm_findings_security_count(const struct usm_findings *findings, size_t *count);
usm_status usm_findings_security_at(const struct usm_findings *findings, size_t index, struct
    usm_security_finding *security);
usm_status usm_findings_security_evidence_at(const struct usm_findings *findings, size_t index,
    size_t evidence_index, const char **evidence);
usm_status usm_event_findings(const struct usm_event *event, const struct usm_findings
    **findings);
usm_status usm_event_alert(const struct usm_event *event, struct usm_alert *alert);
usm_status usm_event_anomaly(const struct usm_event *event, struct usm_anomaly *anomaly);
usm_status usm_monitor_alert_rules_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_set_alert_rule(struct usm_monitor *monitor, const char *toml, char
    **json);
usm_status usm_monitor_enable_alert_rule(struct usm_monitor *monitor, const char *name, int32_t
    enabled);
usm_status usm_monitor_remove_alert_rule(struct usm_monitor *monitor, const char *name, int32_t
    *removed);
usm_status usm_monitor_acknowledge_alert(struct usm_monitor *monitor, uint64_t id, const char
    *by, const char *note);
usm_status usm_monitor_silence_alerts(struct usm_monitor *monitor, const char *rule, const char
    *labels_json, double seconds, const char *by, const char *reason, uint64_t *id);
usm_status usm_monitor_end_silence(struct usm_monitor *monitor, uint64_t id, int32_t *ended);
usm_status usm_monitor_silences_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_alert_history_json(const struct usm_monitor *monitor, double since,
    double until, size_t limit, char **json);
usm_status usm_monitor_findings_json(const struct usm_monitor *monitor, uint32_t kind, double
    since, double until, int32_t open_only, size_t limit, char **json);
usm_status usm_monitor_test_alert_rule_json(const struct usm_monitor *monitor, const char
    *name_or_toml, double since, double until, usm_progress_callback progress, void *user_data,
    char **json);
usm_status usm_monitor_alert_channels_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_test_alert_channel_json(const struct usm_monitor *monitor, const char
    *channel, char **json);
usm_status usm_monitor_notifications_json(const struct usm_monitor *monitor, double since,
    size_t limit, char **json);
usm_status usm_monitor_forecast_json(const struct usm_monitor *monitor, const char *selector,
    const double *horizons, size_t horizon_count, char **json);
usm_status usm_monitor_recommend_tools_json(const struct usm_monitor *monitor, const char
    *query, size_t limit, char **json);
usm_status usm_monitor_answer_tool(struct usm_monitor *monitor, const char *name, int32_t
    is_taken);
usm_status usm_monitor_tool_analytics_json(const struct usm_monitor *monitor, char **json);
usm_status usm_monitor_answer_advice(struct usm_monitor *monitor, const char *id, int32_t
    is_taken);
usm_status usm_detector_new(const struct usm_detector_options *options, struct usm_detector
    **detector);
void usm_detector_free(struct usm_detector **detector);
usm_status usm_detector_push(struct usm_detector *detector, double time, double value, struct
    usm_reading *reading);
usm_status usm_detector_save(const struct usm_detector *detector, char **text);
usm_status usm_detector_load(const char *text, struct usm_detector **detector);
usm_status usm_forecaster_new(const struct usm_forecaster_options *options, struct
    usm_forecaster **forecaster);
void usm_forecaster_free(struct usm_forecaster **forecaster);
usm_status usm_forecaster_push(struct usm_forecaster *forecaster, double time, double value);
usm_status usm_forecaster_forecast(const struct usm_forecaster *forecaster, double
    horizon_seconds, struct usm_forecast *forecast);
usm_status usm_forecaster_time_to(const struct usm_forecaster *forecaster, double limit, struct
    usm_exhaustion *exhaustion);
usm_status usm_forecaster_save(const struct usm_forecaster *forecaster, char **text);
usm_status usm_forecaster_load(const char *text, struct usm_forecaster **forecaster);

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
    (function)usm_resource_name,
    (function)usm_level_name,
    (function)usm_target_metric_name,
    (function)usm_action_name,
    (function)usm_verdict_name,
    (function)usm_optimizer_new,
    (function)usm_optimizer_attach,
    (function)usm_optimizer_free,
    (function)usm_optimizer_set_scope,
    (function)usm_optimizer_set_auto,
    (function)usm_optimizer_halt,
    (function)usm_optimizer_analyze,
    (function)usm_target_list_free,
    (function)usm_target_list_size,
    (function)usm_target_list_at,
    (function)usm_target_list_culprit,
    (function)usm_target_list_json,
    (function)usm_optimizer_plan,
    (function)usm_action_list_from_json,
    (function)usm_action_list_free,
    (function)usm_action_list_size,
    (function)usm_action_list_at,
    (function)usm_action_list_remove,
    (function)usm_action_list_json,
    (function)usm_optimizer_execute,
    (function)usm_optimizer_rollback,
    (function)usm_execution_report_free,
    (function)usm_execution_report_summary,
    (function)usm_execution_report_size,
    (function)usm_execution_report_at,
    (function)usm_execution_report_json,
    (function)usm_optimizer_profiles_json,
    (function)usm_optimizer_profile_json,
    (function)usm_optimizer_current_profile_json,
    (function)usm_optimizer_save_profile,
    (function)usm_optimizer_apply_profile,
    (function)usm_optimizer_delete_profile,
    (function)usm_optimizer_status_json,
    (function)usm_optimizer_settings_json,
    (function)usm_optimizer_history_json,
    (function)usm_optimizer_explain_json,
    (function)usm_optimizer_facts_json,
    (function)usm_optimizer_cleanup_preview_json,
    (function)usm_optimizer_quarantines_json,
    (function)usm_optimizer_growth_json,
    (function)usm_monitor_state,
    (function)usm_state_free,
    (function)usm_state_metrics,
    (function)usm_state_tier,
    (function)usm_state_top_processes,
    (function)usm_state_processes_arrow_stream,
    (function)usm_state_json,
    (function)usm_state_cpu,
    (function)usm_state_cpu_cores,
    (function)usm_state_memory,
    (function)usm_state_pressure,
    (function)usm_state_disks,
    (function)usm_state_filesystems,
    (function)usm_state_interfaces,
    (function)usm_state_tcp,
    (function)usm_state_sensors,
    (function)usm_state_batteries,
    (function)usm_state_limits,
    (function)usm_state_host,
    (function)usm_state_kernel_tables,
    (function)usm_state_overhead,
    (function)usm_state_event_health,
    (function)usm_state_store_health,
    (function)usm_state_score_parts,
    (function)usm_state_sources,
    (function)usm_state_process,
    (function)usm_state_process_details,
    (function)usm_monitor_process_extra,
    (function)usm_state_process_counts,
    (function)usm_config_copy,
    (function)usm_config_get_number,
    (function)usm_config_get_bool,
    (function)usm_config_get_text,
    (function)usm_monitor_config,
    (function)usm_monitor_get_number,
    (function)usm_monitor_get_bool,
    (function)usm_monitor_get_text,
    (function)usm_setting_count,
    (function)usm_setting_at,
    (function)usm_setting_named,
    (function)usm_findings_recommendation_count,
    (function)usm_findings_recommendation_at,
    (function)usm_findings_weak_setting_count,
    (function)usm_findings_weak_setting_at,
    (function)usm_event_state,
    (function)usm_event_insight,
    (function)usm_event_security,
    (function)usm_event_weak_setting,
    (function)usm_event_advice,
    (function)usm_event_store,
    (function)usm_event_setting_count,
    (function)usm_event_setting_at,
    (function)usm_event_reason,
    (function)usm_parse_time,
    (function)usm_parse_duration,
    (function)usm_history_open,
    (function)usm_monitor_history,
    (function)usm_history_free,
    (function)usm_history_extents,
    (function)usm_history_series_json,
    (function)usm_history_query,
    (function)usm_history_state_at,
    (function)usm_table_free,
    (function)usm_table_size,
    (function)usm_table_times,
    (function)usm_table_step_seconds,
    (function)usm_table_notes,
    (function)usm_table_column,
    (function)usm_table_label,
    (function)usm_table_arrow_stream,
    (function)usm_table_arrow_stream_long,
    (function)usm_table_json,
    (function)usm_table_csv,
    (function)usm_recorder_start,
    (function)usm_recorder_wait,
    (function)usm_recorder_state,
    (function)usm_recorder_finish,
    (function)usm_recorder_free,
    (function)usm_history_extract,
    (function)usm_recording_import,
    (function)usm_replay_open,
    (function)usm_replay_free,
    (function)usm_replay_size,
    (function)usm_replay_next,
    (function)usm_replay_notes,
    (function)usm_severity_name,
    (function)usm_alert_severity_name,
    (function)usm_alert_status_name,
    (function)usm_insight_kind_name,
    (function)usm_security_kind_name,
    (function)usm_outcome_name,
    (function)usm_monitor_findings,
    (function)usm_state_findings,
    (function)usm_findings_free,
    (function)usm_findings_json,
    (function)usm_findings_alert_count,
    (function)usm_findings_alert_at,
    (function)usm_findings_anomaly_count,
    (function)usm_findings_anomaly_at,
    (function)usm_findings_incident_count,
    (function)usm_findings_incident_at,
    (function)usm_findings_incident_anomaly_at,
    (function)usm_findings_incident_culprit_at,
    (function)usm_findings_insight_count,
    (function)usm_findings_insight_at,
    (function)usm_findings_insight_evidence_at,
    (function)usm_findings_insight_advice_at,
    (function)usm_findings_forecast_count,
    (function)usm_findings_forecast_at,
    (function)usm_findings_exhaustion_count,
    (function)usm_findings_exhaustion_at,
    (function)usm_findings_security_count,
    (function)usm_findings_security_at,
    (function)usm_findings_security_evidence_at,
    (function)usm_event_findings,
    (function)usm_event_alert,
    (function)usm_event_anomaly,
    (function)usm_monitor_alert_rules_json,
    (function)usm_monitor_set_alert_rule,
    (function)usm_monitor_enable_alert_rule,
    (function)usm_monitor_remove_alert_rule,
    (function)usm_monitor_acknowledge_alert,
    (function)usm_monitor_silence_alerts,
    (function)usm_monitor_end_silence,
    (function)usm_monitor_silences_json,
    (function)usm_monitor_alert_history_json,
    (function)usm_monitor_findings_json,
    (function)usm_monitor_test_alert_rule_json,
    (function)usm_monitor_alert_channels_json,
    (function)usm_monitor_test_alert_channel_json,
    (function)usm_monitor_notifications_json,
    (function)usm_monitor_forecast_json,
    (function)usm_monitor_recommend_tools_json,
    (function)usm_monitor_answer_tool,
    (function)usm_monitor_tool_analytics_json,
    (function)usm_monitor_answer_advice,
    (function)usm_detector_new,
    (function)usm_detector_free,
    (function)usm_detector_push,
    (function)usm_detector_save,
    (function)usm_detector_load,
    (function)usm_forecaster_new,
    (function)usm_forecaster_free,
    (function)usm_forecaster_push,
    (function)usm_forecaster_forecast,
    (function)usm_forecaster_time_to,
    (function)usm_forecaster_save,
    (function)usm_forecaster_load,
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
