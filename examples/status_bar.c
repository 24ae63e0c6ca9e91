/*
 * A status bar: one line each interval, for a terminal, tmux, i3bar or a pipe.
 *
 *     cc -std=c99 -o status_bar status_bar.c -lusm -lm
 *     ./status_bar                  in a terminal: one line that is written again and again
 *     ./status_bar | tee bar.log    in a pipe: a line each interval
 *     ./status_bar --json           for i3bar and swaybar: status_command ./status_bar --json
 *
 * Where the library is not installed: see status.c. Plain structs only: no JSON is read, and
 * looking at the newest state waits for nothing.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <usm.h>

enum look { GOOD, FAIR, BAD, UNKNOWN };
static const char *const TERMINAL_COLOURS[] = {"\033[32m", "\033[33m", "\033[1;31m", "\033[2m"};
static const char *const BAR_COLOURS[] = {"#8ec07c", "#fabd2f", "#fb4934", "#928374"};

struct block {
    const char *name;
    enum look look;
    char text[64];
};

/* A short text that is returned by value, so that several fit into one call. */
struct word {
    char text[16];
};

/* What can't be read is NaN and shown as such: never as a made-up 0. */
static struct word number(double value) {
    struct word word = {"?"};
    if (!isnan(value)) snprintf(word.text, sizeof word.text, "%.0f", value);
    return word;
}

static struct word bytes(double value) {
    struct word word = {"?"};
    const char *unit = "BKMGT";
    if (isnan(value)) return word;
    for (; value >= 999.5 && unit[1] != '\0'; unit++) value /= 1024.0;
    snprintf(word.text, sizeof word.text, value < 9.95 && *unit != 'B' ? "%.1f%c" : "%.0f%c",
             value, *unit);
    return word;
}

static enum look judged(double value, double fair, double bad) {
    if (isnan(value)) return UNKNOWN;
    return value < fair ? GOOD : value < bad ? FAIR : BAD;
}

static void put(struct block *block, const char *name, enum look look, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    block->name = name;
    block->look = look;
    vsnprintf(block->text, sizeof block->text, format, arguments);
    va_end(arguments);
}

/* The worst alert that fires and how many others do; where there is none, the health. */
static void put_health(struct block *block, const usm_monitor *monitor, double score) {
    usm_findings *findings = NULL;
    size_t count = 0, firing = 0, i;
    put(block, "health", judged(100.0 - score, 40, 70), "health %s", number(score).text);
    if (usm_monitor_findings(monitor, &findings) != USM_OK) return;
    usm_findings_alert_count(findings, &count);
    for (i = count; i-- > 0;) { /* The worst one comes first in the list, so it is the last here. */
        usm_alert alert;
        usm_alert_init(&alert);
        if (usm_findings_alert_at(findings, i, &alert) != USM_OK) continue;
        if (alert.status != USM_ALERT_FIRING) continue; /* One that is pending may still pass. */
        put(block, "alerts", alert.severity >= USM_ALERT_SEVERITY_CRITICAL ? BAD : FAIR,
            firing > 0 ? "! %.20s +%d" : "! %.20s", alert.rule, (int)firing);
        firing++;
    }
    usm_findings_free(&findings);
}

#define MOST_BLOCKS 7

/* Fills the blocks from the newest state and returns how many. */
static size_t look_at(const usm_monitor *monitor, struct block *blocks) {
    usm_metrics m;
    usm_process top;
    size_t there = 0, n = 0;
    usm_metrics_init(&m);
    if (usm_monitor_metrics(monitor, &m) != USM_OK) return 0;
    put_health(&blocks[n++], monitor, m.health_score);
    put(&blocks[n++], "cpu", judged(m.cpu_percent, 70, 95), "cpu %s%%", number(m.cpu_percent).text);
    put(&blocks[n++], "memory", judged(m.memory_percent, 80, 95), "mem %s%%",
        number(m.memory_percent).text);
    /* For how much of the time work waited says more than how busy something is. A queue for
     * processors is usual, for memory and disks it is not; fmax() passes over a NaN. */
    put(&blocks[n++], "pressure",
        judged(fmax(m.pressure_cpu_some_percent / 3,
                    fmax(m.pressure_memory_some_percent, m.pressure_io_some_percent)), 10, 30),
        "wait %s/%s/%s%%", number(m.pressure_cpu_some_percent).text,
        number(m.pressure_memory_some_percent).text, number(m.pressure_io_some_percent).text);
    put(&blocks[n++], "disk", judged(m.disk_percent, 85, 95), "disk %s%% %s",
        number(m.disk_percent).text,
        bytes(m.disk_read_bytes_per_sec + m.disk_write_bytes_per_sec).text);
    put(&blocks[n++], "network", GOOD, "net %s %s", bytes(m.network_received_bytes_per_sec).text,
        bytes(m.network_sent_bytes_per_sec).text);
    if (usm_monitor_top_processes(monitor, USM_ORDER_CPU, &top, sizeof top, 1, &there) == USM_OK &&
        there > 0) {
        put(&blocks[n++], "top", GOOD, "%.10s %s%%", top.name, number(top.cpu_core_percent).text);
    }
    return n;
}

