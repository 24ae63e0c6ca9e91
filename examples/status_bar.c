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

static const char USAGE[] =
    "usage: status_bar [--json] [--interval SECONDS] [--lines COUNT]\n\n"
    "  --json      the protocol of i3bar and swaybar\n"
    "  --interval  seconds from line to line, 0.1 to 3600 (usually 1)\n"
    "  --lines     ends after so many lines; else by Ctrl-C\n\n"
    "It shows the worst alert that fires, or else the health (of 100); processors\n"
    "and memory in use; for how much of the last 10 s work waited for processors,\n"
    "memory and disks; the root file system in use, and bytes per second of all\n"
    "disks; bytes received and sent per second; and the busiest process (percent\n"
    "of one core).\n";

enum look { GOOD, FAIR, BAD, UNKNOWN };
static const char *const TERMINAL_COLOURS[] = {"\033[32m", "\033[33m", "\033[1;31m", "\033[2m"};
static const char *const BAR_COLOURS[] = {"#8ec07c", "#fabd2f", "#fb4934", "#928374"};

static enum { PIPE, TERMINAL, JSON } output = PIPE;
static const char *gap = ""; /* Between the block that was written last and the next. */

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

/* Writes one block of the line. */
static void put(const char *name, enum look look, const char *format, ...) {
    char text[64], *c;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (c = text; output == JSON && *c != '\0'; c++) /* What would end a text of JSON. */
        if (*c == '"' || *c == '\\') *c = '\'';
    if (output == PIPE) printf("%s%s", gap, text);
    else if (output == TERMINAL) printf("%s%s%s\033[0m", gap, TERMINAL_COLOURS[look], text);
    else printf("%s{\"name\":\"%s\",\"color\":\"%s\",\"full_text\":\"%s\"}", gap, name,
                BAR_COLOURS[look], text);
    gap = output == JSON ? "," : "  ";
}

/* The worst alert that fires and how many others do; where there is none, the health. */
static void put_health(const usm_monitor *monitor, double score) {
    usm_findings *findings = NULL;
    usm_alert worst, alert;
    size_t count = 0, firing = 0, i;
    usm_alert_init(&worst);
    usm_alert_init(&alert);
    if (usm_monitor_findings(monitor, &findings) == USM_OK)
        usm_findings_alert_count(findings, &count);
    for (i = 0; i < count; i++) { /* The worst one comes first; one that is pending may pass. */
        if (usm_findings_alert_at(findings, i, &alert) != USM_OK) continue;
        if (alert.status == USM_ALERT_FIRING && firing++ == 0) worst = alert;
    }
    if (firing == 0)
        put("health", judged(100.0 - score, 40, 70), "health %s", number(score).text);
    else
        put("alerts", worst.severity >= USM_ALERT_SEVERITY_CRITICAL ? BAD : FAIR,
            firing > 1 ? "! %.20s +%d" : "! %.20s", worst.rule, (int)firing - 1);
    usm_findings_free(&findings); /* Its texts are gone with it. */
}

/* Returns the number of the state that it shows. */
static uint64_t put_line(const usm_monitor *monitor) {
    usm_metrics m;
    usm_process top;
    size_t there = 0;
    usm_metrics_init(&m);
    if (usm_monitor_metrics(monitor, &m) != USM_OK) return 0;
    /* On the same line again, which is cut at the terminal's width and not wrapped. */
    gap = output == TERMINAL ? "\r\033[K\033[?7l" : output == JSON ? "[" : "";
    put_health(monitor, m.health_score);
    put("cpu", judged(m.cpu_percent, 70, 95), "cpu %s%%", number(m.cpu_percent).text);
    put("memory", judged(m.memory_percent, 80, 95), "mem %s%%", number(m.memory_percent).text);
    /* For how much of the time work waited says more than how busy something is. A queue for
     * processors is usual, for memory and disks it is not; fmax() passes over a NaN. */
    put("pressure",
        judged(fmax(m.pressure_cpu_some_percent / 3,
                    fmax(m.pressure_memory_some_percent, m.pressure_io_some_percent)), 10, 30),
        "wait %s/%s/%s%%", number(m.pressure_cpu_some_percent).text,
        number(m.pressure_memory_some_percent).text, number(m.pressure_io_some_percent).text);
    put("disk", judged(m.disk_percent, 85, 95), "disk %s%% %s", number(m.disk_percent).text,
        bytes(m.disk_read_bytes_per_sec + m.disk_write_bytes_per_sec).text);
    put("network", GOOD, "net %s %s", bytes(m.network_received_bytes_per_sec).text,
        bytes(m.network_sent_bytes_per_sec).text);
    if (usm_monitor_top_processes(monitor, USM_ORDER_CPU, &top, sizeof top, 1, &there) == USM_OK &&
        there > 0)
        put("top", GOOD, "%.10s %s%%", top.name, number(top.cpu_core_percent).text);
    printf("%s", output == TERMINAL ? "\033[?7h" : output == JSON ? "],\n" : "\n");
    return m.sequence;
}

int main(int argc, char **argv) {
    int status = EXIT_FAILURE, i;
    double interval = 1.0;
    long lines = 0;
    usm_config *config = NULL;
    usm_monitor *monitor = NULL;
    struct timespec pause;
    sigset_t ends;
    if (isatty(STDOUT_FILENO)) output = TERMINAL;
    for (i = 1; i < argc; i++) {
        const int has_value = i + 1 < argc;
        if (strcmp(argv[i], "--json") == 0) output = JSON;
        else if (strcmp(argv[i], "--interval") == 0 && has_value) interval = atof(argv[++i]);
        else if (strcmp(argv[i], "--lines") == 0 && has_value) lines = atol(argv[++i]);
        else if (strcmp(argv[i], "--help") == 0) return fputs(USAGE, stdout) < 0;
        else return fputs(USAGE, stderr), EXIT_FAILURE;
    }
    if (!(interval >= 0.1 && interval <= 3600.0)) return fputs(USAGE, stderr), EXIT_FAILURE;
    pause.tv_sec = (time_t)interval;
    pause.tv_nsec = (long)((interval - (double)pause.tv_sec) * 1e9);

    /* A bar needs no past: with "store_enabled" off, no file is written. */
    if (usm_config_new(&config) == USM_OK && usm_config_apply_environment(config) == USM_OK &&
        usm_config_set_bool(config, "store_enabled", 0) == USM_OK &&
        usm_config_set_number(config, "refresh_interval", interval) == USM_OK &&
        usm_monitor_new(config, &monitor) == USM_OK && usm_monitor_start(monitor) == USM_OK &&
        usm_monitor_wait(monitor, 0, INFINITY, NULL) == USM_OK) {
        /* Blocked from here on, so that Ctrl-C ends the pause between two lines, not the bar in
         * the midst of one. */
        sigemptyset(&ends);
        sigaddset(&ends, SIGINT);
        sigaddset(&ends, SIGTERM);
        sigprocmask(SIG_BLOCK, &ends, NULL);
        if (output == JSON) printf("{\"version\":1}\n[\n");
        for (;;) {
            const uint64_t shown = put_line(monitor);
            if (fflush(stdout) != 0 || --lines == 0 || sigtimedwait(&ends, NULL, &pause) > 0) break;
            usm_monitor_wait(monitor, shown, interval, NULL); /* The next one is due about now. */
        }
        if (output != PIPE) printf(output == JSON ? "[]]\n" : "\n");
        status = EXIT_SUCCESS;
    } else {
        fprintf(stderr, "status_bar: %s\n", usm_last_error_message());
    }
    usm_monitor_free(&monitor);
    usm_config_free(&config);
    return status;
}
