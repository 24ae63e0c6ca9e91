/* A program that has a SQLite of its own, of another version, beside the library's: both write at
 * the same time, each in its own file, and both files are sound. */
#include <sqlite3.h>

#include "check.h"

enum { ROWS = 300 };

static sqlite3 *opened(const char *path) {
    sqlite3 *database = NULL;
    CHECK(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_busy_timeout(database, 60000) == SQLITE_OK);
    return database;
}

static void said(sqlite3 *database, const char *statement) {
    char *error = NULL;
    if (sqlite3_exec(database, statement, NULL, NULL, &error) == SQLITE_OK) return;
    fprintf(stderr, "%s: %s\n", statement, error);
    exit(1);
}

/* The first column of the first row as text. */
static void answer(sqlite3 *database, const char *question, char *text, size_t size) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, question, -1, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", question, sqlite3_errmsg(database));
        exit(1);
    }
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    snprintf(text, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    CHECK(sqlite3_finalize(statement) == SQLITE_OK);
}

static void is_sound(sqlite3 *database) {
    char text[64];
    answer(database, "PRAGMA integrity_check", text, sizeof text);
    CHECK(strcmp(text, "ok") == 0);
}

/* A database of the program, written while the monitor writes its own. */
static void write_rows(const char *path) {
    char text[64];
    int row;
    sqlite3 *database = opened(path);
    said(database, "PRAGMA journal_mode = WAL");
    said(database, "CREATE TABLE frame (number INTEGER PRIMARY KEY)");
    for (row = 0; row < ROWS; row++) said(database, "INSERT INTO frame DEFAULT VALUES");
    answer(database, "SELECT count(*) FROM frame", text, sizeof text);
    CHECK(atoi(text) == ROWS);
    is_sound(database);
    CHECK(sqlite3_close(database) == SQLITE_OK);
}

/* The monitor's database, read by the program's SQLite. */
static void read_rows(const char *path) {
    char text[64];
    sqlite3 *database = opened(path);
    answer(database, "SELECT count(*) FROM system_metrics", text, sizeof text);
    CHECK(atoi(text) >= 3);
    is_sound(database);
    CHECK(sqlite3_close(database) == SQLITE_OK);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    char own[4096];
    char engine[4096];
    usm_monitor *monitor;
    /* What runs is what the program was compiled for, not the library's. */
    CHECK(strcmp(sqlite3_libversion(), SQLITE_VERSION) == 0);
    CHECK(strcmp(sqlite3_sourceid(), SQLITE_SOURCE_ID) == 0);
    snprintf(own, sizeof own, "%s/own.db", folder);
    snprintf(engine, sizeof engine, "%s/unified_system.db", folder);
    monitor = test_monitor(folder);
    CHECK_OK(usm_monitor_start(monitor));
    write_rows(own);
    CHECK_OK(usm_monitor_wait(monitor, 5, 60.0, NULL));
    CHECK_OK(usm_monitor_flush(monitor, 60.0));
    read_rows(engine);
    usm_monitor_free(&monitor);
    read_rows(engine);
    return 0;
}
