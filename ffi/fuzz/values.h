/* Numbers and words that are worth trying. */
#ifndef VALUES_H
#define VALUES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const double special_doubles[] = {
    0.0,   -0.0,    1.0,     -1.0,    0.5,  NAN,    INFINITY, -INFINITY, 1e308,  -1e308, 1e-308,
    5e-324, 100.0,  100.001, 9007199254740993.0,    1e18,     1.7e9,     253402300800.0, -62135596801.0,
    86400.0, 3600.0, 0.01,   1e15,    -1e15, 4294967296.0,    2147483648.0, 18446744073709551616.0,
};

static const uint64_t special_integers[] = {
    0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
    0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE, 1000000,
};

/* Set once the program's own folder and child are there. */
enum { GIVEN_FILES = 4 };
static double fixture_time;
static int32_t own_child;
static char own_folder[512];
static char own_scope[64];
static char own_settings[1024];
static char given_files[GIVEN_FILES][600];

static const char *const names[] = {
    "refresh_interval", "enable_alerts", "log_level", "data_dir", "store_enabled",
    "commit_interval", "retention_days", "max_store_bytes", "max_threads", "cache_duration",
    "history_enabled", "history_raw_days", "history_top_processes", "process_scan", "process_io",
    "jitter_percent", "max_history_size", "event_queue_size", "alert_rules_file",
    "security_allow", "proc_root", "slow_source_deadline", "overhead_budget_percent",
    "private_descriptors", "enable_ml", "balanced", "conservative", "aggressive", "mine",
    "CPU", "Memory", "ours", "nothing",
};
static const char *const values[] = {
    "0.5", "INFO", "DEBUG", "true", "off", "1e300", "nan", "10s", "1d", "500MB", "-1", "[\"a\"]",
    "relative", "", "0x10", "1,5",
};
static const char *const jsons[] = {
    "{}", "[]", "null", "{\"refresh_interval\": 0.5, \"max_threads\": 2}",
    "{\"refresh_interval\": 1e999}", "{\"log_level\": \"DEBUG\", \"log_level\": \"INFO\"}",
    "[{\"action_type\": \"set_batch\", \"target_id\": \"1\"}]",
    "[{\"action_type\": \"lower_priority\", \"target_id\": \"4194304\", \"id\": 7}]",
    "[{\"action_type\": \"cleanup_disk\", \"target_id\": \"disk\"}]",
    "{\"profile_name\": \"mine\", \"cpu_threshold\": 60, \"protected\": [\"postgres\"]}",
    "{\"profile_name\": \"mine\", \"cpu_threshold\": 1e9}", "{\"profile_name\": \"balanced\"}",
    "{\"a\": \"\\ud800\"}", "{\"series\": \"cpu*\"}", "18446744073709551616", "-1e-400",
};
static const char *const tomls[] = {
    "name = 'ours'\nwhen = 'process_count > 0'\nseverity = 'critical'\nchannels = ['log']\n",
    "name = 'two'\nwhen = 'cpu_percent > 90 and memory_percent > 80'\nfor = '10s'\n",
    "name = 'three'\nwhen = 'memory_percent > 0'\nmessage = '{value} {label.name} {'\n",
    "name = 'four'\nwhen = 'filesystem_used_percent{mount=\"x\"} > 85'\nclear = 80\n",
    "name = ''\nwhen = ''\n", "when = 1", "[[rule]]\nname = 'a'\n", "CPU", "Memory", "nothing",
};
static const char *const texts[] = {
    "now", "1h ago", "2024-02-30", "2024-02-29T12:00:00Z", "2024-01-01 00:00:60", "yesterday",
    "@1700000000", "1700000000.5", "-5m", "10s", "1d12h", "1.5 weeks", "99999999999999999999d",
    "0", "today", "10:30", "1e400", "9999-12-31T23:59:59.999999999Z", "-1y", "2024-13-01",
};
static const char *const selectors[] = {
    "cpu_percent", "core_busy_percent", "process_cpu_core_percent", "process_*", "*", "memory_*",
    "memory_used_bytes", "disk_read_bytes_per_sec{device=\"sda\"}", "cpu_percent{", "pid", "name",
    "filesystem_used_percent{mount=\"a\"}", "!*", "{}", "user", "memory_percent",
};
static const char *const aggregates[] = {
    "mean", "max", "min", "sum", "last", "count", "p95", "p100", "p101", "p-1", "median", "MEAN",
};
static const char *const queries[] = {
    "find a file by name", "compress", "json", "a", "monitor cpu disk network memory", "\xC3\xA9",
};

#define WORDS(name, words) {name, words, sizeof words / sizeof *words}
static const struct {
    const char *name;
    const char *const *words;
    size_t count;
} vocabularies[] = {
    WORDS("name", names),           WORDS("value", values),         WORDS("json", jsons),
    WORDS("labels_json", jsons),    WORDS("toml", tomls),           WORDS("name_or_toml", tomls),
    WORDS("text", texts),           WORDS("selector", selectors),   WORDS("aggregate", aggregates),
    WORDS("combine", aggregates),   WORDS("query", queries),        WORDS("rule", names),
    WORDS("channel", values),       WORDS("id", queries),
};

#endif /* VALUES_H */
