/* What the generated calls need: arguments chosen by the bytes of an input, and checks of what
 * the header promises for every function. A broken promise ends the program with the calls that
 * led there. */
#ifndef DRIVER_H
#define DRIVER_H

#include <ctype.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usm.h"
#include "values.h"

enum { SLOTS = 3, MOST_TAKEN = 64, MOST_TRACE = 24, MOST_NUMBERS = 8, MOST_COOKIES = 256 };

/* Where the arguments of one input come from, and what it made. */
struct source {
    const uint8_t *data;
    size_t size;
    size_t at;
    int slow_left;
    int trace_length;
    const char *trace[MOST_TRACE];
    /* Ends with the call. */
    void *taken[MOST_TAKEN];
    size_t taken_count;
    /* The event of the callback that this source is for. */
    const usm_event *event;
    usm_monitor *monitor;
};

struct function {
    const char *name;
    void (*call)(struct source *);
    /* Of its name. */
    uint32_t hash;
};

/* Somebody's user data. */
struct cookie {
    atomic_int destroyed;
    int is_owned;
    usm_monitor *monitor;
};

/* Handles that this input made, and those that are there for all inputs. */
static void *slots[KINDS][SLOTS];
static void *fixtures[KINDS];
static void *freed[KINDS];
static char *owned_text;
static uint64_t numbers_kept[MOST_NUMBERS];
static struct cookie *cookies[MOST_COOKIES];
static const uint64_t garbage[64] = {0x4141414141414141, 1, 2, 3};
static char poison;

static void free_handle(enum kind kind, void **handle);

static void report_broken(struct source *s, const char *what) {
    int i;
    const int from = s->trace_length > MOST_TRACE ? s->trace_length - MOST_TRACE : 0;
    fprintf(stderr, "\nbroken promise: %s (last error: %s)\ncalls:", what,
            usm_last_error_message());
    for (i = from; i < s->trace_length; i++) fprintf(stderr, " %s", s->trace[i % MOST_TRACE]);
    fprintf(stderr, "\n");
    abort();
}

static void must_hold_(struct source *s, int holds, const char *what) {
    if (!holds) report_broken(s, what);
}
#define must_hold(s, condition) must_hold_(s, (condition), #condition)
#define must_be_null(s, pointer) must_hold_(s, (pointer) == NULL, #pointer " is NULL on failure")

static uint8_t take_byte(struct source *s) {
    return s->at < s->size ? s->data[s->at++] : 0;
}

static int take_flag(struct source *s) {
    /* NULL, or what stands for it, is the exception. */
    return take_byte(s) % 8 != 7;
}

static uint64_t take_raw(struct source *s) {
    uint64_t value = 0;
    int i;
    for (i = 0; i < 8; i++) value = value << 8 | take_byte(s);
    return value;
}

static void *keep_until_end(struct source *s, void *memory) {
    if (memory == NULL) abort();
    if (s->taken_count == MOST_TAKEN) abort();
    s->taken[s->taken_count++] = memory;
    return memory;
}

/* -- numbers ------------------------------------------------------------------------------ */

static double take_double(struct source *s) {
    const size_t count = sizeof special_doubles / sizeof *special_doubles;
    const uint8_t choice = take_byte(s);
    double value;
    uint64_t raw;
    if (choice < count) return special_doubles[choice];
    if (choice < 64) return fixture_time + (double)(choice - 48) / 8.0;
    if (choice < 160) return (double)(choice - 64);
    if (choice < 200) return (double)take_byte(s) / 10.0;
    raw = take_raw(s);
    memcpy(&value, &raw, sizeof value);
    return value;
}

/* Never for ever. */
static double take_timeout(struct source *s) {
    static const double timeouts[] = {0.0, 0.001, 0.02, -1.0, NAN, -INFINITY, 1e-300, -0.0};
    return timeouts[take_byte(s) % 8];
}

