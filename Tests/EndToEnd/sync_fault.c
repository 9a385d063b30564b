// Makes the syncs of the store's log fail (LD_PRELOAD) while the file exists that SYNC_FAULT names; with the text "once" in
// it, one sync only.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_log(int descriptor)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 4)
        return 0;
    path[length] = 0;
    return strcmp(path + length - 4, "-wal") == 0;
}

static int is_to_fail(int descriptor)
{
    const char *fault = getenv("SYNC_FAULT");
    if (!fault || !is_log(descriptor))
        return 0;
    int file = open(fault, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    char word[4] = {0};
    ssize_t length = read(file, word, sizeof word);
    close(file);
    if (length == 4 && memcmp(word, "once", 4) == 0)
        unlink(fault);
    return 1;
}

int fdatasync(int descriptor)
{
    if (is_to_fail(descriptor)) {
        errno = EIO;
        return -1;
    }
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return next(descriptor);
}

int fsync(int descriptor)
{
    if (is_to_fail(descriptor)) {
        errno = EIO;
        return -1;
    }
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return next(descriptor);
}
