#define _GNU_SOURCE
#include "room_parts.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "watch.h"

/// Whether there is too much of something; says in the report of what. What cannot be seen is too much.
static bool is_over(const struct room_request *request, struct room_report *report, bool files) {
    struct use use;
    bool is_seen = look_at_all(&use, files && request->unnamed_limit != 0);
    report->over_descriptors = use.descriptors > MOST_DESCRIPTORS;
    report->over_processes = request->process_limit != 0 && use.threads > request->process_limit;
    report->over_unnamed = request->unnamed_limit != 0 && (!is_seen || use.unnamed > request->unnamed_limit);
    report->over_memory = request->memory_limit != 0 && use.memory > request->memory_limit;
    // Pages that several have were counted for each.
    if (report->over_memory) {
        uint64_t exact = memory_of_all();
        report->over_memory = exact == 0 || exact > request->memory_limit;
    }
    return report->over_memory || report->over_processes || report->over_descriptors || report->over_unnamed || !is_seen;
}

// Files are looked at with every tenth look.
enum { LOOK_INTERVAL_MS = 100, LOOKS_AT_FILES = 10 };

static int64_t milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void room_look_after(const struct room_request *request, pid_t command, int control, int children) {
    struct room_report report = {0};
    int64_t next_look = milliseconds() + LOOK_INTERVAL_MS;
    unsigned looks = 0;
    for (;;) {
        int status;
        struct rusage usage;
        pid_t ended;
        while ((ended = wait4(-1, &status, WNOHANG, &usage)) > 0) {
            if (ended != command) continue;
            report.status = status;
            report.peak_kilobytes = usage.ru_maxrss;
            room_tell(&report);
            _exit(0);
        }
        struct pollfd polls[] = {{control, POLLIN, 0}, {children, POLLIN, 0}};
        int count = poll(polls, 2, LOOK_INTERVAL_MS);
        // By the clock: processes that keep ending would put off a look that only comes when nothing happens.
        if (milliseconds() >= next_look) {
            if (is_over(request, &report, ++looks % LOOKS_AT_FILES == 0)) {
                report.status = SIGKILL;
                room_tell(&report);
                _exit(0);
            }
            next_look = milliseconds() + LOOK_INTERVAL_MS;
        }
        if (count > 0 && polls[0].revents != 0) {
            char byte;
            // Nobody is left who could ask for anything.
            if (read(control, &byte, 1) <= 0) _exit(0);
            kill(-1, SIGTERM);
        }
        if (count > 0 && polls[1].revents != 0) {
            struct signalfd_siginfo drop[8];
            if (read(children, drop, sizeof drop) < 0) continue;
        }
    }
}
