#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The child shares the parent's memory until it executes (vfork), so it may only make system calls and write to what the
// parent has set aside for it here.
struct outcome {
    const char *call;
    int error;
};

/// Ends the child when a call has failed, and says which.
static void check(volatile struct outcome *outcome, int result, const char *call) {
    if (result >= 0) return;
    outcome->error = errno;
    outcome->call = call;
    _exit(127);
}

// The last descriptor number that a request may name; copies are kept above it while they are put in place.
enum { HIGHEST_DESCRIPTOR = 15 };

static bool is_too_many(int count) {
    bool is = count < 0 || count > HIGHEST_DESCRIPTOR + 1;
    if (is) errno = EINVAL;
    return is;
}

int place_descriptors(const int *descriptors, int count) {
    int copies[HIGHEST_DESCRIPTOR + 1];
    if (is_too_many(count)) return -1;
    for (int i = 0; i < count; i++) {
        copies[i] = fcntl(descriptors[i], F_DUPFD, HIGHEST_DESCRIPTOR + 1);
        if (copies[i] < 0) return -1;
    }
    for (int i = 0; i < count; i++) {
        if (dup2(copies[i], i) < 0) return -1;
    }
    return (int)syscall(SYS_close_range, count, ~0U, 0);
}

static void write_own_pid(char *entry) {
    char digits[12];
    int count = 0;
    for (pid_t rest = getpid(); rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
    char *end = strchr(entry, '=') + 1;
    while (count > 0) *end++ = digits[--count];
    *end = '\0';
}

static void run_child(const struct spawn_request *request, pid_t parent, const sigset_t *mask,
                      volatile struct outcome *outcome) {
    // Handlers of the parent must not run here; ignored signals would stay ignored after exec.
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);

    if (request->own_group) check(outcome, setpgid(0, 0), "setpgid");
    if (request->parent_death_signal != 0) {
        check(outcome, prctl(PR_SET_PDEATHSIG, request->parent_death_signal), "prctl");
        if (getppid() != parent) _exit(127);
    }
    if (request->no_new_privileges) check(outcome, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
    if (request->directory != NULL) check(outcome, chdir(request->directory), "chdir");

    check(outcome, place_descriptors(request->descriptors, request->descriptor_count), "place_descriptors");

    for (int i = 0; i < request->limit_count; i++) {
        struct rlimit limit = {request->limits[i].value, request->limits[i].value};
        // At the hard limit the kernel kills; a second below it SIGXCPU tells why.
        if (request->limits[i].resource == RLIMIT_CPU && limit.rlim_max < RLIM_INFINITY - 1) limit.rlim_max++;
        check(outcome, setrlimit(request->limits[i].resource, &limit), "setrlimit");
    }
    if (request->listen_pid_index >= 0) write_own_pid(request->environment[request->listen_pid_index]);
    sigprocmask(SIG_SETMASK, mask, NULL);
    check(outcome, execve(request->path, request->arguments, request->environment), "execve");
}

int spawn_child(const struct spawn_request *request, const char **failed_call) {
    volatile struct outcome outcome = {NULL, 0};
    if (request->descriptor_count > HIGHEST_DESCRIPTOR + 1) {
        *failed_call = "spawn_child";
        errno = EINVAL;
        return -1;
    }
    // The child begins with every signal blocked, so that none finds a handler of the parent's in the child; and with
    // none, so that what the parent blocks in this thread is not inherited.
    sigset_t all, before, none;
    sigfillset(&all);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = vfork();
    if (child == 0) run_child(request, parent, &none, &outcome);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child > 0 && outcome.call == NULL) return child;
    if (child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        error = outcome.error;
    }
    *failed_call = child > 0 ? outcome.call : "vfork";
    errno = error;
    return -1;
}

int fork_process(void) { return fork(); }

// Room for the descriptors of one message, aligned as the kernel wants it.
union descriptor_room {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * (HIGHEST_DESCRIPTOR + 1))];
};

int send_descriptors(int socket, const int *descriptors, int count) {
    if (is_too_many(count)) return -1;
    char byte = 0;
    struct iovec content = {&byte, 1};
    union descriptor_room room = {0};
    struct msghdr message = {
        .msg_iov = &content,
        .msg_iovlen = 1,
        .msg_control = room.bytes,
        .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
    ssize_t result;
    do result = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : 0;
}

int receive_descriptors(int socket, int *descriptors, int limit) {
    char byte;
    struct iovec content = {&byte, 1};
    union descriptor_room room = {0};
    struct msghdr message = {
        .msg_iov = &content, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
    ssize_t result;
    do result = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (result < 0 && errno == EINTR);
    if (result == 0) errno = 0;
    if (result <= 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return 0;
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < count; i++) {
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(header) + sizeof(int) * (size_t)i, sizeof descriptor);
        if (i < limit) descriptors[i] = descriptor; else close(descriptor);
    }
    return count;
}

int hide_process(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int child_signal_descriptor(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0) return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}