static uint64_t take_integer(struct source *s, const char *name) {
    const size_t count = sizeof special_integers / sizeof *special_integers;
    const uint8_t choice = take_byte(s);
    /* Switches that would act on the host stay off. */
    if (strcmp(name, "on") == 0 || strcmp(name, "auto") == 0) return 0;
    if (strcmp(name, "subscription") == 0 && choice < 128) {
        return numbers_kept[choice % MOST_NUMBERS];
    }
    if (strcmp(name, "pid") == 0) return choice < 128 ? (uint64_t)own_child : choice % 2 - 1u;
    if (choice < 160) return choice % 8;
    if (choice < 160 + count) return special_integers[choice - 160];
    if (choice < 220) return take_byte(s);
    return take_raw(s);
}

static const double *take_doubles(struct source *s, size_t *count) {
    const size_t length = take_byte(s) % 5;
    double *doubles;
    size_t i;
    *count = length;
    if (!take_flag(s)) return NULL;
    doubles = (double *)keep_until_end(s, malloc((length + 1) * sizeof *doubles));
    /* As large as it says: one more is seen by the sanitizer. */
    doubles = (double *)(s->taken[s->taken_count - 1] =
                             realloc(doubles, length > 0 ? length * sizeof *doubles : 1));
    for (i = 0; i < length; i++) doubles[i] = take_double(s);
    return doubles;
}

/* -- texts -------------------------------------------------------------------------------- */

