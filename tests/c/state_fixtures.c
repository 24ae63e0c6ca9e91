/* The parts of a state that few hosts have, of captured trees: sensors, batteries, limits of a
 * control group, and what an old kernel does not tell. The numbers are worked out by hand from
 * the files; their tests in core/src/sample say how. */
#include <math.h>

#include "check.h"

/* The folder tests/fixtures, beside this source. */
static char *fixture(const char *name) {
    const char *end = strrchr(__FILE__, '/');
    const size_t folder = end == NULL ? 0 : (size_t)(end - __FILE__) + 1;
    const size_t size = folder + strlen(name) + 32;
    char *path = (char *)malloc(size);
    CHECK(path != NULL);
    snprintf(path, size, "%.*s../fixtures/%s", (int)folder, __FILE__, name);
    return path;
}

/* A monitor of such trees; `processes` and `devices` stand for /proc and /sys. */
static usm_monitor *monitor_of(const char *processes, const char *devices) {
    usm_config *config = NULL;
    usm_monitor *monitor = NULL;
    char *proc_root = fixture(processes);
    char *sys_root = fixture(devices);
    CHECK_OK(usm_config_new(&config));
    CHECK_OK(usm_config_apply_environment(config));
    CHECK_OK(usm_config_set_text(config, "proc_root", proc_root));
    CHECK_OK(usm_config_set_text(config, "sys_root", sys_root));
    CHECK_OK(usm_config_set_bool(config, "store_enabled", 0));
    CHECK_OK(usm_config_set_number(config, "slow_source_deadline", 10.0));
    CHECK_OK(usm_monitor_new(config, &monitor));
    usm_config_free(&config);
    free(proc_root);
    free(sys_root);
    return monitor;
}

static usm_state *next_state(usm_monitor *monitor) {
    usm_state *state = NULL;
    CHECK_OK(usm_monitor_collect(monitor, NULL));
    CHECK_OK(usm_monitor_state(monitor, &state));
    return state;
}

static void is_sensor(const usm_sensor *sensor, const char *chip, const char *label,
                      double value) {
    CHECK(strcmp(sensor->chip, chip) == 0 && strcmp(sensor->label, label) == 0);
    CHECK(sensor->value == value && sensor->is_stale == 0);
}

static void a_laptop_has_sensors_and_batteries(void) {
    usm_monitor *monitor = monitor_of("linux-6.18-vm/proc", "laptop/sys");
    usm_state *state = NULL;
    usm_sensor sensors[16];
    usm_battery batteries[4];
    usm_metrics metrics;
    size_t found = 0;
    size_t supplies = 0;
    int tries;
    /* They are read by another thread; the first sample waits for it only so long. */
    for (tries = 0; tries < 100 && (found == 0 || supplies == 0); tries++) {
        usm_state_free(&state);
        state = next_state(monitor);
        CHECK_OK(usm_state_sensors(state, sensors, sizeof *sensors, 16, &found));
        CHECK_OK(usm_state_batteries(state, batteries, sizeof *batteries, 4, &supplies));
    }
    CHECK(found == 8 && supplies == 2);
    is_sensor(&sensors[0], "acpitz", "temp1", 47.0);
    CHECK(isnan(sensors[0].high) && isnan(sensors[0].critical));
    is_sensor(&sensors[1], "nvme", "Composite", 38.85);
    CHECK(sensors[1].high == 81.85 && sensors[1].critical == 84.85);
    is_sensor(&sensors[2], "nvme #2", "Composite", 41.85);
    is_sensor(&sensors[3], "coretemp", "Package id 0", 52.0);
    is_sensor(&sensors[6], "thinkpad", "fan1", 2103.0);
    CHECK(sensors[6].kind == USM_SENSOR_FAN && sensors[5].kind == USM_SENSOR_TEMPERATURE);
    is_sensor(&sensors[7], "lm75", "temp1", -5.5);

    CHECK(strcmp(batteries[0].name, "BAT0") == 0);
    CHECK(strcmp(batteries[0].status, "Discharging") == 0);
    CHECK(batteries[0].charge_percent == 98.0 && batteries[0].power_watts == 4.83);
    CHECK(fabs(batteries[0].seconds_to_empty - 36857.142857) < 1.0);
    CHECK(strcmp(batteries[1].name, "BAT2") == 0 && batteries[1].charge_percent == 75.0);
    CHECK(batteries[1].power_watts == 6.0 && batteries[1].seconds_to_empty == 7200.0);
    CHECK(batteries[1].capacity_percent == 80.0);
    usm_metrics_init(&metrics);
    CHECK_OK(usm_state_metrics(state, &metrics));
    CHECK(usm_metrics_has(&metrics, USM_METRIC_BATTERY_PLUGGED) && metrics.battery_plugged == 0);
    usm_state_free(&state);
    usm_monitor_free(&monitor);
}

