/* Processes that a test of the optimizer makes to act upon: shells that spin, each in a
 * session of its own, ended by their pid when the test ends, however it ends. */
#ifndef HOGS_H
#define HOGS_H

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define HOGS 4

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static pid_t hogs[HOGS];
static pid_t hogs_owner;

static inline void end_hogs(void) {
    size_t i;
    if (getpid() != hogs_owner) return;
    for (i = 0; i < HOGS; i++) {
        if (hogs[i] <= 0) continue;
        kill(hogs[i], SIGKILL);
        waitpid(hogs[i], NULL, 0);
        hogs[i] = 0;
    }
}

static inline void start_hogs(void) {
    size_t i;
    int ready[2];
    char byte;
    CHECK(pipe(ready) == 0);
    hogs_owner = getpid();
    CHECK(atexit(end_hogs) == 0);
    for (i = 0; i < HOGS; i++) {
        hogs[i] = fork();
        CHECK(hogs[i] >= 0);
        if (hogs[i] == 0) {
            /* Should the test be killed, they end as well. */
            if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != hogs_owner) _exit(1);
            if (setsid() < 0 || dup2(ready[1], 1) < 0) _exit(1);
            execl("/bin/sh", "sh", "-c", "echo; exec >&-; while :; do :; done", (char *)NULL);
            _exit(1);
        }
    }
    close(ready[1]);
    for (i = 0; i < HOGS; i++) CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
}

/* "list:PID,PID,..." of all of them. */
static inline const char *hogs_scope(void) {
    static char scope[16 * HOGS + 8];
    size_t length = (size_t)snprintf(scope, sizeof scope, "list:%d", (int)hogs[0]);
    size_t i;
    for (i = 1; i < HOGS; i++) {
        length += (size_t)snprintf(scope + length, sizeof scope - length, ",%d", (int)hogs[i]);
    }
    return scope;
}

/* An optimizer that may touch nothing but them. */
static inline usm_optimizer *optimizer_of_hogs(const char *folder) {
    char settings[8192];
    usm_config *config = test_config(folder);
    usm_optimizer *optimizer = NULL;
    snprintf(settings, sizeof settings,
             "{\"data_dir\": \"%s\", \"scope\": \"%s\", \"verify_seconds\": 0.2}", folder,
             hogs_scope());
    CHECK_OK(usm_optimizer_new(config, settings, &optimizer));
    usm_config_free(&config);
    return optimizer;
}

/* Whether a process can be held by a pidfd, without which nothing is acted upon: not before
 * Linux 5.3, nor under a valgrind that does not know the call. */
static inline int can_act(void) {
    const long pidfd = syscall(SYS_pidfd_open, getpid(), 0);
    if (pidfd < 0) {
        printf("skipped: acting, since no process can be held by a pidfd here\n");
        return 0;
    }
    close((int)pidfd);
    return 1;
}

/* One action made by hand. */
static inline usm_action_list *action_on(const char *type, pid_t pid) {
    char json[256];
    usm_action_list *actions = NULL;
    snprintf(json, sizeof json, "[{\"action_type\": \"%s\", \"target_id\": \"%d\"}]", type,
             (int)pid);
    CHECK_OK(usm_action_list_from_json(json, &actions));
    return actions;
}

#endif /* HOGS_H */
