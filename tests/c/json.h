/* A reader of the library's JSON that knows just enough to look one value up, and checks that a
 * plain struct says the same. */
#ifndef JSON_H
#define JSON_H

#include <math.h>

#include "check.h"

static inline const char *json_after_text(const char *at) {
    for (at++; *at != '"'; at++) {
        CHECK(*at != '\0');
        if (*at == '\\') at++;
    }
    return at + 1;
}

/* What follows a value. */
static inline const char *json_after(const char *at) {
    int depth = 0;
    do {
        CHECK(*at != '\0');
        if (*at == '"') {
            at = json_after_text(at);
            continue;
        }
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        at++;
    } while (depth > 0 || (*at != ',' && *at != ']' && *at != '}' && *at != '\0'));
    return at;
}

/* The value at a path such as "sample.disks[2].name"; what is below null is null, what is not
 * there NULL. */
static inline const char *json_at(const char *at, const char *path) {
    while (*path != '\0' && strncmp(at, "null", 4) != 0) {
        if (*path == '[') {
            long index = strtol(path + 1, NULL, 10);
            if (*at++ != '[' || *at == ']') return NULL;
            for (; index > 0; index--) {
                at = json_after(at);
                if (*at++ != ',') return NULL;
            }
            path = strchr(path, ']') + 1;
        } else {
            const size_t length = strcspn(path, ".[");
            if (*at != '{' || at[1] == '}') return NULL;
            do {
                const char *name = at + 2;
                const char *value = json_after_text(at + 1) + 1;
                if (strncmp(name, path, length) == 0 && name[length] == '"') {
                    at = value;
                    break;
                }
                at = json_after(value);
            } while (*at == ',');
            if (*at == '}') return NULL;
            path += length;
        }
        if (*path == '.') path++;
    }
    return at;
}

/* The value of a field below a base, which must be there. */
static inline const char *json_field(const char *json, const char *base, const char *field) {
    char path[200];
    const char *at;
    snprintf(path, sizeof path, "%s.%s", base, field);
    at = json_at(json, path);
    if (at == NULL) fprintf(stderr, "no %s in the JSON\n", path);
    CHECK(at != NULL);
    return at;
}

static inline size_t json_length(const char *json, const char *path) {
    const char *at = json_at(json, path);
    size_t length = 0;
    CHECK(at != NULL && *at == '[');
    if (at[1] == ']') return 0;
    do {
        at = json_after(at + 1);
        length++;
    } while (*at == ',');
    return length;
}

static inline void differs(const char *base, const char *field, const char *at) {
    fprintf(stderr, "%s.%s is another: %.60s\n", base, field, at);
    exit(1);
}

/* NaN where the JSON has null. */
static inline void same_number(const char *json, const char *base, const char *field,
                               double value) {
    const char *at = json_field(json, base, field);
    const double wanted = strncmp(at, "null", 4) == 0 ? NAN : strtod(at, NULL);
    if (wanted != value && !(isnan(wanted) && isnan(value))) differs(base, field, at);
}

static inline void same_whole(const char *json, const char *base, const char *field,
                              uint64_t value) {
    const char *at = json_field(json, base, field);
    const uint64_t wanted = *at == 't' ? 1 : strtoull(at, NULL, 10);
    if (wanted != value) differs(base, field, at);
}

/* The bit is cleared where the JSON has null, and the number 0. */
static inline void same_count(const char *json, const char *base, const char *field,
                              uint64_t value, uint64_t present, uint32_t bit) {
    const char *at = json_field(json, base, field);
    const int is_there = strncmp(at, "null", 4) != 0;
    if (usm_is_present(present, bit) != is_there) differs(base, field, at);
    if (is_there) {
        same_whole(json, base, field, value);
    } else if (value != 0) {
        differs(base, field, at);
    }
}

/* NULL where the JSON has null. */
static inline void same_text(const char *json, const char *base, const char *field,
                             const char *text) {
    static const char escapes[] = "n\nt\tr\rb\bf\f";
    const char *at = json_field(json, base, field);
    if (strncmp(at, "null", 4) == 0) {
        if (text != NULL) differs(base, field, at);
        return;
    }
    CHECK(*at == '"');
    if (text == NULL) differs(base, field, at);
    for (at++; *at != '"'; at++, text++) {
        char wanted = *at;
        if (wanted == '\\') {
            const char *known = strchr(escapes, *++at);
            wanted = *at;
            if (known != NULL) wanted = known[1];
            if (*at == 'u') {
                wanted = (char)strtol(at + 1, NULL, 16);
                at += 4;
            }
        }
        if (wanted != *text) differs(base, field, at);
    }
    if (*text != '\0') differs(base, field, at);
}

/* For a struct `of` whose fields are called as in the JSON, below `base`. */
#define NUMBER(of, field) same_number(json, base, #field, (of).field)
#define WHOLE(of, field) same_whole(json, base, #field, (of).field)
#define COUNT(of, field, bit) same_count(json, base, #field, (of).field, (of).present, (bit))
#define TEXT(of, field) same_text(json, base, #field, (of).field)

#endif /* JSON_H */