/* A text in memory of just its size. */
static char *exact(struct source *s, const char *text, size_t length) {
    char *copy = (char *)keep_until_end(s, malloc(length + 1));
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Bytes of the input, made harmless: no absolute path and none that leaves the folder, and
 * nothing that lets the optimizer act by itself. */
static char *take_bytes(struct source *s, size_t length) {
    char *text;
    char *word;
    if (length > s->size - s->at) length = s->size - s->at;
    text = exact(s, (const char *)s->data + s->at, length);
    s->at += length;
    for (word = text; word < text + length; word++) {
        if (*word == '/' || (*word == '.' && word[1] == '.')) *word = '_';
    }
    while ((word = strstr(text, "auto")) != NULL) *word = 'A';
    return text;
}

static char *take_nested(struct source *s) {
    static const char *const openings[] = {"[", "{\"a\":", "(", "a.", "not ", "-", "[[", "\"\\u"};
    const char *opening = openings[take_byte(s) % 8];
    const size_t one = strlen(opening);
    const size_t times = (size_t)take_byte(s) * 256;
    char *text = (char *)keep_until_end(s, malloc(one * times + 1));
    size_t i;
    for (i = 0; i < times; i++) memcpy(text + i * one, opening, one);
    text[one * times] = '\0';
    return text;
}

static const char *take_word(struct source *s, const char *name) {
    size_t i;
    for (i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++) {
        if (strcmp(vocabularies[i].name, name) == 0) {
            return vocabularies[i].words[take_byte(s) % vocabularies[i].count];
        }
    }
    i = take_byte(s) % (sizeof vocabularies / sizeof *vocabularies);
    return vocabularies[i].words[take_byte(s) % vocabularies[i].count];
}

static const char *take_text(struct source *s, const char *name) {
    const uint8_t choice = take_byte(s);
    const char *word;
    if (choice < 6) return NULL;
    if (choice < 10) return exact(s, "", 0);
    if (choice < 16) return exact(s, "a\xff\xfe", 3);
    if (choice < 20) return exact(s, "\xed\xa0\x80", 3);
    if (choice < 24) return take_nested(s);
    if (choice < 180) {
        word = take_word(s, name);
        return exact(s, word, strlen(word));
    }
    if (choice < 184 && owned_text != NULL) return exact(s, owned_text, strlen(owned_text));
    if (choice < 200) {
        /* A word that is cut off. */
        word = take_word(s, name);
        return exact(s, word, take_byte(s) % (strlen(word) + 1));
    }
    return take_bytes(s, take_byte(s));
}

/* Texts that say what may be acted upon: the program's own child, or nothing. */
static const char *take_guarded(struct source *s, const char *name) {
    const uint8_t choice = take_byte(s);
    const char *word;
    if (choice < 6) return strcmp(name, "scope") == 0 ? NULL : exact(s, own_settings, strlen(own_settings));
    if (choice < 12) return exact(s, "a\xff\xfe", 3);
    word = strcmp(name, "scope") == 0 ? own_scope : own_settings;
    if (choice < 160) return exact(s, word, strlen(word));
    /* Cut off it is refused, or names a process that is not ours and is never acted upon. */
    return exact(s, word, strcmp(name, "scope") == 0 ? take_byte(s) % 6 : take_byte(s) % strlen(word));
}

static const char *take_path(struct source *s) {
    const uint8_t choice = take_byte(s);
    char path[4096];
    if (choice < 6) return NULL;
    if (choice < 10) return exact(s, "", 0);
    if (choice < 100) {
        snprintf(path, sizeof path, "%s", given_files[choice % GIVEN_FILES]);
    } else if (choice < 180) {
        snprintf(path, sizeof path, "%s/file-%d", own_folder, choice % 4);
    } else if (choice < 200) {
        snprintf(path, sizeof path, "%s/absent/file", own_folder);
    } else {
        snprintf(path, sizeof path, "%s/%s", own_folder, take_bytes(s, choice % 32));
    }
    return exact(s, path, strlen(path));
}

static const char *const *take_texts(struct source *s, size_t *count) {
    const size_t length = take_byte(s) % 4;
    const char **made;
    size_t i;
    *count = length;
    if (!take_flag(s)) return NULL;
    made = (const char **)keep_until_end(s, malloc(length > 0 ? length * sizeof *made : 1));
    for (i = 0; i < length; i++) made[i] = take_text(s, "selector");
    return made;
}

static char *take_owned_text(struct source *s) {
    char *text = owned_text;
    if (!take_flag(s)) return NULL;
    owned_text = NULL;
    return text;
}

/* -- handles ------------------------------------------------------------------------------ */

static void *take_handle(struct source *s, enum kind kind) {
    const uint8_t choice = take_byte(s);
    void *handle;
    if (choice < 8) return NULL;
    if (choice < 16) return (void *)garbage;
    if (choice < 32) return slots[choice % KINDS][0];
    if (choice < 48) return freed[kind];
    handle = choice < 160 ? slots[kind][choice % SLOTS] : NULL;
    if (handle == NULL) handle = fixtures[kind];
    if (handle == NULL) handle = slots[kind][0];
    if (kind == KIND_usm_monitor) s->monitor = (usm_monitor *)handle;
    return handle;
}

static const usm_event *take_event(struct source *s) {
    if (s->event != NULL) return take_flag(s) ? s->event : NULL;
    return (const usm_event *)take_handle(s, KIND_usm_event);
}

/* The address of a handle that may be freed. */
static void **take_place(struct source *s, enum kind kind, void **before) {
    static void *nothing;
    const uint8_t choice = take_byte(s);
    void **place;
    if (choice < 8) return NULL;
    place = choice < 16 ? &nothing : &slots[kind][choice % SLOTS];
    if (choice >= 16 && choice < 40) place = &slots[choice % KINDS][choice % SLOTS];
    *before = *place;
    return place;
}

static int has_freed(const struct source *s) {
    const char *name = s->trace[(s->trace_length - 1) % MOST_TRACE];
    return strcmp(name + strlen(name) - 5, "_free") == 0;
}

static void check_freed(struct source *s, enum kind kind, void **place, void *before) {
    size_t i;
    if (place == NULL || before == NULL) return;
    for (i = 0; i < SLOTS; i++) {
        /* One that finishes may refuse, and then it has done nothing. */
        if (place == &slots[kind][i]) {
            must_hold(s, *place == NULL || (*place == before && !has_freed(s)));
            if (*place == NULL) freed[kind] = before;
            return;
        }
    }
    /* A handle of another kind is left alone. */
    must_hold(s, *place == before);
}

static void keep_handle(struct source *s, enum kind kind, void *handle) {
    void **slot = &slots[kind][take_byte(s) % SLOTS];
    must_hold(s, handle != (void *)&poison);
    if (handle == NULL) return;
    free_handle(kind, slot);
    must_hold(s, *slot == NULL);
    *slot = handle;
}

static void keep_number(struct source *s, uint64_t number) {
    must_hold(s, number != 0);
    numbers_kept[take_byte(s) % MOST_NUMBERS] = number;
}

/* -- plain structs ------------------------------------------------------------------------ */

/* A struct that the library fills, with the size that it claims to have. */
struct room {
    void *place;
    void *before;
    size_t size;
};

static uint32_t take_struct_size(struct source *s, size_t known) {
    const uint8_t choice = take_byte(s);
    if (choice < 180) return (uint32_t)known;
    if (choice < 200) return (uint32_t)(known + 8u * (1u + choice % 4));
    if (choice < 220) return (uint32_t)(known > 8u * (choice % 8u) ? known - 8u * (choice % 8u) : 0);
    if (choice < 230) return choice % 16;
    if (choice < 240) return 0xFFFFFFFFu - choice % 2;
    return take_byte(s);
}

static struct room take_room(struct source *s, size_t known) {
    struct room room = {NULL, NULL, 0};
    uint32_t size;
    if (!take_flag(s)) return room;
    size = take_struct_size(s, known);
    /* What no header claims is refused before it is looked at. */
    room.size = size >= 4 && size <= 65536 ? size : known;
    room.place = malloc(room.size);
    room.before = malloc(room.size);
    if (room.place == NULL || room.before == NULL) abort();
    memset(room.place, 0x5A, room.size);
    memcpy(room.place, &size, sizeof size);
    memcpy(room.before, room.place, room.size);
    return room;
}

static void check_room(struct source *s, const struct room *room, usm_status status) {
    if (room->place == NULL) return;
    if (status == USM_OK) {
        must_hold(s, memcmp(room->place, room->before, sizeof(uint32_t)) == 0);
    } else {
        must_hold(s, memcmp(room->place, room->before, room->size) == 0);
    }
}

struct array {
    void *place;
    size_t element_size;
    size_t capacity;
};

static struct array take_array(struct source *s, size_t known) {
    struct array array = {NULL, 0, 0};
    const uint8_t choice = take_byte(s);
    array.element_size = take_struct_size(s, known);
    array.capacity = choice < 200 ? choice % 20 : choice < 220 ? 2000 : SIZE_MAX - choice % 2;
    if (choice >= 230) array.element_size = known;
    if (array.element_size <= 65536 && array.capacity <= 2000 && take_flag(s)) {
        /* As large as it says, also when nobody may write there. */
        array.place = malloc(array.element_size * array.capacity + (array.element_size == 0));
    }
    return array;
}

/* A struct that the library reads: as it is, of an older header, or of a newer one. */
static const void *take_copy(struct source *s, const void *value, size_t known) {
    uint32_t size;
    size_t there;
    uint8_t *copy;
    if (!take_flag(s)) return NULL;
    size = take_struct_size(s, known);
    there = size >= 4 && size <= 65536 ? size : known;
    copy = (uint8_t *)keep_until_end(s, calloc(1, there));
    memcpy(copy, value, there < known ? there : known);
    memcpy(copy, &size, sizeof size);
    if (there > known) copy[there - 1] = take_byte(s) & 1;
    return copy;
}

/* -- what comes back ---------------------------------------------------------------------- */

static int is_utf8(const unsigned char *text) {
    while (*text != 0) {
        int more = *text < 0x80 ? 0 : *text >= 0xF0 ? 3 : *text >= 0xE0 ? 2 : 1;
        if (*text >= 0x80 && (*text < 0xC2 || *text > 0xF4)) return 0;
        if (*text == 0xE0 && text[1] < 0xA0) return 0;
        if (*text == 0xED && text[1] > 0x9F) return 0;
        if (*text == 0xF0 && text[1] < 0x90) return 0;
        if (*text == 0xF4 && text[1] > 0x8F) return 0;
        for (text++; more > 0; more--, text++) {
            if ((*text & 0xC0) != 0x80) return 0;
        }
    }
    return 1;
}

static void check_text(struct source *s, const char *text) {
    must_hold(s, text != NULL);
    must_hold(s, is_utf8((const unsigned char *)text));
}

static void begin_call(struct source *s, const char *name) {
    s->trace[s->trace_length++ % MOST_TRACE] = name;
    if (getenv("USM_FUZZ_TRACE") != NULL) fprintf(stderr, "%s\n", name);
}

static void check_status(struct source *s, usm_status status) {
    if (status == USM_OK) return;
    must_hold(s, strcmp(usm_status_name(status), "unknown status") != 0);
    must_hold(s, status != USM_ERR_PANIC);
    must_hold(s, status != USM_ERR_INTERNAL);
    must_hold(s, *usm_last_error_message() != '\0');
    check_text(s, usm_last_error_message());
}

static void end_call(struct source *s) {
    while (s->taken_count > 0) free(s->taken[--s->taken_count]);
}

static int may_be_slow(struct source *s) {
    return s->slow_left-- > 0;
}

static void keep_text(struct source *s, char *text) {
    if (text == NULL) return;
    check_text(s, text);
    usm_string_free(owned_text);
    owned_text = text;
}

static void read_stream(struct source *s, struct ArrowArrayStream *stream) {
    struct ArrowSchema schema;
    struct ArrowArray array;
    int batches;
    must_hold(s, stream->release != NULL);
    if (stream->get_schema(stream, &schema) == 0) {
        check_text(s, schema.format);
        schema.release(&schema);
    }
    for (batches = 0; batches < 4; batches++) {
        if (stream->get_next(stream, &array) != 0) {
            check_text(s, stream->get_last_error(stream));
            break;
        }
        if (array.release == NULL) break;
        must_hold(s, array.length >= 0 && array.null_count >= -1);
        array.release(&array);
    }
    stream->release(stream);
    must_hold(s, stream->release == NULL);
}

/* -- callbacks ---------------------------------------------------------------------------- */

static void call_for_event(const usm_event *event, const struct cookie *cookie, uint32_t chance);

static int32_t on_event(const usm_event *event, void *user_data) {
    static atomic_uint chances;
    const struct cookie *cookie = (const struct cookie *)user_data;
    const uint32_t chance = atomic_fetch_add(&chances, 1);
    if (atomic_load(&cookie->destroyed) != 0) abort();
    call_for_event(event, cookie, chance);
    return chance % 5 == 4;
}

static int32_t on_progress(const usm_progress *progress, void *user_data) {
    (void)user_data;
    if (progress->struct_size < 8 || progress->stage == NULL) abort();
    return progress->done % 3 == 2;
}

static void on_log(const usm_log_message *message, void *user_data) {
    const struct cookie *cookie = (const struct cookie *)user_data;
    if (atomic_load(&cookie->destroyed) != 0 || message->struct_size < 8) abort();
}

static int32_t on_write(const char *bytes, size_t count, void *user_data) {
    (void)user_data;
    if (bytes == NULL) abort();
    return count % 7 == 6;
}

static void on_destroy(void *user_data) {
    struct cookie *cookie = (struct cookie *)user_data;
    if (atomic_fetch_add(&cookie->destroyed, 1) != 0) abort();
}

static struct cookie *new_cookie(struct source *s, int is_owned) {
    struct cookie *cookie = (struct cookie *)calloc(1, sizeof *cookie);
    if (cookie == NULL) abort();
    cookie->is_owned = is_owned;
    cookie->monitor = s->monitor;
    return cookie;
}

static void settle_cookie(struct source *s, struct cookie *cookie, usm_status status) {
    size_t i;
    if (!cookie->is_owned) {
        free(cookie);
        return;
    }
    if (status != USM_OK) {
        must_hold(s, atomic_load(&cookie->destroyed) == 1);
        free(cookie);
        return;
    }
    for (i = 0; i < MOST_COOKIES && cookies[i] != NULL; i++) continue;
    must_hold(s, i < MOST_COOKIES);
    cookies[i] = cookie;
}

#endif /* DRIVER_H */
