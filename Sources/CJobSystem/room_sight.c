#define _GNU_SOURCE
#include "room_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

// <sys/mount.h> and <linux/mount.h> do not go together before glibc 2.37.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
enum { DETACH = 2 };

static const char OLD[] = "/old", NEW[] = "/new";

static void restrict_mount(const char *path, uint64_t set) {
    struct mount_attr attributes = {.attr_set = set};
    must(syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof attributes), "mount_setattr");
}

/// Makes the folders above a path, where they are missing.
static void make_above(char *path) {
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) return;
    *slash = '\0';
    if (mkdir(path, 0755) < 0 && errno == ENOENT) {
        make_above(path);
        mkdir(path, 0755);
    }
    *slash = '/';
}

static void make_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
    must(file, "open");
    if (text != NULL) must(write(file, text, strlen(text)), "write");
    close(file);
}

enum sight { READABLE, WRITABLE };

/// Shows a file or folder of the machine at `target`; what is missing is left out, and a link stays a link.
static void show_at(const char *path, const char *target, enum sight sight) {
    char from[PATH_MAX], to[PATH_MAX];
    struct stat status;
    snprintf(from, sizeof from, "%s%s", OLD, path);
    snprintf(to, sizeof to, "%s%s", NEW, target);
    if (lstat(from, &status) < 0) {
        if (errno == ENOENT || errno == EACCES || errno == ENOTDIR) return;
        room_fail("lstat");
    }
    make_above(to);
    if (S_ISLNK(status.st_mode)) {
        char text[PATH_MAX];
        ssize_t length = readlink(from, text, sizeof text - 1);
        must(length, "readlink");
        text[length] = '\0';
        if (symlink(text, to) < 0 && errno != EEXIST) room_fail("symlink");
        return;
    }
    if (S_ISDIR(status.st_mode)) {
        mkdir(to, 0755);
    } else if (mknod(to, S_IFREG | 0444, 0) < 0 && errno != EEXIST) {
        room_fail("mknod");
    }
    must(mount(from, to, NULL, MS_BIND | MS_REC, NULL), "mount --rbind");
    bool is_device = S_ISCHR(status.st_mode);
    uint64_t set = MOUNT_ATTR_NOSUID | (is_device ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_NODEV);
    if (sight == READABLE && !is_device) set |= MOUNT_ATTR_RDONLY;
    restrict_mount(to, set);
}

static void show(const char *path, enum sight sight) { show_at(path, path, sight); }

static void show_all(const char *const *paths, enum sight sight) {
    for (; paths != NULL && *paths != NULL; paths++) show(*paths, sight);
}

// Programs, and what they read everywhere. Nothing of it says anything of the machine's users or of what it is for.
static const char *const SYSTEM[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt",
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
    "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
    "/etc/magic", "/etc/magic.mime", "/etc/mime.types", "/etc/papersize", "/etc/paperspecs", "/etc/timezone",
    "/etc/ImageMagick-6", "/etc/ImageMagick-7", "/etc/libreoffice", "/etc/perl", "/etc/python3", "/etc/ghostscript",
    "/etc/java", "/etc/java-11-openjdk", "/etc/java-17-openjdk", "/etc/java-21-openjdk", "/etc/java-25-openjdk",
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates",
    "/var/cache/fontconfig", "/var/lib/dictionaries-common", "/var/lib/ghostscript", "/var/lib/libreoffice",
    NULL,
};

static const char *const NETWORK[] = {
    "/etc/resolv.conf", "/run/systemd/resolve", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols",
    "/etc/gai.conf", "/etc/host.conf", NULL,
};

static void mount_temporary(const char *path, const char *options) {
    must(mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options), "mount tmpfs");
}

// Files and directories take memory besides what is in them.
static const char OWN_MEMORY[] = "size=64m,nr_inodes=16k,mode=700";

/// The few accounts that programs look for.
static void make_accounts(uid_t user, gid_t group, const char *home) {
    char text[PATH_MAX + 128];
    snprintf(text, sizeof text, "%s:x:%u:%u::%s:/usr/sbin/nologin\nnobody:x:65534:65534::/:/usr/sbin/nologin\n",
             user == 0 ? "root" : "step", user, group, home);
    make_file("/new/etc/passwd", text);
    snprintf(text, sizeof text, "%s:x:%u:\nnogroup:x:65534:\n", group == 0 ? "root" : "step", group);
    make_file("/new/etc/group", text);
}

