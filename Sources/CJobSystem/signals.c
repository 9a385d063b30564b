#define _GNU_SOURCE
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

// libdispatch waits for signals with signalfd(2), and loses one that the kernel gives to a thread which has not blocked it. A
// handler runs in whatever thread that is.
static volatile int writing_end = -1;

static void tell(int signal) {
    int error = errno;
    unsigned char number = (unsigned char)signal;
    // A full pipe has told enough.
    (void)!write(writing_end, &number, 1);
    errno = error;
}

int catch_signals(const int *signals, int count) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0) return -1;
    writing_end = ends[1];
    struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < count; i++) {
        if (sigaction(signals[i], &action, NULL) < 0) return -1;
    }
    return ends[0];
}
