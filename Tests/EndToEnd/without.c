// Loaded into `jobd step-exec` by LD_PRELOAD: takes one layer from the rooms that it makes, by having that layer's calls do
// nothing. A test names the layer in a file, which is read when a room is made.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static char layer[64];

static int without(const char *name) { return strcmp(layer, name) == 0; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void read_layer(void) {
    const char *path = getenv("JOBD_TEST_WITHOUT");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, layer, sizeof layer - 1);
    layer[length > 0 ? length : 0] = '\0';
    if (file >= 0) close(file);
}

static const struct {
    const char *name;
    unsigned long flag;
} NAMESPACES[] = {
    {"user namespace", CLONE_NEWUSER}, {"process namespace", CLONE_NEWPID}, {"network namespace", CLONE_NEWNET},
    {"ipc namespace", CLONE_NEWIPC}, {"name namespace", CLONE_NEWUTS},
};

long syscall(long number, ...) {
    long words[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) words[i] = va_arg(list, long);
    va_end(list);
    switch (number) {
    case SYS_clone:
        // The first thing that is done for a room.
        read_layer();
        for (unsigned i = 0; i < sizeof NAMESPACES / sizeof *NAMESPACES; i++) {
            if (without(NAMESPACES[i].name)) words[0] &= ~(long)NAMESPACES[i].flag;
        }
        break;
    case SYS_mount_setattr:
        if (without("read-only")) ((struct mount_attr *)words[3])->attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
        break;
    case SYS_capset:
        if (without("capabilities")) return 0;
        break;
    case SYS_close_range:
        if (without("descriptors")) return 0;
        break;
    case SYS_landlock_restrict_self:
        // It also keeps those who have entered from looking into those who have not.
        if (without("scope") || without("hidden first process")) return 0;
        break;
    }
    return REAL(syscall)(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

int unshare(int flags) { return flags == CLONE_NEWCGROUP && without("cgroup namespace") ? 0 : REAL(unshare)(flags); }

int prctl(int option, ...) {
    unsigned long words[4];
    va_list list;
    va_start(list, option);
    for (int i = 0; i < 4; i++) words[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_CAPBSET_DROP && without("capabilities")) return 0;
    if (option == PR_SET_NO_NEW_PRIVS && without("no new privileges")) return 0;
    if (option == PR_SET_SECCOMP && without("filter")) return 0;
    if (option == PR_SET_DUMPABLE && words[0] == 0 && without("hidden first process")) return 0;
    return REAL(prctl)(option, words[0], words[1], words[2], words[3]);
}

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data) {
    if (data != NULL && strstr(data, "nr_inodes=1k") != NULL && without("cover")) return 0;
    if (data != NULL && strstr(data, "nr_inodes=16k") != NULL && without("size of memory")) data = "mode=700";
    if (type != NULL && strcmp(type, "proc") == 0 && without("own proc")) {
        errno = EPERM;
        return -1;
    }
    return REAL(mount)(source, target, type, flags, data);
}

int umount2(const char *target, int flags) { return without("root taken away") ? 0 : REAL(umount2)(target, flags); }

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
    if (resource == RLIMIT_NOFILE && without("number of descriptors")) return 0;
    return REAL(setrlimit)(resource, limit);
}

/// Without a namespace of its own, a user has its numbers already.
int openat(int folder, const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    int is_map = strcmp(path, "/proc/self/setgroups") == 0 || strcmp(path, "/proc/self/uid_map") == 0 ||
                 strcmp(path, "/proc/self/gid_map") == 0;
    if (is_map && without("user namespace")) path = "/dev/null";
    return REAL(openat)(folder, path, flags, mode);
}

/// The first process is not to see the machine's processes as its own.
struct dirent *readdir(DIR *directory) {
    if (without("process namespace") || (getpid() == 1 && without("watch"))) return NULL;
    return REAL(readdir)(directory);
}

/// Meant for the processes of a room, it would be for those of the machine.
int kill(pid_t process, int signal) {
    if (process == -1 && without("process namespace")) return 0;
    return REAL(kill)(process, signal);
}
