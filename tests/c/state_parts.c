/* Every part of a state as plain structs: the same as in the JSON of that state. */
#include <unistd.h>

#include "json.h"

/* An array as large as the state's list, filled; `function` as usm_state_disks(). */
#define TAKE_ALL(type, function, list, count) \
    do { \
        size_t filled_ = 0; \
        CHECK_OK(function(state, NULL, sizeof(type), 0, &(count))); \
        (list) = (type *)calloc((count) + 1, sizeof(type)); \
        CHECK((list) != NULL); \
        CHECK_OK(function(state, (list), sizeof(type), (count) + 1, &filled_)); \
        CHECK(filled_ == (count) && (list)[(count)].struct_size == 0); \
        CHECK((count) == 0 || (list)[(count) - 1].struct_size == sizeof(type)); \
    } while (0)

#define SHARES(of) \
    NUMBER(of, busy_percent); NUMBER(of, user_percent); NUMBER(of, nice_percent); \
    NUMBER(of, system_percent); NUMBER(of, idle_percent); NUMBER(of, iowait_percent); \
    NUMBER(of, irq_percent); NUMBER(of, softirq_percent); NUMBER(of, steal_percent); \
    NUMBER(of, guest_percent)

#define TIMES(of) \
    NUMBER(of, user_seconds_total); NUMBER(of, nice_seconds_total); \
    NUMBER(of, system_seconds_total); NUMBER(of, idle_seconds_total); \
    NUMBER(of, iowait_seconds_total); NUMBER(of, irq_seconds_total); \
    NUMBER(of, softirq_seconds_total); NUMBER(of, steal_seconds_total); \
    NUMBER(of, guest_seconds_total); NUMBER(of, guest_nice_seconds_total)

static void processors(const usm_state *state, const char *json) {
    usm_cpu cpu;
    usm_cpu_core *cores;
    size_t count = 0;
    size_t i;
    const char *base = "sample.cpu";
    usm_cpu_init(&cpu);
    CHECK_OK(usm_state_cpu(state, &cpu));
    COUNT(cpu, context_switches_total, USM_CPU_CONTEXT_SWITCHES_TOTAL);
    COUNT(cpu, interrupts_total, USM_CPU_INTERRUPTS_TOTAL);
    COUNT(cpu, forks_total, USM_CPU_FORKS_TOTAL);
    COUNT(cpu, runnable, USM_CPU_RUNNABLE);
    COUNT(cpu, blocked, USM_CPU_BLOCKED);
    NUMBER(cpu, context_switches_per_sec);
    NUMBER(cpu, interrupts_per_sec);
    NUMBER(cpu, forks_per_sec);
    same_number(json, base, "load_average.one", cpu.load_average_1);
    same_number(json, base, "load_average.five", cpu.load_average_5);
    same_number(json, base, "load_average.fifteen", cpu.load_average_15);
    same_count(json, base, "load_average.tasks", cpu.tasks, cpu.present, USM_CPU_TASKS);
    base = "sample.cpu.shares";
    SHARES(cpu);
    base = "sample.cpu.times";
    TIMES(cpu);

    TAKE_ALL(usm_cpu_core, usm_state_cpu_cores, cores, count);
    CHECK(count == json_length(json, "sample.cpu.cores"));
    for (i = 0; i < count; i++) {
        char place[64];
        char below[72];
        snprintf(place, sizeof place, "sample.cpu.cores[%d]", (int)i);
        base = place;
        WHOLE(cores[i], id);
        NUMBER(cores[i], frequency_mhz);
        snprintf(below, sizeof below, "%s.shares", place);
        base = below;
        SHARES(cores[i]);
        snprintf(below, sizeof below, "%s.times", place);
        TIMES(cores[i]);
    }
    free(cores);
}

