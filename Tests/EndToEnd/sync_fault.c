// Makes the syncs of the store's log fail (LD_PRELOAD) while the file exists that SYNC_FAULT names; with the text "once" in
// it, one sync only. The paths of those that succeed are added to the file that SYNC_RECORD names.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The path of an open file in a buffer that has room for one more byte; its length, 0 where there is none.
static size_t path_of(int descriptor, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 2);
    if (length < 0)
        length = 0;
    path[length] = 0;
    return length;
}

static int is_log(int descriptor)
{
    char path[4096];
    size_t length = path_of(descriptor, path, sizeof path);
    return length >= 4 && strcmp(path + length - 4, "-wal") == 0;
}

static int record(int descriptor, int result)
{
    const char *file = getenv("SYNC_RECORD");
    char path[4096];
    size_t length = path_of(descriptor, path, sizeof path);
    if (result != 0 || !file || length == 0)
        return result;
    int to = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (to < 0)
        return result;
    path[length] = '\n';
    // One write, so that lines of several processes do not mix.
    ssize_t written = write(to, path, length + 1);
    (void)written;
    close(to);
    return result;
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
    return record(descriptor, next(descriptor));
}

int fsync(int descriptor)
{
    if (is_to_fail(descriptor)) {
        errno = EIO;
        return -1;
    }
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return record(descriptor, next(descriptor));
}
