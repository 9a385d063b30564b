// A room for one command: new namespaces in which it sees a read-only system, its own folders, and nobody else.

#ifndef JOBD_ROOM_H
#define JOBD_ROOM_H

#include "process.h"

/// How a command is started in a room of its own.
struct room_request {
    /// The command. Of its fields, `own_group`, `no_new_privileges`, `parent_death_signal` and `listen_pid_index` mean
    /// nothing here: a command in a room has a session of its own, gains no privileges, and goes with the room.
    const struct spawn_request *command;
    /// Paths that are there read-only, besides the system's own programs; ended by NULL. What is missing is left out.
    const char *const *readable;
    /// Paths that are there and may be written; ended by NULL.
    const char *const *writable;
    /// Paths that are empty wherever the ones above would show them; ended by NULL.
    const char *const *covered;
    /// What the command works on, and where it works: the same, and there even below what is covered.
    const char *const *inputs;
    const char *const *folders;
    /// The folder that is `/tmp`, too.
    const char *temporary;
    /// Whether it sees the network of whoever makes the room; otherwise a new, empty one is made, unless the maker's is empty.
    bool network;
    bool maker_has_empty_network;
    /// The most processes and threads; 0 for no limit.
    uint64_t process_limit;
    /// The most memory of all of them together, in bytes; 0 for no limit.
    uint64_t memory_limit;
    /// The most that files on the disk occupy which are open and have no name any more, in bytes; 0 for no limit.
    uint64_t unnamed_limit;
    /// An open control group (cgroup v2) that all of it is to be in where that can be; -1 for the maker's.
    int group;
    /// Paths of which none may be in sight: what is looked for instead of running the command; NULL to run it.
    const char *const *hidden;
};

/// What a room says at its end.
struct room_report {
    /// The call that failed while the room was made, empty when none did.
    char call[32];
    /// Its `errno`.
    int error;
    /// As of wait(2): how the command ended.
    int status;
    /// The largest resident size of the command, in kilobytes.
    long peak_kilobytes;
    /// The room was ended for its memory, for its processes, for what it had open, or for files without a name.
    bool over_memory;
    bool over_processes;
    bool over_descriptors;
    bool over_unnamed;
};

/// Makes a room and starts a command in it. Returns the id of the room's first process, whose end is the end of all in it;
/// or -1 with `errno`. It reads from `control`: a byte has all processes asked to end, and its end ends them. To `report` it
/// writes one `room_report`, when the room cannot be made or the command has ended; none when it was killed. `asker`, the other
/// end of `control`, is closed in the room, which would never see its end otherwise.
///
/// For a process with one thread.
int start_room(const struct room_request *request, int control, int asker, int report);

/// Puts this process into a user namespace of its own with an empty network, in which it makes rooms: they share it. Returns 0,
/// or -1 with `errno`: EOPNOTSUPP where rooms that share a network could reach each other in it. For a process with one thread.
int leave_network(void);

/// Whether this process may start another in a control group: false where the kernel or a filter knows no clone3(2).
bool can_start_in_group(void);

#endif
