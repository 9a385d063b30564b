// Which system calls a command in a room cannot make.

#ifndef JOBD_FILTER_H
#define JOBD_FILTER_H

#include <stdbool.h>

/// Applies the filter to this process and what it starts; it cannot be taken back. Returns 0, or -1 with `errno`.
int apply_filter(bool network);

#endif
