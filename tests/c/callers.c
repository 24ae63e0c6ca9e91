/* Callers of another version: every plain struct that a function fills or reads, in every size
 * that it had, may get, or can't have. The calls are generated from the header into calls.h, so
 * that none is forgotten. */
#include <pthread.h>
#include <stddef.h>

#include "has.h"
#include "world.h"

/* Not to be known by the library: only its first four bytes are its own. */
typedef usm_status (*struct_call)(void *place);
typedef usm_status (*array_call)(void *array, size_t element_size, size_t capacity, size_t *count);

typedef struct {
    const char *function;
    const char *type;
    /* sizeof and _Alignof. */
    size_t size;
    size_t alignment;
    /* Where each field but the first begins, and the end of the last one. */
    const size_t *ends;
    size_t end_count;
    struct_call call;
    /* Writes what a caller of this header would. */
    void (*prepare)(void *place);
    int flags;
} struct_entry;

typedef struct {
    const char *function;
    const char *type;
    size_t size;
    const size_t *ends;
    size_t end_count;
    array_call call;
} array_entry;

/* The same bytes each time. */
#define REPEATABLE 1
/* This host or this moment may have none. */
#define MAY_BE_ABSENT 2

static usm_event *the_event;

#include "calls.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define GUARD 64
#define FILLING 0xA5

/* Larger than any version of the header may have it. */
#define TOO_LARGE (64u * 1024u + 8u)

static uint32_t size_in(const void *place) {
    uint32_t size;
    memcpy(&size, place, sizeof size);
    return size;
}

static void set_size(void *place, size_t size) {
    const uint32_t narrow = (uint32_t)size;
    memcpy(place, &narrow, sizeof narrow);
}

static unsigned char *new_block(size_t size) {
    unsigned char *block = (unsigned char *)malloc(size);
    CHECK(block != NULL);
    memset(block, FILLING, size);
    return block;
}

static int all_are(const unsigned char *bytes, size_t count, unsigned char value) {
    size_t at;
    for (at = 0; at < count; at++) {
        if (bytes[at] != value) return 0;
    }
    return 1;
}

/* Fails with the name of the call. */
#define CHECK_CALL(condition, entry, size) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s with a %s of %zu bytes: ", (entry)->function, (entry)->type, \
                    (size_t)(size)); \
            check_failed(__FILE__, __LINE__, #condition); \
        } \
    } while (0)

/* Under valgrind each call takes long: a third of the sizes, with the last one. */
static int is_left_out(size_t at, size_t end_count) {
    return getenv("CHECK_SLOW") != NULL && at % 3 != 0 && at + 1 < end_count;
}

/* The sizes that a caller may have: up to each field, and larger ones. */
static size_t size_at(const struct_entry *entry, size_t at) {
    const size_t larger[] = {8, 16, 200, 4096};
    if (at < entry->end_count) return entry->ends[at];
    at -= entry->end_count;
    return at < COUNT(larger) ? entry->size + larger[at] : 0;
}

/* One call with a struct of that size; whether it was taken. */
static int fill_one(const struct_entry *entry, size_t size, const unsigned char *whole) {
    unsigned char *block = new_block(size + GUARD);
    unsigned char *exact = new_block(size);
    const size_t known = size < entry->size ? size : entry->size;
    usm_status status;
    set_size(block, size);
    status = entry->call(block);
    CHECK_CALL(size_in(block) == size, entry, size);
    CHECK_CALL(all_are(block + size, GUARD, FILLING), entry, size);
    if (status == USM_OK) {
        CHECK_CALL(size % entry->alignment == 0, entry, size);
        CHECK_CALL(all_are(block + known, size - known, 0), entry, size);
        if (entry->flags & REPEATABLE) {
            CHECK_CALL(memcmp(block + 4, whole + 4, known - 4) == 0, entry, size);
        }
    } else {
        CHECK_CALL(status == USM_ERR_INVALID_ARGUMENT, entry, size);
        CHECK_CALL(all_are(block + 4, size - 4, FILLING), entry, size);
    }
    /* Nothing behind its last byte is the caller's: valgrind and the sanitizer look. */
    set_size(exact, size);
    CHECK_CALL(entry->call(exact) == status, entry, size);
    free(exact);
    free(block);
    return status == USM_OK;
}

