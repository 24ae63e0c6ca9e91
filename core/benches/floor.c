/* The floor of a process scan: what the kernel alone costs. A bare loop that lists /proc
 * and reads each process's stat (and io) without looking at it, and one that reads the
 * files of the whole system. Speaks the benches' protocol: a line with a number of ticks
 * in, a line with CPU seconds and a count out.
 *
 * usage: floor kept|open stat|io, or floor system [FILE...] for further files
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short reclen;
    unsigned char type;
    char name[];
};

struct kept {
    int stat, io;
};

enum { MOST_PIDS = 4194304 };

static int proc_fd;
static struct kept *by_pid; /* fds plus one, by pid; untouched pages cost nothing */
static int *listed;
static size_t listed_count;
static char listing[32768] __attribute__((aligned(8)));
static char text[65536];

static long read_once(int pid, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "%d/%s", pid, name);
    int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    long length = read(fd, text, sizeof text);
    close(fd);
    return length;
}

static long read_kept(int *slot, int pid, const char *name) {
    if (*slot == 0) {
        char path[64];
        snprintf(path, sizeof path, "%d/%s", pid, name);
        *slot = openat(proc_fd, path, O_RDONLY | O_CLOEXEC) + 1;
        if (*slot == 0)
            return -1;
    }
    long length = pread(*slot - 1, text, sizeof text, 0);
    if (length < 0) {
        close(*slot - 1);
        *slot = 0;
    }
    return length;
}

static size_t list(void) {
    listed_count = 0;
    lseek(proc_fd, 0, SEEK_SET);
    for (;;) {
        long length = syscall(SYS_getdents64, proc_fd, listing, sizeof listing);
        if (length <= 0)
            return listed_count;
        for (long at = 0; at < length;) {
            struct entry *entry = (struct entry *)(listing + at);
            if (entry->name[0] >= '1' && entry->name[0] <= '9')
                listed[listed_count++] = atoi(entry->name);
            at += entry->reclen;
        }
    }
}

static size_t scan(int keep, int io) {
    size_t read_count = 0;
    size_t count = list();
    for (size_t at = 0; at < count; at++) {
        int pid = listed[at];
        long length = keep ? read_kept(&by_pid[pid].stat, pid, "stat") : read_once(pid, "stat");
        if (length <= 0)
            continue;
        read_count++;
        if (io && keep)
            read_kept(&by_pid[pid].io, pid, "io");
        else if (io)
            read_once(pid, "io");
    }
    return read_count;
}

/* The system-wide files, then those named on the command line. */
static size_t read_system(char *const *further, size_t further_count) {
    static const char *const names[] = {
        "stat",     "meminfo", "loadavg",       "diskstats",       "net/dev",
        "net/snmp", "vmstat",  "pressure/cpu",  "pressure/memory", "pressure/io",
    };
    enum { OWN = sizeof names / sizeof *names, MOST = 64 };
    static int fds[MOST];
    size_t count = 0;
    for (size_t at = 0; at < OWN + further_count && at < MOST; at++) {
        const char *name = at < OWN ? names[at] : further[at - OWN];
        if (fds[at] == 0)
            fds[at] = openat(proc_fd, name, O_RDONLY | O_CLOEXEC) + 1;
        if (fds[at] == 0)
            continue;
        off_t offset = 0;
        for (;;) {
            long length = pread(fds[at] - 1, text, sizeof text, offset);
            if (length <= 0)
                break;
            offset += length;
        }
        count++;
    }
    return count;
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    int system_wide = argc >= 2 && !strcmp(argv[1], "system");
    if (argc != 3 && !system_wide) {
        fprintf(stderr, "usage: %s kept|open stat|io, or %s system\n", argv[0], argv[0]);
        return 2;
    }
    proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    by_pid = calloc(MOST_PIDS + 1, sizeof *by_pid);
    listed = calloc(MOST_PIDS + 1, sizeof *listed);
    if (proc_fd < 0 || !by_pid || !listed) {
        perror("floor");
        return 1;
    }
    int keep = !system_wide && !strcmp(argv[1], "kept");
    int io = !system_wide && !strcmp(argv[2], "io");
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        size_t count = 0;
        double before = cpu_seconds();
        for (int ticks = atoi(line); ticks > 0; ticks--)
            count = system_wide ? read_system(argv + 2, argc - 2) : scan(keep, io);
        printf("%.9f %zu\n", cpu_seconds() - before, count);
        fflush(stdout);
    }
    return 0;
}