static void write_json_text(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
}

/* The protocol of i3bar: an array without an end, a line of blocks for each interval. */
static void write_json(const struct block *blocks, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        printf("%s{\"name\":\"%s\",\"color\":\"%s\",\"full_text\":\"", i > 0 ? "," : "[",
               blocks[i].name, BAR_COLOURS[blocks[i].look]);
        write_json_text(blocks[i].text);
        printf("\"}");
    }
    printf("],\n");
}

static void write_line(const struct block *blocks, size_t count, int in_terminal) {
    size_t i;
    /* Again on the same line, which is cut at the terminal's width and not wrapped. */
    if (in_terminal) printf("\r\033[K\033[?7l");
    for (i = 0; i < count; i++) {
        printf("%s%s%s%s", i > 0 ? "  " : "", in_terminal ? TERMINAL_COLOURS[blocks[i].look] : "",
               blocks[i].text, in_terminal ? "\033[0m" : "");
    }
    printf(in_terminal ? "\033[?7h" : "\n");
}

static const char USAGE[] =
    "usage: status_bar [--json] [--interval SECONDS] [--lines COUNT]\n\n"
    "  --json      the protocol of i3bar and swaybar\n"
    "  --interval  seconds from line to line, 0.1 to 3600 (usually 1)\n"
    "  --lines     ends after so many lines; else by Ctrl-C\n\n"
    "It shows the worst alert that fires, or else the health, of 100; processors and\n"
    "memory in use; how much of the last 10 s work waited for processors/memory/disks;\n"
    "the root file system, and bytes per second of all disks; bytes received and sent\n"
    "per second; and the busiest process, in percent of one core.\n";

/* Writes a line each interval until it is told to end. */
static void show(const usm_monitor *monitor, const sigset_t *ends, double interval, int json,
                 long lines) {
    const int in_terminal = !json && isatty(STDOUT_FILENO);
    const time_t seconds = (time_t)interval;
    const struct timespec pause = {seconds, (long)((interval - (double)seconds) * 1e9)};
    struct block blocks[MOST_BLOCKS];
    if (json) printf("{\"version\":1}\n[\n");
    for (;;) {
        const size_t count = look_at(monitor, blocks);
        if (json) write_json(blocks, count);
        else write_line(blocks, count, in_terminal);
        if (fflush(stdout) != 0 || --lines == 0 || sigtimedwait(ends, NULL, &pause) > 0) break;
    }
    if (json) printf("[]]\n");
    if (in_terminal) printf("\n");
}

int main(int argc, char **argv) {
    int json = 0, status = EXIT_FAILURE, i;
    double interval = 1.0;
    long lines = 0;
    usm_config *config = NULL;
    usm_monitor *monitor = NULL;
    sigset_t ends;
    for (i = 1; i < argc; i++) {
        const int has_value = i + 1 < argc;
        if (strcmp(argv[i], "--json") == 0) json = 1;
        else if (strcmp(argv[i], "--interval") == 0 && has_value) interval = atof(argv[++i]);
        else if (strcmp(argv[i], "--lines") == 0 && has_value) lines = atol(argv[++i]);
        else if (strcmp(argv[i], "--help") == 0) return fputs(USAGE, stdout) < 0;
        else return fputs(USAGE, stderr), EXIT_FAILURE;
    }
    if (!(interval >= 0.1 && interval <= 3600.0)) return fputs(USAGE, stderr), EXIT_FAILURE;

    /* Blocked, so that Ctrl-C ends the pause between two lines and everything is tidied up. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);

    /* A bar needs no past: with "store_enabled" off, no file is written. */
    if (usm_config_new(&config) == USM_OK && usm_config_apply_environment(config) == USM_OK &&
        usm_config_set_bool(config, "store_enabled", 0) == USM_OK &&
        usm_config_set_number(config, "refresh_interval", interval) == USM_OK &&
        usm_monitor_new(config, &monitor) == USM_OK && usm_monitor_start(monitor) == USM_OK &&
        usm_monitor_wait(monitor, 0, 60.0, NULL) == USM_OK) {
        show(monitor, &ends, interval, json, lines);
        status = EXIT_SUCCESS;
    } else {
        fprintf(stderr, "status_bar: %s\n", usm_last_error_message());
    }
    usm_monitor_free(&monitor);
    usm_config_free(&config);
    return status;
}
