// Many descriptors on which one thread waits: epoll(7).

#ifndef JOBD_EVENTS_H
#define JOBD_EVENTS_H

/// What a set tells of a descriptor.
enum event_mode {
    /// As long as there is something to read.
    EVENT_WHILE_READABLE,
    /// The same, but of all sets that have it one is told, seldom more.
    EVENT_TO_ONE,
    /// Once that something has come or that the peer has ended; nothing more until it is added again.
    EVENT_ONCE,
    /// Each further piece that comes, and the peer's end.
    EVENT_EACH,
};

/// Makes a set, closed on exec. Returns its descriptor, or -1 with `errno`.
int event_set(void);

/// Adds a descriptor, or changes what is told of it. Returns 0, or -1 with `errno`.
int event_add(int set, int descriptor, enum event_mode mode);

/// Removes a descriptor. Returns 0, or -1 with `errno`.
int event_remove(int set, int descriptor);

/// Waits until something has come, at most so many milliseconds, or without end for -1. Writes for which descriptors, at most
/// `limit` and at most 64. Returns how many, 0 when the time has run out, or -1 with `errno`: EINTR for a signal.
int event_wait(int set, int *descriptors, int limit, int milliseconds);

#endif
