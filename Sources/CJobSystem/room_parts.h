// The parts of a room; all of it runs in the room's first process, or in the command before it is executed.

#ifndef JOBD_ROOM_PARTS_H
#define JOBD_ROOM_PARTS_H

#include <unistd.h>

#include "room.h"

/// Where the room's first process tells what happened, and the command until it is executed; above the command's own descriptors.
enum { ROOM_TELLER = 64 };

/// Writes the report.
void room_tell(struct room_report *report);

/// Reports that a call failed, with its `errno`, and ends this process.
_Noreturn void room_fail(const char *call);

/// Fails when a call has failed.
static inline void must(long result, const char *call) {
    if (result < 0) room_fail(call);
}

/// Writes a text into a file of /proc. Returns 0, or -1 with `errno`.
int room_put(int folder, const char *path, const char *text);

/// This user and group keep their numbers in a new user namespace, and nobody else has one. Returns what failed, or NULL.
const char *room_map_ids(uid_t user, gid_t group);

/// Whether the kernel keeps processes from abstract Unix sockets, which have no path that could be hidden.
bool room_has_scopes(void);

/// Lets the command connect to no abstract socket and signal no process but those of what it has started.
void room_enter_scope(void);

/// Puts what the request shows in the place of the machine's files.
void room_furnish(const struct room_request *request, uid_t user, gid_t group);

/// Takes all capabilities, and the way to get some.
void room_drop_capabilities(void);

/// Sets a limit of setrlimit(2) for good.
void room_limit(int resource, uint64_t value);

/// Lowers the number of descriptors, unless it is low already.
void room_limit_descriptors(void);

/// Becomes the command, in a process that shares its memory with the first one: what it changes there it puts back.
/// `machine_proc` is the machine's /proc, open.
_Noreturn void room_run_command(const struct room_request *request, int machine_proc);

/// Waits for the end of the command, for too much of something and for words from `control`; reports, and ends this process.
/// `children` is readable when one has ended.
_Noreturn void room_look_after(const struct room_request *request, pid_t command, int control, int children);

#endif