static void memory_and_kernel(const usm_state *state, const char *json) {
    usm_memory memory;
    usm_kernel_tables tables;
    const char *base = "sample.memory";
    usm_memory_init(&memory);
    CHECK_OK(usm_state_memory(state, &memory));
    WHOLE(memory, available_is_estimated);
    COUNT(memory, total_bytes, USM_MEMORY_TOTAL_BYTES);
    COUNT(memory, available_bytes, USM_MEMORY_AVAILABLE_BYTES);
    COUNT(memory, used_bytes, USM_MEMORY_USED_BYTES);
    COUNT(memory, free_bytes, USM_MEMORY_FREE_BYTES);
    COUNT(memory, buffers_bytes, USM_MEMORY_BUFFERS_BYTES);
    COUNT(memory, cached_bytes, USM_MEMORY_CACHED_BYTES);
    COUNT(memory, slab_bytes, USM_MEMORY_SLAB_BYTES);
    COUNT(memory, slab_reclaimable_bytes, USM_MEMORY_SLAB_RECLAIMABLE_BYTES);
    COUNT(memory, shmem_bytes, USM_MEMORY_SHMEM_BYTES);
    COUNT(memory, dirty_bytes, USM_MEMORY_DIRTY_BYTES);
    COUNT(memory, writeback_bytes, USM_MEMORY_WRITEBACK_BYTES);
    COUNT(memory, anonymous_bytes, USM_MEMORY_ANONYMOUS_BYTES);
    COUNT(memory, swap_total_bytes, USM_MEMORY_SWAP_TOTAL_BYTES);
    COUNT(memory, swap_used_bytes, USM_MEMORY_SWAP_USED_BYTES);
    COUNT(memory, swap_in_bytes_total, USM_MEMORY_SWAP_IN_BYTES_TOTAL);
    COUNT(memory, swap_out_bytes_total, USM_MEMORY_SWAP_OUT_BYTES_TOTAL);
    COUNT(memory, major_faults_total, USM_MEMORY_MAJOR_FAULTS_TOTAL);
    COUNT(memory, oom_kills_total, USM_MEMORY_OOM_KILLS_TOTAL);
    COUNT(memory, oom_kills_since_last, USM_MEMORY_OOM_KILLS_SINCE_LAST);
    NUMBER(memory, used_percent);
    NUMBER(memory, swap_used_percent);
    NUMBER(memory, swap_in_bytes_per_sec);
    NUMBER(memory, swap_out_bytes_per_sec);
    NUMBER(memory, major_faults_per_sec);

    base = "sample.kernel";
    usm_kernel_tables_init(&tables);
    CHECK_OK(usm_state_kernel_tables(state, &tables));
    COUNT(tables, open_files, USM_KERNEL_TABLES_OPEN_FILES);
    COUNT(tables, open_files_limit, USM_KERNEL_TABLES_OPEN_FILES_LIMIT);
    COUNT(tables, task_limit, USM_KERNEL_TABLES_TASK_LIMIT);
    COUNT(tables, clock_is_synchronised, USM_KERNEL_TABLES_CLOCK_IS_SYNCHRONISED);
    NUMBER(tables, open_files_percent);
    NUMBER(tables, task_percent);
    NUMBER(tables, clock_jump_seconds);
}

static void pressures(const usm_state *state, const char *json) {
    static const char *const names[] = {"cpu", "memory", "io"};
    uint32_t i;
    for (i = 0; i < 3; i++) {
        usm_pressure pressure;
        char base[64];
        snprintf(base, sizeof base, "sample.pressure.%s", names[i]);
        usm_pressure_init(&pressure);
        CHECK_OK(usm_state_pressure(state, i, &pressure));
        same_number(json, base, "some.avg10_percent", pressure.some_avg10_percent);
        same_number(json, base, "some.avg60_percent", pressure.some_avg60_percent);
        same_number(json, base, "some.avg300_percent", pressure.some_avg300_percent);
        same_number(json, base, "some.stalled_percent", pressure.some_percent);
        same_count(json, base, "some.stalled_usec_total", pressure.some_stalled_usec_total,
                   pressure.present, USM_PRESSURE_SOME_STALLED_USEC_TOTAL);
        same_number(json, base, "full.avg10_percent", pressure.full_avg10_percent);
        same_number(json, base, "full.avg60_percent", pressure.full_avg60_percent);
        same_number(json, base, "full.avg300_percent", pressure.full_avg300_percent);
        same_number(json, base, "full.stalled_percent", pressure.full_percent);
        same_count(json, base, "full.stalled_usec_total", pressure.full_stalled_usec_total,
                   pressure.present, USM_PRESSURE_FULL_STALLED_USEC_TOTAL);
    }
}