static int ends_with(const char *text, const char *end) {
    const size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static void a_container_has_limits(void) {
    usm_monitor *monitor = monitor_of("cgroup-v2/proc", "cgroup-v2/sys");
    usm_state *state = next_state(monitor);
    usm_limits limits;
    usm_limits_init(&limits);
    CHECK_OK(usm_state_limits(state, &limits));
    CHECK(limits.version == USM_CGROUP_V2);
    CHECK(strcmp(limits.cgroup, "/kubepods.slice/pod7/app") == 0);
    CHECK(limits.quota_cpus == 1.5 && limits.effective_cpus == 1.5 && limits.cpuset_cpus == 5);
    CHECK(ends_with(limits.effective_cpus_source, "/pod7/cpu.max"));
    CHECK(limits.memory_limit_bytes == 805306368 && limits.memory_used_bytes == 600000000);
    CHECK(fabs(limits.memory_used_percent - 74.506) < 0.01);
    CHECK(ends_with(limits.effective_memory_source, "/pod7/memory.high"));
    CHECK(limits.cpu_usage_usec_total == 5000000 && limits.throttled_usec_total == 250000);
    CHECK(limits.pids_current == 42 && limits.pids_limit == 500 && limits.oom_kills_total == 3);
    usm_state_free(&state);
    usm_monitor_free(&monitor);
}

static void what_an_old_kernel_does_not_tell_is_absent(void) {
    usm_monitor *monitor = monitor_of("linux-2.6.32-no-psi/proc", "linux-2.6.32-no-psi/sys");
    usm_state *state = next_state(monitor);
    usm_pressure pressure;
    usm_memory memory;
    usm_limits limits;
    usm_source sources[64];
    size_t count = 0;
    size_t i;
    int said = 0;
    usm_pressure_init(&pressure);
    CHECK_OK(usm_state_pressure(state, USM_PRESSURE_MEMORY, &pressure));
    CHECK(pressure.present == 0 && isnan(pressure.some_avg10_percent));
    usm_memory_init(&memory);
    CHECK_OK(usm_state_memory(state, &memory));
    CHECK(memory.available_is_estimated == 1 && memory.total_bytes > 0);
    CHECK(!usm_is_present(memory.present, USM_MEMORY_OOM_KILLS_TOTAL));
    usm_limits_init(&limits);
    CHECK_OK(usm_state_limits(state, &limits));
    CHECK(limits.version == USM_CGROUP_NONE && limits.cgroup == NULL);
    CHECK(isnan(limits.quota_cpus) && limits.memory_limit_bytes == 0);
    CHECK(!usm_is_present(limits.present, USM_LIMITS_MEMORY_LIMIT_BYTES));
    CHECK_OK(usm_state_sources(state, sources, sizeof *sources, 64, &count));
    for (i = 0; i < count; i++) {
        if (strstr(sources[i].source, "pressure") == NULL) continue;
        said += sources[i].availability == USM_SOURCE_ABSENT && sources[i].reason != NULL;
    }
    CHECK(said > 0);
    usm_state_free(&state);
    usm_monitor_free(&monitor);
}

int main(int argc, char **argv) {
    (void)test_folder(argc, argv);
    a_laptop_has_sensors_and_batteries();
    a_container_has_limits();
    what_an_old_kernel_does_not_tell_is_absent();
    return 0;
}
