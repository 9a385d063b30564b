// Calls that Swift cannot import.
//
// No header here includes one of the system that declares a structure: Swift would take it for this module's or for Glibc's,
// whichever it met first.

#ifndef JOBD_MACHINE_H
#define JOBD_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/// Opens what is below a directory, closed on exec: no link is followed on the way, and nothing leads out of it. Returns a
/// descriptor, or -1 with `errno`: ELOOP for a link, EXDEV for what is outside.
int open_beneath(int directory, const char *name, int flags, unsigned mode);

/// Gives a directory that is in another one the mode 0700; a link is not followed. Returns 0, or -1 with `errno`.
int make_accessible(int directory, const char *name);

/// Whether the kernel knows that somebody keeps its clock right (adjtimex(2)).
bool clock_is_synchronized(void);

/// Gives the system back what was freed (malloc_trim(3)); other threads that allocate meanwhile may wait for it.
void give_memory_back(void);

/// Names a thread, a `pthread_t`, in at most 15 bytes, for those who look at the machine.
void name_thread(unsigned long thread, const char *name);

/// Makes one file share the bytes of another until one of them changes (FICLONE). Returns 0, or -1 with `errno`, where the
/// file system cannot.
int share_bytes(int from, int to);

/// Has the disk begin with dirty pages of a file (sync_file_range(2)), without waiting for it. Returns 0, or -1 with `errno`.
int begin_writing(int file, long start, long count);

/// Keeps a few bytes with a file, under a name of its owner's own (fsetxattr(2), "user."). Returns 0, or -1 with `errno`, where
/// the file system cannot.
int set_note(int file, const char *name, const void *bytes, size_t count);

/// Reads them; returns how many there are, or -1 with `errno`, ERANGE where there are more than `count`.
long get_note(int file, const char *name, void *bytes, size_t count);

/// A pipe(2) whose ends are closed on exec.
int pipe_pair(int ends[2]);

/// How many bytes a pipe can hold (F_GETPIPE_SZ), or -1 with `errno`.
int pipe_capacity(int pipe);

/// An eventfd(2) that is closed on exec and never blocks.
int event_descriptor(void);

/// Takes the next connection of a listening socket, closed on exec (accept4(2)). Returns its descriptor, or -1 with `errno`.
int accept_connection(int listener);

/// Has signals come as bytes, each its number, from the descriptor that is returned, which blocks. Once in a process. Returns -1
/// with `errno`.
int catch_signals(const int *signals, int count);

#endif