static void disks_and_filesystems(const usm_state *state, const char *json) {
    usm_disk *disks;
    usm_filesystem *systems;
    size_t count = 0;
    size_t i;
    char place[64];
    char below[80];
    const char *base = place;
    TAKE_ALL(usm_disk, usm_state_disks, disks, count);
    CHECK(count == json_length(json, "sample.disks"));
    for (i = 0; i < count; i++) {
        const usm_disk disk = disks[i];
        snprintf(place, sizeof place, "sample.disks[%d]", (int)i);
        base = place;
        TEXT(disk, name);
        WHOLE(disk, is_stacked);
        WHOLE(disk, in_flight);
        NUMBER(disk, read_bytes_per_sec);
        NUMBER(disk, write_bytes_per_sec);
        NUMBER(disk, reads_per_sec);
        NUMBER(disk, writes_per_sec);
        NUMBER(disk, read_latency_ms);
        NUMBER(disk, write_latency_ms);
        NUMBER(disk, utilisation_percent);
        NUMBER(disk, queue_length);
        snprintf(below, sizeof below, "%s.counters", place);
        base = below;
        WHOLE(disk, reads_total);
        WHOLE(disk, read_bytes_total);
        WHOLE(disk, read_ms_total);
        WHOLE(disk, writes_total);
        WHOLE(disk, write_bytes_total);
        WHOLE(disk, write_ms_total);
        WHOLE(disk, busy_ms_total);
        WHOLE(disk, weighted_ms_total);
    }
    free(disks);

    TAKE_ALL(usm_filesystem, usm_state_filesystems, systems, count);
    CHECK(count == json_length(json, "sample.filesystems"));
    for (i = 0; i < count; i++) {
        const usm_filesystem one = systems[i];
        snprintf(place, sizeof place, "sample.filesystems[%d]", (int)i);
        base = place;
        TEXT(one, mount_point);
        TEXT(one, device);
        TEXT(one, kind);
        TEXT(one, problem);
        same_whole(json, base, "read_only", one.is_read_only);
        same_whole(json, base, "stale", one.is_stale);
        COUNT(one, total_bytes, USM_FILESYSTEM_TOTAL_BYTES);
        COUNT(one, used_bytes, USM_FILESYSTEM_USED_BYTES);
        COUNT(one, available_bytes, USM_FILESYSTEM_AVAILABLE_BYTES);
        COUNT(one, inodes_total, USM_FILESYSTEM_INODES_TOTAL);
        COUNT(one, inodes_used, USM_FILESYSTEM_INODES_USED);
        NUMBER(one, used_percent);
        NUMBER(one, inodes_used_percent);
    }
    free(systems);
}

static void the_network(const usm_state *state, const char *json) {
    usm_interface *interfaces;
    usm_tcp tcp;
    size_t count = 0;
    size_t i;
    const char *base = "sample.network.tcp";
    usm_tcp_init(&tcp);
    CHECK_OK(usm_state_tcp(state, &tcp));
    COUNT(tcp, established, USM_TCP_ESTABLISHED);
    COUNT(tcp, listening, USM_TCP_LISTENING);
    COUNT(tcp, sent_segments_total, USM_TCP_SENT_SEGMENTS_TOTAL);
    COUNT(tcp, retransmits_total, USM_TCP_RETRANSMITS_TOTAL);
    NUMBER(tcp, sent_segments_per_sec);
    NUMBER(tcp, retransmits_per_sec);
    TAKE_ALL(usm_interface, usm_state_interfaces, interfaces, count);
    CHECK(count == json_length(json, "sample.network.interfaces"));
    for (i = 0; i < count; i++) {
        const usm_interface one = interfaces[i];
        char place[64];
        char below[80];
        snprintf(place, sizeof place, "sample.network.interfaces[%d]", (int)i);
        base = place;
        TEXT(one, name);
        WHOLE(one, is_loopback);
        NUMBER(one, received_bytes_per_sec);
        NUMBER(one, sent_bytes_per_sec);
        NUMBER(one, received_packets_per_sec);
        NUMBER(one, sent_packets_per_sec);
        NUMBER(one, errors_per_sec);
        NUMBER(one, drops_per_sec);
        snprintf(below, sizeof below, "%s.counters", place);
        base = below;
        WHOLE(one, received_bytes_total);
        WHOLE(one, sent_bytes_total);
        WHOLE(one, received_packets_total);
        WHOLE(one, sent_packets_total);
        WHOLE(one, receive_errors_total);
        WHOLE(one, send_errors_total);
        WHOLE(one, receive_drops_total);
        WHOLE(one, send_drops_total);
    }
    free(interfaces);
}

