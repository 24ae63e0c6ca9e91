/*
 * A game loop with a fixed time step that reads the newest state of the machine in each frame,
 * draws less when the machine is short, and measures what that costs: stretches with and
 * without a monitor take turns, and their frame times are compared at the end.
 *
 *     cc -std=c99 -O2 -o game_loop game_loop.c -lusm -lm
 *     ./game_loop --fps 144 --seconds 20
 *
 * Where the library is not installed: see status.c.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <usm.h>

#define PHASES 8
#define BEST_QUALITY 4
#define PARTICLES 20000
#define MOST_FRAMES 200000

static const char USAGE[] =
    "usage: game_loop [--fps 60] [--seconds 16]\n\n"
    "Plays for so many seconds in all, in turns with and without a monitor, and\n"
    "compares the frame times; Ctrl-C ends it early.\n";

static volatile sig_atomic_t is_ended; /* All that a signal handler may do is to set it. */
static void on_signal(int number) { is_ended = number; }

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static double position[PARTICLES], speed[PARTICLES];
volatile double picture; /* Volatile, lest the compiler leaves out what nobody looks at. */

/* A step always stands for the same time: how fast the machine is decides how much of the game
 * is drawn, never what happens in it. */
static void simulate(double step_seconds) {
    size_t i;
    for (i = 0; i < PARTICLES; i++) {
        position[i] += speed[i] * step_seconds;
        if (fabs(position[i]) > 1.0) speed[i] = -speed[i];
    }
}

static void draw(int quality) {
    double sum = 0.0;
    size_t i;
    for (; quality > 0; quality--)
        for (i = 0; i < PARTICLES; i++) sum += sqrt(fabs(position[i]) + quality);
    picture = sum;
}

/* Quality for the next frame: down at once, up only after two calm seconds, lest it flickers. */
static int adapted(int quality, const usm_metrics *m, int *calm_frames, int fps) {
    /* For how much of the time something waited; fmax() passes over NaN: what is not known. */
    const double short_of =
        fmax(m->pressure_cpu_some_percent / 3,
             fmax(m->pressure_memory_some_percent, m->pressure_io_full_percent));
    if (short_of > 20.0) {
        *calm_frames = 0;
        return quality > 1 ? quality - 1 : 1;
    }
    if (short_of > 10.0 || ++*calm_frames < 2 * fps || quality == BEST_QUALITY) return quality;
    *calm_frames = 0;
    return quality + 1;
}

/* What the phases of one kind have measured, in nanoseconds. */
struct times {
    double frames[MOST_FRAMES], reads[MOST_FRAMES];
    size_t count, late;
};

/* Plays for some frames; the monitor is NULL in a phase without one. */
static int play(const usm_monitor *monitor, int quality, int fps, size_t frames, struct times *t) {
    const int64_t step_ns = 1000000000 / fps;
    int64_t due = now_ns(), simulated = due;
    int calm_frames = 0;
    for (; frames > 0 && !is_ended; frames--) {
        const int64_t begin = now_ns();
        if (monitor != NULL) {
            usm_metrics metrics; /* On the stack, and copied without a lock or a system call. */
            usm_metrics_init(&metrics);
            if (usm_monitor_metrics(monitor, &metrics) != USM_OK) break;
            t->reads[t->count] = (double)(now_ns() - begin);
            quality = adapted(quality, &metrics, &calm_frames, fps);
        }
        /* After a long stop the game goes on where it was: not all of it is made up for. */
        if (begin - simulated > 20 * step_ns) simulated = begin - step_ns;
        for (; simulated + step_ns <= begin; simulated += step_ns) simulate(1.0 / fps);
        draw(quality);
        t->frames[t->count++] = (double)(now_ns() - begin);
        due += step_ns;
        if (now_ns() > due) { /* Too late: what was missed is simulated, but not drawn. */
            t->late++;
            due = now_ns();
        } else {
            const struct timespec until = {due / 1000000000, due % 1000000000};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        }
    }
    return quality;
}

