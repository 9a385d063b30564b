// The rate of single durable commits: jobd's row, one transaction each, with SQLite alone (WAL, synchronous=FULL).
//
//     commits DATABASE SECONDS      DATABASE is one of jobd's with one job in it; copies of that job are inserted
//
// Prints one line of JSON like lines.c.

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"

static sqlite3 *database;

static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "commits: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL));
    return statement;
}

static void run(sqlite3_stmt *statement) {
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {}
    check(code);
    check(sqlite3_reset(statement));
}

// An insert of the table's first row, whose values are read now and bound, with another number and id; NULL without a row.
static sqlite3_stmt *copier(const char *table) {
    char sql[4096];
    snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY number LIMIT 1", table);
    sqlite3_stmt *row = prepare(sql);
    if (sqlite3_step(row) != SQLITE_ROW) return sqlite3_finalize(row), NULL;
    int columns = sqlite3_column_count(row);
    size_t length = (size_t)snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", table);
    for (int column = 1; column < columns; column++) length += (size_t)snprintf(sql + length, sizeof sql - length, ", ?");
    snprintf(sql + length, sizeof sql - length, ")");
    sqlite3_stmt *insert = prepare(sql);
    for (int column = 0; column < columns; column++) check(sqlite3_bind_value(insert, column + 1, sqlite3_column_value(row, column)));
    sqlite3_finalize(row);
    return insert;
}

int main(int count, char **words) {
    if (count != 3) return fprintf(stderr, "commits DATABASE SECONDS\n"), 2;
    check(sqlite3_open(words[1], &database));
    run(prepare("PRAGMA journal_mode = WAL"));
    run(prepare("PRAGMA synchronous = FULL"));
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
    sqlite3_stmt *job = copier("job"), *detail = copier("job_detail");
    if (!job) return fprintf(stderr, "commits: the database has no job\n"), 1;
    uint64_t began = nanoseconds(), now = began, end = began + (uint64_t)(atof(words[2]) * 1e9);
    for (sqlite3_int64 number = 1000; now < end; number++) {
        char id[32];
        int length = snprintf(id, sizeof id, "job-%010lld", (long long)number);
        check(sqlite3_bind_int64(job, 1, number));
        check(sqlite3_bind_text(job, 2, id, length, SQLITE_TRANSIENT));
        run(begin), run(job);
        if (detail) check(sqlite3_bind_int64(detail, 1, number)), run(detail);
        run(commit);
        uint64_t then = now;
        addLatency((now = nanoseconds()) - then);
    }
    printf("{\"requests\": %llu, \"errors\": 0, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f}\n",
        (unsigned long long)latencyCount, (double)(now - began) / 1e9, latency(0.5), latency(0.99));
    sqlite3_close(database);
}