static void sensors_and_batteries(const usm_state *state, const char *json) {
    usm_sensor *sensors;
    usm_battery *batteries;
    size_t count = 0;
    size_t i;
    char base[64];
    TAKE_ALL(usm_sensor, usm_state_sensors, sensors, count);
    CHECK(count == json_length(json, "sample.sensors"));
    for (i = 0; i < count; i++) {
        const usm_sensor one = sensors[i];
        snprintf(base, sizeof base, "sample.sensors[%d]", (int)i);
        TEXT(one, chip);
        TEXT(one, label);
        same_text(json, base, "kind", one.kind == USM_SENSOR_FAN ? "fan" : "temperature");
        same_whole(json, base, "stale", one.is_stale);
        NUMBER(one, value);
        NUMBER(one, high);
        NUMBER(one, critical);
    }
    free(sensors);
    TAKE_ALL(usm_battery, usm_state_batteries, batteries, count);
    CHECK(count == json_length(json, "sample.power.batteries"));
    for (i = 0; i < count; i++) {
        const usm_battery one = batteries[i];
        snprintf(base, sizeof base, "sample.power.batteries[%d]", (int)i);
        TEXT(one, name);
        TEXT(one, status);
        NUMBER(one, charge_percent);
        NUMBER(one, power_watts);
        NUMBER(one, seconds_to_empty);
        NUMBER(one, capacity_percent);
    }
    free(batteries);
}

static void limits_and_host(const usm_state *state, const char *json) {
    usm_limits limits;
    usm_host host;
    const char *base = "sample.limits";
    usm_limits_init(&limits);
    CHECK_OK(usm_state_limits(state, &limits));
    CHECK(limits.version <= USM_CGROUP_HYBRID);
    TEXT(limits, cgroup);
    TEXT(limits, effective_cpus_source);
    TEXT(limits, effective_memory_source);
    NUMBER(limits, effective_cpus);
    NUMBER(limits, quota_cpus);
    NUMBER(limits, memory_used_percent);
    NUMBER(limits, cpu_used_percent);
    NUMBER(limits, throttled_percent);
    COUNT(limits, cpuset_cpus, USM_LIMITS_CPUSET_CPUS);
    COUNT(limits, effective_memory_bytes, USM_LIMITS_EFFECTIVE_MEMORY_BYTES);
    COUNT(limits, memory_limit_bytes, USM_LIMITS_MEMORY_LIMIT_BYTES);
    COUNT(limits, memory_used_bytes, USM_LIMITS_MEMORY_USED_BYTES);
    COUNT(limits, cpu_usage_usec_total, USM_LIMITS_CPU_USAGE_USEC_TOTAL);
    COUNT(limits, throttled_usec_total, USM_LIMITS_THROTTLED_USEC_TOTAL);
    COUNT(limits, pids_current, USM_LIMITS_PIDS_CURRENT);
    COUNT(limits, pids_limit, USM_LIMITS_PIDS_LIMIT);
    COUNT(limits, oom_kills_total, USM_LIMITS_OOM_KILLS_TOTAL);

    base = "sample.host";
    usm_host_init(&host);
    CHECK_OK(usm_state_host(state, &host));
    TEXT(host, hostname);
    TEXT(host, os_name);
    TEXT(host, kernel_release);
    TEXT(host, architecture);
    TEXT(host, cpu_model);
    TEXT(host, boot_id);
    TEXT(host, virtualization);
    COUNT(host, logical_cpus, USM_HOST_LOGICAL_CPUS);
    COUNT(host, physical_cores, USM_HOST_PHYSICAL_CORES);
    COUNT(host, memory_total_bytes, USM_HOST_MEMORY_TOTAL_BYTES);
    COUNT(host, page_size_bytes, USM_HOST_PAGE_SIZE_BYTES);
    COUNT(host, clock_ticks_per_second, USM_HOST_CLOCK_TICKS_PER_SECOND);
    same_number(json, base, "boot_time_seconds", host.boot_time);
}

