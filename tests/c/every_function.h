/* What the program that ffi/tests/every_function.rs writes from usm.h is made of. It calls each
 * function in rounds: with nothing but NULL and 0; with texts that are no UTF-8; with pointers
 * that are no handle. With CHECK_PANICS set, with nothing and a panic inside. */
#ifndef EVERY_FUNCTION_H
#define EVERY_FUNCTION_H

#include <math.h>

#include "check.h"

enum { NOTHING, NO_UTF8, WILD, PLACES = 12, PLACE_BYTES = 4096 };

static int round_number = -1;
static int panics = 0;
static const char *name = "";
/* What the round passes where a handle or a text is wanted. */
static void *handle = NULL;
static const char *text = NULL;

static union {
    unsigned char bytes[PLACE_BYTES];
    void *pointer;
} places[PLACES], untouched;

/* No handles: one that was freed, and pointers to memory and to none. */
static void *wild_handles[6];

static void begin(void) {
    usm_config *config = NULL;
    panics = getenv("CHECK_PANICS") != NULL;
    CHECK_OK(usm_config_new(&config));
    wild_handles[0] = config;
    usm_config_free(&config);
    wild_handles[1] = &untouched;
    wild_handles[2] = untouched.bytes + 1;
    wild_handles[3] = (void *)(uintptr_t)8;
    wild_handles[4] = (void *)(UINTPTR_MAX - 7);
    wild_handles[5] = (void *)(uintptr_t)UINT64_C(0x400000000008);
}

static int next_round(void) {
    const int rounds = panics ? 1 : WILD + (int)(sizeof wild_handles / sizeof *wild_handles);
    round_number++;
    text = round_number == NO_UTF8 ? "\xff\xfe" : NULL;
    handle = round_number >= WILD && round_number < rounds ? wild_handles[round_number - WILD]
                                                            : NULL;
    memset(untouched.bytes, 0x5a, sizeof untouched.bytes);
    return round_number < rounds;
}

/* Where a result would go; nowhere in the first round. */
static void *place(int at) {
    CHECK(at < PLACES);
    return round_number == NOTHING ? NULL : places[at].bytes;
}

/* Whether the round is one for a function with so many handles and texts. Only what must be
 * refused is called with places, so that nothing is made. */
static int wanted(const char *function, int handles, int texts) {
    int i;
    /* With nothing it starts the monitor of the default folder, where usm is installed. */
    if (round_number == NOTHING && !panics && strcmp(function, "usm_service_start") == 0) return 0;
    if (round_number == NO_UTF8 && texts == 0) return 0;
    if (round_number >= WILD && handles == 0) return 0;
    name = function;
    puts(name);
    for (i = 0; i < PLACES; i++) {
        places[i] = untouched;
        /* What a _free function finds there. */
        if (handle != NULL) places[i].pointer = handle;
    }
    if (panics) {
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_new(NULL));
        CHECK(setenv("USM_INJECTED_PANIC", "1", 1) == 0);
    }
    return 1;
}

/* The call has left the places alone, save that a pointer may be NULL. */
static void check_places(const char *kinds) {
    size_t i;
    for (i = 0; kinds[i] != '\0'; i++) {
        const size_t begun = handle != NULL ? sizeof(void *) : 0;
        CHECK(memcmp(places[i].bytes + sizeof(void *), untouched.bytes + sizeof(void *),
                     PLACE_BYTES - sizeof(void *)) == 0);
        if (kinds[i] == 'p' && places[i].pointer == NULL) continue;
        if (begun > 0) {
            CHECK(places[i].pointer == handle);
        } else {
            CHECK(places[i].pointer == untouched.pointer);
        }
    }
}

static void check_panic(void) {
    CHECK(unsetenv("USM_INJECTED_PANIC") == 0);
    CHECK_MESSAGE("a panic for a test");
}

/* The function is named when its answer is wrong. */
static void answered(usm_status status, int is_right) {
    if (is_right) return;
    fprintf(stderr, "%s returned %s in round %d (last error: %s)\n", name,
            usm_status_name(status), round_number, usm_last_error_message());
    exit(1);
}

static void was(const char *kinds, usm_status status) {
    /* These want nothing, or can do with nothing. */
    static const char *const content[] = {"usm_check_version", "usm_log_set_callback",
                                          "usm_saved_settings_reset", "usm_service_stop", NULL};
    size_t i;
    if (panics) {
        check_panic();
        answered(status, status == USM_ERR_PANIC);
        return;
    }
    check_places(kinds);
    if (round_number == NOTHING) {
        int is_content = 0;
        for (i = 0; content[i] != NULL; i++) is_content |= strcmp(name, content[i]) == 0;
        answered(status, status == (is_content ? USM_OK : USM_ERR_INVALID_ARGUMENT));
    } else if (round_number == NO_UTF8) {
        answered(status, status == USM_ERR_INVALID_UTF8 || status == USM_ERR_INVALID_ARGUMENT);
    } else {
        answered(status, status == USM_ERR_INVALID_HANDLE || status == USM_ERR_INVALID_ARGUMENT);
    }
}

/* Ends a handle and tells how it went: NULL is fine. */
static void was_end(const char *kinds, usm_status status) {
    if (panics || round_number != NOTHING) {
        was(kinds, status);
    } else {
        answered(status, status == USM_OK);
    }
}

static void was_void(const char *kinds) {
    if (panics) {
        check_panic();
        return;
    }
    check_places(kinds);
    if (round_number >= WILD && strstr(usm_last_error_message(), "that is in use") == NULL) {
        fprintf(stderr, "%s did not refuse what is no handle (last error: %s)\n", name,
                usm_last_error_message());
        exit(1);
    }
}

static void was_text(const char *answer) {
    if (panics) check_panic();
    if (answer != NULL) return;
    fprintf(stderr, "%s returned NULL\n", name);
    exit(1);
}

static void was_value(double answer) {
    if (panics) check_panic();
    CHECK(answer >= 0.0 || isnan(answer));
}

static int end(void) {
    CHECK(usm_handles_in_use() == 0);
    return 0;
}

#endif /* EVERY_FUNCTION_H */
