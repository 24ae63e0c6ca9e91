/* A program without libusm, and two plug-ins that it loads: one linked to libusm.so, one that
 * has a copy of libusm.a inside. Two engines in one process get on, also in one data folder,
 * and refuse each other's handles. And a plug-in may be unloaded, with its monitor running, and
 * loaded again. The arguments are the two plug-ins and an empty folder. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usm.h"

typedef struct {
    void *library;
    usm_status (*start)(const char *folder, usm_monitor **monitor);
    usm_status (*look)(const usm_monitor *monitor, uint64_t *sequence);
    void (*end)(usm_monitor **monitor);
    const char *(*said)(void);
    usm_monitor *monitor;
    uint64_t sequence;
} plugin;

static void check(int is_true, int line, const plugin *p) {
    if (is_true) return;
    fprintf(stderr, "plugins.c:%d: not true (last error: %s)\n", line,
            p->said != NULL ? p->said() : dlerror());
    exit(1);
}
#define CHECK(p, condition) check((condition), __LINE__, (p))

/* ISO C has no cast from an object to a function. */
static void look_up(plugin *p, const char *name, void *function) {
    void *found = dlsym(p->library, name);
    CHECK(p, found != NULL);
    memcpy(function, &found, sizeof found);
}

static void load(plugin *p, const char *path) {
    p->said = NULL;
    p->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(p, p->library != NULL);
    look_up(p, "plugin_start", &p->start);
    look_up(p, "plugin_look", &p->look);
    look_up(p, "plugin_end", &p->end);
    look_up(p, "plugin_said", &p->said);
}

static void unload(plugin *p) {
    p->said = NULL;
    CHECK(p, dlclose(p->library) == 0);
}

static void start(plugin *p, const char *folder) {
    p->sequence = 0;
    CHECK(p, p->start(folder, &p->monitor) == USM_OK);
}

static void two_engines_get_on(const char *const *paths, const char *folder) {
    plugin plugins[2];
    int i;
    memset(plugins, 0, sizeof plugins);
    for (i = 0; i < 2; i++) {
        load(&plugins[i], paths[i]);
        start(&plugins[i], folder);
    }
    for (i = 0; i < 10; i++) {
        plugin *p = &plugins[i % 2];
        CHECK(p, p->look(p->monitor, &p->sequence) == USM_OK);
    }
    for (i = 0; i < 2; i++) {
        plugin *p = &plugins[i];
        usm_monitor *other = plugins[1 - i].monitor;
        uint64_t none = 0;
        CHECK(p, p->look(other, &none) == USM_ERR_INVALID_HANDLE);
        p->end(&other);
        CHECK(p, other == plugins[1 - i].monitor);
    }
    /* The end of one is none of the other's. */
    plugins[0].end(&plugins[0].monitor);
    CHECK(&plugins[0], plugins[0].monitor == NULL);
    unload(&plugins[0]);
    for (i = 0; i < 3; i++) {
        CHECK(&plugins[1], plugins[1].look(plugins[1].monitor, &plugins[1].sequence) == USM_OK);
    }
    plugins[1].end(&plugins[1].monitor);
    unload(&plugins[1]);
}

static void loaded_and_unloaded_many_times(const char *path, const char *folder) {
    plugin p;
    int round;
    memset(&p, 0, sizeof p);
    for (round = 0; round < 10; round++) {
        load(&p, path);
        start(&p, folder);
        p.end(&p.monitor);
        unload(&p);
    }
}

static void unloaded_while_it_monitors(const char *path, const char *folder) {
    plugin p;
    memset(&p, 0, sizeof p);
    load(&p, path);
    start(&p, folder);
    unload(&p);
    load(&p, path);
    CHECK(&p, p.look(p.monitor, &p.sequence) == USM_OK);
    CHECK(&p, p.look(p.monitor, &p.sequence) == USM_OK);
    p.end(&p.monitor);
    unload(&p);
    /* And at the end of the program. */
    load(&p, path);
    start(&p, folder);
    unload(&p);
}

int main(int argc, char **argv) {
    const char *paths[2];
    int i;
    if (argc != 4) {
        fprintf(stderr, "usage: %s <plug-in> <plug-in> <empty folder>\n", argv[0]);
        return 2;
    }
    paths[0] = argv[1];
    paths[1] = argv[2];
    two_engines_get_on(paths, argv[3]);
    for (i = 0; i < 2; i++) {
        loaded_and_unloaded_many_times(paths[i], argv[3]);
        unloaded_while_it_monitors(paths[i], argv[3]);
    }
    return 0;
}