static void the_monitor_itself(const usm_state *state, const char *json) {
    usm_overhead overhead;
    usm_event_health events;
    usm_store_health store;
    const char *base = "sample.overhead";
    usm_overhead_init(&overhead);
    CHECK_OK(usm_state_overhead(state, &overhead));
    NUMBER(overhead, sample_seconds);
    NUMBER(overhead, process_scan_seconds);
    NUMBER(overhead, sample_cpu_seconds);
    NUMBER(overhead, cpu_core_percent);
    WHOLE(overhead, process_scan_every);
    COUNT(overhead, process_rss_bytes, USM_OVERHEAD_PROCESS_RSS_BYTES);
    same_number(json, "sample", "interval_seconds", overhead.interval_seconds);
    base = "events";
    usm_event_health_init(&events);
    CHECK_OK(usm_state_event_health(state, &events));
    WHOLE(events, subscriptions);
    WHOLE(events, delivered);
    WHOLE(events, dropped);
    WHOLE(events, failed);
    WHOLE(events, stuck);
    base = "store";
    usm_store_health_init(&store);
    CHECK_OK(usm_state_store_health(state, &store));
    if (store.status == USM_STORE_NONE) {
        CHECK(strncmp(json_at(json, "store"), "null", 4) == 0);
        CHECK(isnan(store.since) && store.cause == NULL && store.bytes == 0);
        return;
    }
    same_text(json, base, "status", store.status == USM_STORE_OK ? "ok" : "degraded");
    TEXT(store, cause);
    TEXT(store, warning);
    TEXT(store, set_aside);
    NUMBER(store, since);
    NUMBER(store, last_commit);
    NUMBER(store, last_commit_seconds);
    WHOLE(store, rows_written);
    WHOLE(store, rows_waiting);
    WHOLE(store, rows_dropped);
    WHOLE(store, bytes);
    WHOLE(store, last_commit_rows);
    WHOLE(store, retention_lost);
}

static void scores_and_sources(const usm_state *state, const char *json) {
    static const char *const names[] = {"health", "performance", "security"};
    static const char *const words[] = {"unknown", "available", "absent", "forbidden",
                                        "slow",    "malformed", "failed"};
    usm_score_part parts[64];
    usm_source *sources;
    size_t count = 0;
    size_t i;
    uint32_t score;
    char base[64];
    for (score = 0; score < 3; score++) {
        CHECK_OK(usm_state_score_parts(state, score, parts, sizeof *parts, 64, &count));
        snprintf(base, sizeof base, "scores.%s.parts", names[score]);
        CHECK(count == json_length(json, base) && count <= 64);
        for (i = 0; i < count; i++) {
            snprintf(base, sizeof base, "scores.%s.parts[%d]", names[score], (int)i);
            TEXT(parts[i], name);
            NUMBER(parts[i], input);
            NUMBER(parts[i], loss);
        }
    }
    TAKE_ALL(usm_source, usm_state_sources, sources, count);
    CHECK(count == json_length(json, "sample.unavailable"));
    for (i = 0; i < count; i++) {
        snprintf(base, sizeof base, "sample.unavailable[%d]", (int)i);
        TEXT(sources[i], source);
        TEXT(sources[i], gives);
        TEXT(sources[i], reason);
        CHECK(sources[i].availability <= USM_SOURCE_FAILED);
        same_text(json, base, "availability", words[sources[i].availability]);
    }
    free(sources);
}