/* Sizes that no version has, and a struct that is not aligned: refused, and nothing written. */
static void refuse_all(const struct_entry *entry) {
    const size_t sizes[] = {0, 1, 3, 4, TOO_LARGE, 0x80000000u, 0xFFFFFFFFu, 0};
    unsigned char *block = new_block(entry->size + GUARD);
    size_t at;
    for (at = 0; at < COUNT(sizes); at++) {
        const size_t size = at + 1 < COUNT(sizes) ? sizes[at] : entry->size + 1;
        entry->prepare(block);
        memset(block + 4, FILLING, entry->size + GUARD - 4);
        set_size(block, size);
        CHECK_CALL(entry->call(block) == USM_ERR_INVALID_ARGUMENT, entry, size);
        CHECK_CALL(size_in(block) == (uint32_t)size, entry, size);
        CHECK_CALL(all_are(block + 4, entry->size + GUARD - 4, FILLING), entry, size);
    }
    memset(block, FILLING, entry->size + GUARD);
    set_size(block + 1, entry->size);
    CHECK_CALL(entry->call(block + 1) == USM_ERR_INVALID_ARGUMENT, entry, entry->size);
    CHECK_CALL(all_are(block + 5, entry->size + GUARD - 5, FILLING), entry, entry->size);
    free(block);
}

/* A struct that the library fills. */
static int check_filled(const struct_entry *entry) {
    unsigned char *whole = new_block(entry->size);
    size_t least = 0;
    size_t at;
    size_t size;
    usm_status status;
    set_size(whole, entry->size);
    status = entry->call(whole);
    if (status != USM_OK && (entry->flags & MAY_BE_ABSENT)) {
        CHECK_CALL(all_are(whole + 4, entry->size - 4, FILLING), entry, entry->size);
        free(whole);
        return 0;
    }
    CHECK_CALL(status == USM_OK, entry, entry->size);
    for (at = 0; (size = size_at(entry, at)) != 0; at++) {
        int is_taken;
        if (is_left_out(at, entry->end_count)) continue;
        is_taken = fill_one(entry, size, whole);
        /* What one version has, every later one has as well. */
        CHECK_CALL(is_taken || least == 0 || size % entry->alignment != 0, entry, size);
        if (is_taken && least == 0) least = size;
    }
    CHECK_CALL(least != 0 && least <= entry->size, entry, entry->size);
    refuse_all(entry);
    printf("least %s %zu\n", entry->type, least);
    free(whole);
    return 1;
}

/* A struct that the library reads. */
static void check_read(const struct_entry *entry) {
    unsigned char *whole = new_block(entry->size);
    size_t least = 0;
    size_t at;
    size_t size;
    entry->prepare(whole);
    for (at = 0; (size = size_at(entry, at)) != 0; at++) {
        const size_t known = size < entry->size ? size : entry->size;
        unsigned char *block;
        usm_status status;
        if (is_left_out(at, entry->end_count)) continue;
        block = new_block(size);
        memset(block, 0, size);
        memcpy(block, whole, known);
        set_size(block, size);
        status = entry->call(block);
        if (status == USM_OK) {
            CHECK_CALL(size % entry->alignment == 0, entry, size);
            if (least == 0) least = size;
        } else {
            CHECK_CALL(status == USM_ERR_INVALID_ARGUMENT, entry, size);
            CHECK_CALL(least == 0 || size % entry->alignment != 0, entry, size);
        }
        /* It is the caller's, and stays as it is. */
        CHECK_CALL(size_in(block) == size, entry, size);
        CHECK_CALL(memcmp(block + 4, whole + 4, known - 4) == 0, entry, size);
        if (size > entry->size) {
            /* A wish that this library does not know is not passed over. */
            block[size - 1] = 1;
            CHECK_CALL(entry->call(block) == USM_ERR_UNSUPPORTED, entry, size);
            block[size - 1] = 0;
            block[entry->size] = 1;
            CHECK_CALL(entry->call(block) == USM_ERR_UNSUPPORTED, entry, size);
        }
        free(block);
    }
    CHECK_CALL(least != 0 && least <= entry->size, entry, entry->size);
    refuse_all(entry);
    printf("least %s %zu\n", entry->type, least);
    free(whole);
}

/* One call with elements of that size; whether it was taken. `whole` has those of this header's
 * size, as many as there are. */