/// Puts nothing in the place of a path, if it is in sight.
static void cover(const char *path) {
    char at[PATH_MAX];
    struct stat status;
    snprintf(at, sizeof at, "%s%s", NEW, path);
    if (lstat(at, &status) < 0) return;
    if (S_ISDIR(status.st_mode)) {
        mount_temporary(at, "size=1m,nr_inodes=1k,mode=755");
    } else if (!S_ISLNK(status.st_mode)) {
        must(mount("/old/dev/null", at, NULL, MS_BIND, NULL), "mount --bind");
    }
}

/// What was made in the place of a path may be looked at only.
static void restrict_cover(const char *path) {
    char at[PATH_MAX];
    snprintf(at, sizeof at, "%s%s", NEW, path);
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    // Where nothing is in sight there is no mount either.
    if (syscall(SYS_mount_setattr, AT_FDCWD, at, 0, &attributes, sizeof attributes) < 0 && errno != ENOENT &&
        errno != EINVAL) {
        room_fail("mount_setattr");
    }
}

void room_furnish(const struct room_request *request, uid_t user, gid_t group) {
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount --make-rprivate");
    mount_temporary("/tmp", "size=1m,mode=755");
    must(chdir("/tmp"), "chdir");
    must(mkdir("old", 0755), "mkdir");
    must(mkdir("new", 0755), "mkdir");
    must(syscall(SYS_pivot_root, ".", "old"), "pivot_root");
    must(chdir("/"), "chdir");

    mount_temporary(NEW, "size=4m,mode=755");
    must(mkdir("/new/dev", 0755), "mkdir");
    must(mkdir("/new/etc", 0755), "mkdir");
    must(mkdir("/new/proc", 0555), "mkdir");
    must(mkdir("/new/dev/shm", 0755), "mkdir");
    must(mkdir("/new/var", 0755), "mkdir");
    show_all(SYSTEM, READABLE);
    if (request->network) {
        show_all(NETWORK, READABLE);
    } else {
        make_file("/new/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
        make_file("/new/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
    }
    const char *home = request->command->directory != NULL ? request->command->directory : "/";
    make_accounts(user, group, home);
    mount_temporary("/new/dev/shm", OWN_MEMORY);
    must(symlink("/proc/self/fd", "/new/dev/fd"), "symlink");
    must(symlink("/proc/self/fd/0", "/new/dev/stdin"), "symlink");
    must(symlink("/proc/self/fd/1", "/new/dev/stdout"), "symlink");
    must(symlink("/proc/self/fd/2", "/new/dev/stderr"), "symlink");
    must(symlink("/tmp", "/new/var/tmp"), "symlink");
    if (mount("proc", "/new/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        // Where parts of /proc are covered, the kernel lets nobody have a fresh one: then what is there, to be read.
        if (errno != EPERM) room_fail("mount proc");
        must(mount("/old/proc", "/new/proc", NULL, MS_BIND | MS_REC, NULL), "mount --rbind");
    }
    // Who is root on the machine may write to /proc/sys without any capability.
    restrict_mount("/new/proc", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY);
    must(mkdir("/new/tmp", 0700), "mkdir");
    // The folder would cover what is shown below /tmp.
    if (request->temporary != NULL && strncmp(request->temporary, "/tmp/", 5) != 0) {
        show_at(request->temporary, "/tmp", WRITABLE);
    } else {
        mount_temporary("/new/tmp", OWN_MEMORY);
    }
    show_all(request->readable, READABLE);
    show_all(request->writable, WRITABLE);
    const char *const *covered = request->covered;
    for (const char *const *path = covered; path != NULL && *path != NULL; path++) cover(*path);
    show_all(request->inputs, READABLE);
    show_all(request->folders, WRITABLE);
    for (const char *const *path = covered; path != NULL && *path != NULL; path++) restrict_cover(*path);

    must(chdir(NEW), "chdir");
    // The old one is stacked on "/" now, and goes with everything that is not shown.
    must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", DETACH), "umount2");
    must(chdir("/"), "chdir");
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    must(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof attributes), "mount_setattr");
    // A unit with ProtectHostname= keeps the name that it has.
    if (sethostname("step", 4) < 0 && errno != EPERM) room_fail("sethostname");
}