static void processes(const usm_state *state, const char *json) {
    usm_process_counts counts;
    const char *base = "sample.processes";
    char place[64];
    char below[80];
    size_t i;
    usm_process_counts_init(&counts);
    CHECK_OK(usm_state_process_counts(state, &counts));
    same_whole(json, base, "stale", counts.is_stale);
    NUMBER(counts, interval_seconds);
    COUNT(counts, total, USM_PROCESS_COUNTS_TOTAL);
    COUNT(counts, running, USM_PROCESS_COUNTS_RUNNING);
    COUNT(counts, sleeping, USM_PROCESS_COUNTS_SLEEPING);
    COUNT(counts, disk_sleep, USM_PROCESS_COUNTS_DISK_SLEEP);
    COUNT(counts, stopped, USM_PROCESS_COUNTS_STOPPED);
    COUNT(counts, zombie, USM_PROCESS_COUNTS_ZOMBIE);
    COUNT(counts, threads, USM_PROCESS_COUNTS_THREADS);
    for (i = 0; i < counts.total; i++) {
        usm_process process;
        usm_process_details details;
        usm_process_details again;
        int32_t pid;
        snprintf(place, sizeof place, "sample.processes.list[%d]", (int)i);
        base = place;
        pid = (int32_t)strtol(json_field(json, base, "pid"), NULL, 10);
        usm_process_init(&process);
        CHECK_OK(usm_state_process(state, pid, &process));
        CHECK(process.pid == pid && process.struct_size == sizeof process);
        WHOLE(process, rss_bytes);
        WHOLE(process, start_time_ticks);
        NUMBER(process, cpu_core_percent);
        usm_process_details_init(&details);
        CHECK_OK(usm_state_process_details(state, pid, &details));
        CHECK(details.pid == pid);
        WHOLE(details, start_time_ticks);
        NUMBER(details, children_cpu_seconds_total);
        NUMBER(details, children_cpu_core_percent);
        COUNT(details, session_id, USM_PROCESS_DETAILS_SESSION_ID);
        COUNT(details, major_faults_total, USM_PROCESS_DETAILS_MAJOR_FAULTS_TOTAL);
        COUNT(details, read_bytes_total, USM_PROCESS_DETAILS_READ_BYTES_TOTAL);
        COUNT(details, write_bytes_total, USM_PROCESS_DETAILS_WRITE_BYTES_TOTAL);
        same_count(json, base, "extra.pss_bytes", details.pss_bytes, details.present,
                   USM_PROCESS_DETAILS_PSS_BYTES);
        same_count(json, base, "extra.open_files", details.open_files, details.present,
                   USM_PROCESS_DETAILS_OPEN_FILES);
        snprintf(below, sizeof below, "%s.details", place);
        base = below;
        TEXT(details, name);
        TEXT(details, user);
        TEXT(details, cgroup);
        TEXT(details, command_line);
        /* The texts are made once. */
        usm_process_details_init(&again);
        CHECK_OK(usm_state_process_details(state, pid, &again));
        CHECK(again.name == details.name && again.command_line == details.command_line);
    }
}

static void advice_and_weak_settings(const usm_state *state, const char *json) {
    static const char *const sources[] = {"sample",   "score",    "insight",
                                          "incident", "forecast", "security"};
    static const char *const severities[] = {"low", "medium", "high", "critical"};
    usm_findings *findings = NULL;
    size_t count = 0;
    size_t i;
    char base[64];
    CHECK_OK(usm_state_findings(state, &findings));
    CHECK_OK(usm_findings_recommendation_count(findings, &count));
    CHECK(count == json_length(json, "recommendations"));
    for (i = 0; i <= count; i++) {
        usm_advice one;
        usm_advice_init(&one);
        if (i == count) {
            CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                         usm_findings_recommendation_at(findings, i, &one));
            break;
        }
        CHECK_OK(usm_findings_recommendation_at(findings, i, &one));
        snprintf(base, sizeof base, "recommendations[%d]", (int)i);
        TEXT(one, id);
        TEXT(one, text);
        TEXT(one, benefit);
        CHECK(one.source <= USM_ADVICE_SECURITY && one.severity <= USM_SEVERITY_CRITICAL);
        same_text(json, base, "source", sources[one.source]);
        same_text(json, base, "severity", severities[one.severity]);
    }
    CHECK_OK(usm_findings_weak_setting_count(findings, &count));
    CHECK(count == json_length(json, "hardening"));
    for (i = 0; i <= count; i++) {
        usm_weak_setting one;
        usm_weak_setting_init(&one);
        if (i == count) {
            CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                         usm_findings_weak_setting_at(findings, i, &one));
            break;
        }
        CHECK_OK(usm_findings_weak_setting_at(findings, i, &one));
        snprintf(base, sizeof base, "hardening[%d]", (int)i);
        TEXT(one, setting);
        TEXT(one, value);
        TEXT(one, wanted);
        TEXT(one, risk);
        NUMBER(one, loss);
        CHECK(one.severity <= USM_SEVERITY_CRITICAL);
        same_text(json, base, "severity", severities[one.severity]);
    }
    usm_findings_free(&findings);
}