static int fill_array(const array_entry *entry, size_t size, const unsigned char *whole,
                      size_t capacity, size_t there) {
    unsigned char *array = new_block(size * capacity + GUARD);
    const size_t known = size < entry->size ? size : entry->size;
    size_t count = 77;
    size_t at;
    const usm_status status = entry->call(array, size, capacity, &count);
    size_t written = 0;
    if (status == USM_OK) {
        CHECK_CALL(count == there, entry, size);
        written = there < capacity ? there : capacity;
    } else {
        CHECK_CALL(status == USM_ERR_INVALID_ARGUMENT && count == 77, entry, size);
    }
    for (at = 0; at < written; at++) {
        const unsigned char *element = array + at * size;
        CHECK_CALL(size_in(element) == known, entry, size);
        CHECK_CALL(memcmp(element + 4, whole + at * entry->size + 4, known - 4) == 0, entry, size);
        CHECK_CALL(all_are(element + known, size - known, 0), entry, size);
    }
    CHECK_CALL(all_are(array + size * written, size * (capacity - written) + GUARD, FILLING),
               entry, size);
    free(array);
    return status == USM_OK;
}

/* An array that the library fills, be it with nothing. */
static void check_array(const array_entry *entry) {
    const size_t bad[] = {0, 1, 3, 4, TOO_LARGE, 0x80000000u, SIZE_MAX, SIZE_MAX / 2};
    const size_t larger[] = {8, 200};
    unsigned char *whole;
    size_t capacity;
    size_t there = 0;
    size_t count = 0;
    size_t least = 0;
    size_t at;
    CHECK_CALL(entry->call(NULL, entry->size, 0, &there) == USM_OK, entry, entry->size);
    if (there == 0) printf("none %s\n", entry->function);
    /* Room for more than there is, or for less. */
    capacity = there < 5 ? there + 1 : 5;
    whole = new_block(entry->size * capacity);
    CHECK_CALL(entry->call(whole, entry->size, capacity, &count) == USM_OK, entry, entry->size);
    for (at = 0; at < entry->end_count + COUNT(larger); at++) {
        const size_t size = at < entry->end_count ? entry->ends[at]
                                                  : entry->size + larger[at - entry->end_count];
        int is_taken;
        if (is_left_out(at, entry->end_count)) continue;
        is_taken = fill_array(entry, size, whole, capacity, there);
        CHECK_CALL(is_taken || least == 0, entry, size);
        if (is_taken && least == 0) least = size;
    }
    CHECK_CALL(least != 0 && least <= entry->size, entry, entry->size);
    memset(whole, FILLING, entry->size * capacity);
    for (at = 0; at < COUNT(bad); at++) {
        CHECK_CALL(entry->call(whole, bad[at], capacity, &count) == USM_ERR_INVALID_ARGUMENT,
                   entry, bad[at]);
    }
    /* More elements than there is memory. */
    CHECK_CALL(entry->call(whole, entry->size, SIZE_MAX / entry->size + 1, &count) ==
                   USM_ERR_INVALID_ARGUMENT,
               entry, entry->size);
    CHECK_CALL(all_are(whole, entry->size * capacity, FILLING), entry, entry->size);
    printf("least %s %zu\n", entry->type, least);
    free(whole);
}

/* Events are there only while their callback runs: the calls for them are checked in it, each
 * with the first event that answers it. */
static int of_event_done[COUNT(OF_EVENT)];

/* The last event has been looked at, under a lock. */
static pthread_mutex_t last_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t last_came = PTHREAD_COND_INITIALIZER;
static int last_is_seen;

static int32_t look(const usm_event *event, void *user_data) {
    size_t at;
    (void)user_data;
    the_event = (usm_event *)(uintptr_t)event;
    for (at = 0; at < COUNT(OF_EVENT); at++) {
        if (!of_event_done[at]) of_event_done[at] = check_filled(&OF_EVENT[at]);
    }
    the_event = NULL;
    if (usm_event_kind(event) == USM_EVENT_MONITOR_STOPPED) {
        pthread_mutex_lock(&last_lock);
        last_is_seen = 1;
        pthread_cond_broadcast(&last_came);
        pthread_mutex_unlock(&last_lock);
    }
    return 0;
}

int main(int argc, char **argv) {
    size_t at;
    make_world(test_folder(argc, argv), look);
    pthread_mutex_lock(&last_lock);
    while (!last_is_seen) pthread_cond_wait(&last_came, &last_lock);
    pthread_mutex_unlock(&last_lock);
    for (at = 0; at < COUNT(OF_EVENT); at++) {
        if (!of_event_done[at]) printf("absent %s\n", OF_EVENT[at].function);
    }
    for (at = 0; at < COUNT(FILLED); at++) {
        if (!check_filled(&FILLED[at])) printf("absent %s\n", FILLED[at].function);
    }
    for (at = 0; at < COUNT(READ); at++) check_read(&READ[at]);
    for (at = 0; at < COUNT(ARRAYS); at++) check_array(&ARRAYS[at]);
    end_world();
    return 0;
}
