// For programs under valgrind (LD_PRELOAD): it writes into the mask that sigsuspend is given, which in libdispatch is constant.

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}