/* One read of many in a row: without what a look at the clock costs, and with warm caches. */
static double read_ns(const usm_monitor *monitor) {
    const int64_t begin = now_ns();
    usm_metrics metrics;
    int i;
    usm_metrics_init(&metrics);
    for (i = 0; i < 10000; i++) usm_monitor_metrics(monitor, &metrics);
    return (double)(now_ns() - begin) / 10000.0;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double at(const double *sorted, size_t count, double share) {
    return count == 0 ? NAN : sorted[(size_t)((double)(count - 1) * share)];
}

static void show(const char *what, struct times *t) {
    qsort(t->frames, t->count, sizeof *t->frames, ascending);
    printf("%-18s%8.3f%8.3f%8.3f%8.3f%8.3f%8zu%8zu\n", what, at(t->frames, t->count, 0.5) / 1e6,
           at(t->frames, t->count, 0.9) / 1e6, at(t->frames, t->count, 0.99) / 1e6,
           at(t->frames, t->count, 0.999) / 1e6, at(t->frames, t->count, 1.0) / 1e6, t->late,
           t->count);
}

static int fail(usm_monitor **monitor, usm_config **config) {
    fprintf(stderr, "game_loop: %s\n", usm_last_error_message());
    usm_monitor_free(monitor);
    usm_config_free(config);
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    static struct times without, with;
    int fps = 60, quality = BEST_QUALITY, i;
    double seconds = 16.0;
    usm_config *config = NULL;
    usm_monitor *monitor = NULL;
    size_t frames;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--fps") == 0 && i + 1 < argc) fps = atoi(argv[++i]);
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) seconds = atof(argv[++i]);
        else if (strcmp(argv[i], "--help") == 0) return fputs(USAGE, stdout) < 0;
        else return fputs(USAGE, stderr), EXIT_FAILURE;
    }
    if (fps < 1 || fps > 1000 || !(seconds > 0.0 && seconds * fps < MOST_FRAMES))
        return fputs(USAGE, stderr), EXIT_FAILURE;
    frames = (size_t)(seconds * fps / (PHASES + 1)) + 1;
    for (i = 0; i < PARTICLES; i++) speed[i] = (double)(i % 97 - 48) / 48.0;
    signal(SIGINT, on_signal); /* The library's threads block signals: it runs on this one. */
    signal(SIGTERM, on_signal);

    if (usm_config_new(&config) != USM_OK || usm_config_apply_environment(config) != USM_OK ||
        usm_config_set_bool(config, "store_enabled", 0) != USM_OK ||
        usm_monitor_new(config, &monitor) != USM_OK)
        return fail(&monitor, &config);
    for (i = 0; i <= PHASES && !is_ended; i++) {
        const int has_monitor = i % 2 == 0;
        /* Stopped, it samples nothing: as if there were no monitor. It waits for a sample that is
         * being taken, though not for ever; one that takes longer is the last all the same. */
        const usm_status changed =
            has_monitor ? usm_monitor_start(monitor) : usm_monitor_stop(monitor);
        if (changed != USM_OK && changed != USM_ERR_TIMED_OUT) return fail(&monitor, &config);
        quality = play(has_monitor ? monitor : NULL, quality, fps, frames,
                       has_monitor ? &with : &without);
        printf("phase %d of %d, %s monitor: quality %d\n", i, PHASES,
               has_monitor ? "with" : "without", quality);
        fflush(stdout);
        if (i == 0) with.count = with.late = 0; /* This phase only finds the quality. */
    }
    printf("\n%-18s%8s%8s%8s%8s%8s%8s%8s\n", "frame time, ms", "p50", "p90", "p99", "p99.9", "max",
           "late", "frames");
    show("without monitor", &without);
    show("with monitor", &with);
    qsort(with.reads, with.count, sizeof *with.reads, ascending);
    printf("a read of the state: p50 %.0f ns, p99 %.0f ns in a frame; %.0f ns in a row\n",
           at(with.reads, with.count, 0.5), at(with.reads, with.count, 0.99), read_ns(monitor));
    usm_monitor_free(&monitor);
    usm_config_free(&config);
    return EXIT_SUCCESS;
}
