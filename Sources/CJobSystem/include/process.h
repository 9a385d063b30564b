// What must happen between fork and exec, in C, because Swift may not run there.

#ifndef JOBD_PROCESS_H
#define JOBD_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A limit of setrlimit(2), soft and hard; the hard one of RLIMIT_CPU is a second above.
struct spawn_limit {
    int resource;
    uint64_t value;
};

/// How a child is started. Its descriptors are `descriptors[i]` at number `i`; all others are closed.
struct spawn_request {
    /// The program, looked for nowhere: an explicit path.
    const char *path;
    /// Ended by NULL, as is `environment`.
    char *const *arguments;
    char *const *environment;
    /// NULL leaves the working directory as it is.
    const char *directory;
    const int *descriptors;
    int descriptor_count;
    const struct spawn_limit *limits;
    int limit_count;
    /// A process group of its own, led by itself.
    bool own_group;
    /// Cannot gain privileges by executing a file.
    bool no_new_privileges;
    /// The signal that it gets when the thread that started it ends; 0 for none.
    int parent_death_signal;
    /// Sets `LISTEN_PID=` in the environment to its own id: the index of that entry, which has room for digits; or -1.
    int listen_pid_index;
};

/// Starts a child. Returns its id, or -1 with `errno` and, in `failed_call`, the name of the call that failed in the child
/// or the parent. Safe in a process with many threads and much memory: nothing is copied.
int spawn_child(const struct spawn_request *request, const char **failed_call);

/// fork(2), for a process with one thread: its child may go on in Swift.
int fork_process(void);

/// Makes these descriptors 0, 1, 2, …, at most 16, and closes all others. Returns 0, or -1 with `errno`.
int place_descriptors(const int *descriptors, int count);

/// Sends copies of at most 16 descriptors as one message over a Unix socket. Returns 0, or -1 with `errno`; no SIGPIPE.
int send_descriptors(int socket, const int *descriptors, int count);

/// Waits for one message and takes its descriptors, which are closed on exec: `limit` at most, others are closed. Returns
/// how many came, or -1 with `errno`, which is 0 when nobody is left who could send.
int receive_descriptors(int socket, int *descriptors, int limit);

/// prctl(PR_SET_CHILD_SUBREAPER): orphans below this process become its children.
int become_subreaper(void);

/// prctl(PR_SET_DUMPABLE): nobody of the same user may trace this process or open its descriptors.
int hide_process(void);

/// Leaves this process nothing but to read at offsets of what it has open (pread(2)), to write to one descriptor, to have memory
/// and to end: every other call fails with EPERM. It cannot be taken back. Returns 0, or -1 with `errno`.
int confine_process(int descriptor);

/// Blocks SIGCHLD and returns a descriptor that is readable whenever a child has changed its state.
int child_signal_descriptor(void);

#endif
