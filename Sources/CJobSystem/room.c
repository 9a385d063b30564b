#define _GNU_SOURCE
#include "room_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

void room_tell(struct room_report *report) {
    ssize_t result;
    do result = write(ROOM_TELLER, report, sizeof *report);
    while (result < 0 && errno == EINTR);
}

void room_fail(const char *call) {
    struct room_report report = {.error = errno};
    snprintf(report.call, sizeof report.call, "%s", call);
    room_tell(&report);
    _exit(127);
}

static void live(const struct room_request *request, uid_t user, gid_t group, int control) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Its own files of /proc belong to root otherwise.
    prctl(PR_SET_DUMPABLE, 1);
    const char *failed = room_map_ids(user, group);
    if (failed != NULL) room_fail(failed);
    // Its root is the group in which this process is by now.
    must(unshare(CLONE_NEWCGROUP), "unshare");
    // Whoever needs memory most takes it from a step first; it may be above already.
    room_put(AT_FDCWD, "/proc/self/oom_score_adj", "500");
    // The room's own can be read only.
    int machine_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    room_furnish(request, user, group);
    room_drop_capabilities();
    room_limit(RLIMIT_CORE, 0);
    if (request->process_limit != 0) room_limit(RLIMIT_NPROC, request->process_limit + 1);
    room_limit_descriptors();
    // The command must not look into this process.
    must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable");

    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    must(sigprocmask(SIG_SETMASK, &child, NULL), "sigprocmask");
    signal(SIGCHLD, SIG_DFL);
    int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    must(children, "signalfd");
    // It shares the memory until it is executed, and this process waits for that: nothing is copied.
    pid_t command = vfork();
    must(command, "vfork");
    if (command == 0) room_run_command(request, machine_proc);
    close(machine_proc);
    // Only the command holds its output now, so that its end is seen.
    for (int i = 0; i < request->command->descriptor_count; i++) {
        int descriptor = request->command->descriptors[i];
        if (descriptor != control) close(descriptor);
    }
    room_look_after(request, command, control, children);
}

// Nothing can be started with no arguments: who knows the call says so.
bool can_start_in_group(void) { return syscall(SYS_clone3, NULL, 0) < 0 && errno == EINVAL; }

int start_room(const struct room_request *request, int control, int asker, int report) {
    uid_t user = geteuid();
    gid_t group = getegid();
    unsigned long flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
    if (!request->network && !request->maker_has_empty_network) flags |= CLONE_NEWNET;
    pid_t child = -1;
    if (request->group >= 0) {
        // To move it there afterwards takes some 10 ms, for which the kernel stops every fork.
        struct clone_args arguments = {
            .flags = flags | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)request->group};
        child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    }
    // A filter cannot see the flags of clone3, and many answer ENOSYS for it.
    if (child < 0) child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child != 0) return child;
    // Nobody can be told before this: whoever waits for the report sees its end without one.
    if (report != ROOM_TELLER) {
        if (dup3(report, ROOM_TELLER, O_CLOEXEC) < 0) _exit(127);
        close(report);
    }
    close(asker);
    live(request, user, group, control);
    _exit(127);
}
