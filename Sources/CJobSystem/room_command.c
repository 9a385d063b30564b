#define _GNU_SOURCE
#include "room_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "filter.h"

/// Looks whether what is to be out of sight and out of reach is so; fails with what is not.
static void look_around(const char *const *hidden) {
    for (; *hidden != NULL; hidden++) {
        errno = EEXIST;
        if (access(*hidden, F_OK) == 0) room_fail("hidden path");
    }
    errno = EISCONN;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) room_fail("socket");
    // The working directory is the run's.
    int file = open("probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) room_fail("write to the run's folder");
    close(file);
    errno = EISCONN;
    if (open("/usr/.jobd", O_WRONLY | O_CREAT | O_EXCL, 0600) >= 0) room_fail("write to /usr");
    errno = ESRCH;
    if (getpid() != 2) room_fail("getpid");
    errno = EPERM;
    if (syscall(SYS_unshare, CLONE_NEWUSER) == 0) room_fail("unshare");
    _exit(0);
}

/// Puts the command behind the daemon, and behind the process that watches it.
///
/// Where the kernel shares the processor among sessions (sched(7), autogroups), how nice a process is counts within its own alone:
/// then the session has to be nice, too. Best effort: it may be said some times in a second.
static void give_way(int machine_proc) {
    must(setsid(), "setsid");
    if (nice(10) < 0) errno = 0;
    // So that its own files of /proc are its; nobody else is in the room yet.
    prctl(PR_SET_DUMPABLE, 1);
    room_put(machine_proc, "self/autogroup", "10");
    // The memory is still the first process's, too, into which the command must not look.
    prctl(PR_SET_DUMPABLE, 0);
}

void room_run_command(const struct room_request *request, int machine_proc) {
    const struct spawn_request *command = request->command;
    give_way(machine_proc);
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    if (command->directory != NULL) must(chdir(command->directory), "chdir");
    int copies[16];
    if (command->descriptor_count > 16) {
        errno = EINVAL;
        room_fail("descriptors");
    }
    for (int i = 0; i < command->descriptor_count; i++) {
        must(copies[i] = fcntl(command->descriptors[i], F_DUPFD_CLOEXEC, ROOM_TELLER + 1), "fcntl");
    }
    for (int i = 0; i < command->descriptor_count; i++) must(dup2(copies[i], i), "dup2");
    must(syscall(SYS_close_range, command->descriptor_count, ROOM_TELLER - 1, 0), "close_range");
    must(syscall(SYS_close_range, ROOM_TELLER + 1, ~0U, 0), "close_range");
    for (int i = 0; i < command->limit_count; i++) {
        room_limit(command->limits[i].resource, command->limits[i].value);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    room_enter_scope();
    must(apply_filter(request->network), "seccomp");
    if (request->hidden != NULL) look_around(request->hidden);
    execve(command->path, command->arguments, command->environment);
    room_fail("execve");
}