/* The whole state, and again: nothing depends on what was asked before. */
static void check_state(const usm_state *state) {
    char *json = NULL;
    int round;
    CHECK_OK(usm_state_json(state, &json));
    for (round = 0; round < 2; round++) {
        processors(state, json);
        memory_and_kernel(state, json);
        pressures(state, json);
        disks_and_filesystems(state, json);
        the_network(state, json);
        sensors_and_batteries(state, json);
        limits_and_host(state, json);
        the_monitor_itself(state, json);
        scores_and_sources(state, json);
        processes(state, json);
        advice_and_weak_settings(state, json);
    }
    usm_string_free(json);
}

static void an_own_process_has_details(const usm_state *state) {
    usm_process_details details;
    usm_process_details_init(&details);
    CHECK_OK(usm_state_process_details(state, (int32_t)getpid(), &details));
    CHECK(details.name != NULL && details.name[0] != '\0' && details.command_line != NULL);
    CHECK(details.session_id == (uint64_t)getsid(0));
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_state_process_details(state, -1, &details));
    CHECK_MESSAGE("process -1");
}

static void nothing_is_known_before_the_first_sample(const usm_state *state) {
    usm_cpu cpu;
    usm_host host;
    usm_overhead overhead;
    usm_process process;
    usm_pressure pressure;
    size_t count = 9;
    usm_cpu_init(&cpu);
    CHECK_OK(usm_state_cpu(state, &cpu));
    CHECK(cpu.present == 0 && isnan(cpu.busy_percent) && isnan(cpu.user_seconds_total));
    usm_host_init(&host);
    CHECK_OK(usm_state_host(state, &host));
    CHECK(host.present == 0 && host.hostname == NULL && host.architecture == NULL);
    usm_overhead_init(&overhead);
    CHECK_OK(usm_state_overhead(state, &overhead));
    CHECK(isnan(overhead.sample_seconds) && overhead.process_scan_every == 0);
    usm_pressure_init(&pressure);
    CHECK_OK(usm_state_pressure(state, USM_PRESSURE_IO, &pressure));
    CHECK(pressure.present == 0 && isnan(pressure.some_avg10_percent));
    CHECK_OK(usm_state_disks(state, NULL, sizeof(usm_disk), 0, &count));
    CHECK(count == 0);
    usm_process_init(&process);
    CHECK_STATUS(USM_ERR_NOT_FOUND, usm_state_process(state, 1, &process));
    CHECK(process.pid == 0);
}

int main(int argc, char **argv) {
    usm_config *config = test_config(test_folder(argc, argv));
    usm_monitor *monitor = NULL;
    usm_state *state = NULL;
    uint64_t sequence = 0;
    CHECK_OK(usm_config_set_number(config, "process_extra_count", 10));
    CHECK_OK(usm_config_set_bool(config, "cpu_frequency", 1));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    CHECK_OK(usm_monitor_state(monitor, &state));
    nothing_is_known_before_the_first_sample(state);
    usm_state_free(&state);
    CHECK_OK(usm_monitor_start(monitor));
    CHECK_OK(usm_monitor_wait(monitor, 0, 60.0, &sequence));
    CHECK_OK(usm_monitor_flush(monitor, 60.0));
    CHECK_OK(usm_monitor_wait(monitor, sequence, 60.0, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    an_own_process_has_details(state);
    usm_monitor_free(&monitor);
    check_state(state);
    usm_state_free(&state);
    return 0;
}
