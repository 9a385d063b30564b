// Loaded into jobd by LD_PRELOAD: has the k-th write, sync or rename fail that one of its processes does on a path. A test
// arms it while jobd runs, through a file that both have mapped.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, RENAME = 4 };

// faults.py has the same.
struct order {
    int32_t calls;      // which of them count
    int32_t countdown;  // calls until the first that fails; 0: none does any more
    int32_t times;      // how many fail in a row
    int32_t error;      // with which errno; 0: the process is killed instead
    int32_t fired;      // how many have failed
    char process[28];   // the first argument of jobd's
    char path[80];      // a part of it
};

static struct order *order;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("JOBD_TEST_FAULTS");
    char line[256] = "";
    int descriptor = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (!path || descriptor < 0) return;
    ssize_t count = read(descriptor, line, sizeof line - 2);
    close(descriptor);
    const char *argument = count > 0 ? line + strlen(line) + 1 : "";
    descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    struct order *mapped = mmap(NULL, sizeof *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped == MAP_FAILED) return;
    if (strcmp(mapped->process, argument) == 0) order = mapped;
    else munmap(mapped, sizeof *mapped);
}

static int fails(int call, const char *path) {
    if (!order || !(order->calls & call) || __atomic_load_n(&order->countdown, __ATOMIC_SEQ_CST) <= 0) return 0;
    if (!strstr(path, order->path)) return 0;
    int32_t left = __atomic_sub_fetch(&order->countdown, 1, __ATOMIC_SEQ_CST);
    if (left >= order->times || left < 0) return 0;
    __atomic_add_fetch(&order->fired, 1, __ATOMIC_SEQ_CST);
    if (order->error == 0) raise(SIGKILL);
    errno = order->error;
    return 1;
}

static int fails_on(int call, int descriptor) {
    if (!order || !(order->calls & call) || __atomic_load_n(&order->countdown, __ATOMIC_SEQ_CST) <= 0) return 0;
    int before = errno;
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(name, path, sizeof path - 1);
    errno = before;
    if (count < 0) return 0;
    path[count] = 0;
    return fails(call, path);
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int descriptor, const void *bytes, size_t count) {
    NEXT(write);
    return fails_on(WRITE, descriptor) ? -1 : next(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    NEXT(pwrite);
    return fails_on(WRITE, descriptor) ? -1 : next(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    NEXT(pwrite64);
    return fails_on(WRITE, descriptor) ? -1 : next(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
    NEXT(fsync);
    return fails_on(SYNC, descriptor) ? -1 : next(descriptor);
}

int fdatasync(int descriptor) {
    NEXT(fdatasync);
    return fails_on(SYNC, descriptor) ? -1 : next(descriptor);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return fails(RENAME, to) ? -1 : next(from, to);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    NEXT(renameat);
    return fails_on(RENAME, to_directory) ? -1 : next(from_directory, from, to_directory, to);
}
