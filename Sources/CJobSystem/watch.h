// What the processes in a room use together, as /proc tells.

#ifndef JOBD_WATCH_H
#define JOBD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

// So many open files are looked at in all: nobody keeps this process from looking at the memory.
enum { MOST_DESCRIPTORS = 100000 };

struct use {
    /// In bytes, as of proc_pid_status(5): what is written to and not in a file, what was swapped out, and page tables.
    uint64_t memory;
    /// Processes and their threads.
    uint64_t threads;
    /// What files occupy that are open and have no name any more, in bytes.
    uint64_t unnamed;
    /// What is open in all, where that was looked at: with more than MOST_DESCRIPTORS, `unnamed` is not the whole sum.
    uint64_t descriptors;
};

/// Looks at all processes but the first one, and at what they have open if that is asked for. Returns false when one of them
/// cannot be looked into.
bool look_at_all(struct use *use, bool files);

/// The memory alone, where pages that several have count once; takes longer. 0 when nothing can be seen.
uint64_t memory_of_all(void);

#endif
