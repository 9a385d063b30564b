#define _GNU_SOURCE
#include "room.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "watch.h"

// <sys/mount.h> and <linux/mount.h> do not go together before glibc 2.37.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
enum { DETACH = 2 };

// Where the room's first process tells what happened.
static int teller;

static void tell(struct room_report *report) {
    ssize_t result;
    do result = write(teller, report, sizeof *report);
    while (result < 0 && errno == EINTR);
}

static void fail(const char *call) {
    struct room_report report = {.error = errno};
    snprintf(report.call, sizeof report.call, "%s", call);
    tell(&report);
    _exit(127);
}

static void must(long result, const char *call) {
    if (result < 0) fail(call);
}

// MARK: Namespaces

static int put_at(int folder, const char *path, const char *text) {
    int file = openat(folder, path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t result = write(file, text, strlen(text));
    int error = errno;
    close(file);
    errno = error;
    return result < 0 ? -1 : 0;
}

static int put(const char *path, const char *text) { return put_at(AT_FDCWD, path, text); }

/// This user and group keep their numbers in a new user namespace, and nobody else has one.
static const char *map_ids(uid_t user, gid_t group) {
    char text[64];
    if (put("/proc/self/setgroups", "deny") < 0) return "setgroups";
    snprintf(text, sizeof text, "%u %u 1", user, user);
    if (put("/proc/self/uid_map", text) < 0) return "uid_map";
    snprintf(text, sizeof text, "%u %u 1", group, group);
    if (put("/proc/self/gid_map", text) < 0) return "gid_map";
    return NULL;
}

// MARK: Scopes

// Of <linux/landlock.h>, which Debian 12 has without scopes (Landlock ABI 6, Linux 6.12): landlock_create_ruleset(2).
struct ruleset {
    uint64_t files, ports, scoped;
};
enum { RULESET_VERSION = 1, SCOPES_ABI = 6, SCOPE_ABSTRACT_SOCKETS = 1, SCOPE_SIGNALS = 2 };

/// Whether the kernel keeps processes from abstract Unix sockets, which have no path that could be hidden.
static bool has_scopes(void) {
    return syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION) >= SCOPES_ABI;
}

/// Lets the command connect to no abstract socket and signal no process but those of what it has started.
static void enter_scope(void) {
    if (!has_scopes()) return;
    struct ruleset attributes = {.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    must(rules, "landlock_create_ruleset");
    must(syscall(SYS_landlock_restrict_self, rules, 0), "landlock_restrict_self");
    close(rules);
}

int leave_network(void) {
    if (!has_scopes()) {
        errno = EOPNOTSUPP;
        return -1;
    }
    uid_t user = geteuid();
    gid_t group = getegid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) return -1;
    return map_ids(user, group) == NULL ? 0 : -1;
}

// MARK: What is in sight

static const char OLD[] = "/old", NEW[] = "/new";

static void restrict_mount(const char *path, uint64_t set) {
    struct mount_attr attributes = {.attr_set = set};
    must(syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof attributes), "mount_setattr");
}

/// Makes the folders above a path, and the path itself when it is to be a folder.
static void make_folders(const char *path, bool itself) {
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(part, 0755);
        *slash = '/';
    }
    if (itself) mkdir(part, 0755);
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
        fail("lstat");
    }
    make_folders(to, S_ISDIR(status.st_mode));
    if (S_ISLNK(status.st_mode)) {
        char text[PATH_MAX];
        ssize_t length = readlink(from, text, sizeof text - 1);
        must(length, "readlink");
        text[length] = '\0';
        if (symlink(text, to) < 0 && errno != EEXIST) fail("symlink");
        return;
    }
    if (!S_ISDIR(status.st_mode) && mknod(to, S_IFREG | 0444, 0) < 0 && errno != EEXIST) fail("mknod");
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
        fail("mount_setattr");
    }
}

static void furnish(const struct room_request *request, uid_t user, gid_t group) {
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
        if (errno != EPERM) fail("mount proc");
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
    if (sethostname("step", 4) < 0 && errno != EPERM) fail("sethostname");
}

// MARK: What may be done

static void drop_capabilities(void) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        must(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "capbset");
    }
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    must(syscall(SYS_capset, &header, none), "capset");
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void limit(int resource, uint64_t value) {
    struct rlimit limit = {value, value};
    // At the hard limit the kernel kills; a second below it SIGXCPU tells why.
    if (resource == RLIMIT_CPU && limit.rlim_max < RLIM_INFINITY - 1) limit.rlim_max++;
    must(setrlimit(resource, &limit), "setrlimit");
}

// Descriptors of a process, and those that are under way in sockets: the kernel counts these for each user, and the daemon,
// which is the same user, may have more of them.
enum { DESCRIPTORS = 4096 };

static void lower_limit(int resource, rlim_t value) {
    struct rlimit present;
    must(getrlimit(resource, &present), "getrlimit");
    if (present.rlim_max > value) limit(resource, value);
}

// MARK: The command

/// Looks whether what is to be out of sight and out of reach is so; fails with what is not.
static void look_around(const char *const *hidden) {
    for (; *hidden != NULL; hidden++) {
        errno = EEXIST;
        if (access(*hidden, F_OK) == 0) fail("hidden path");
    }
    errno = EISCONN;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) fail("socket");
    // The working directory is the run's.
    int file = open("probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) fail("write to the run's folder");
    close(file);
    errno = EISCONN;
    if (open("/usr/.jobd", O_WRONLY | O_CREAT | O_EXCL, 0600) >= 0) fail("write to /usr");
    errno = ESRCH;
    if (getpid() != 2) fail("getpid");
    errno = EPERM;
    if (syscall(SYS_unshare, CLONE_NEWUSER) == 0) fail("unshare");
    _exit(0);
}

// The number that the command's end of the report has until it is executed.
enum { TELLER = 64 };

/// Puts the command behind the daemon, and behind the process that watches it.
///
/// Where the kernel shares the processor among sessions (sched(7), autogroups), how nice a process is counts within its own alone:
/// then the session has to be nice, too. Best effort: it may be said some times in a second.
static void give_way(int machine_proc) {
    must(setsid(), "setsid");
    if (nice(10) < 0) errno = 0;
    // So that its own files of /proc are its; nobody else is in the room yet.
    prctl(PR_SET_DUMPABLE, 1);
    put_at(machine_proc, "self/autogroup", "10");
}

static void run_command(const struct room_request *request, int machine_proc) {
    const struct spawn_request *command = request->command;
    give_way(machine_proc);
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    // Kept for the case that the command cannot be executed.
    if (teller != TELLER) must(dup3(teller, TELLER, O_CLOEXEC), "dup3");
    teller = TELLER;
    if (command->directory != NULL) must(chdir(command->directory), "chdir");
    int copies[16];
    if (command->descriptor_count > 16) {
        errno = EINVAL;
        fail("descriptors");
    }
    for (int i = 0; i < command->descriptor_count; i++) {
        must(copies[i] = fcntl(command->descriptors[i], F_DUPFD_CLOEXEC, TELLER + 1), "fcntl");
    }
    for (int i = 0; i < command->descriptor_count; i++) must(dup2(copies[i], i), "dup2");
    must(syscall(SYS_close_range, command->descriptor_count, TELLER - 1, 0), "close_range");
    must(syscall(SYS_close_range, TELLER + 1, ~0U, 0), "close_range");
    for (int i = 0; i < command->limit_count; i++) {
        limit(command->limits[i].resource, command->limits[i].value);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    enter_scope();
    must(apply_filter(request->network), "seccomp");
    if (request->hidden != NULL) look_around(request->hidden);
    execve(command->path, command->arguments, command->environment);
    fail("execve");
}

// MARK: Watching

/// Whether there is too much of something; says in the report of what. What cannot be seen is too much.
static bool is_over(const struct room_request *request, struct room_report *report, bool files) {
    struct use use;
    bool is_seen = look_at_all(&use, files && request->unnamed_limit != 0);
    report->over_descriptors = use.descriptors > MOST_DESCRIPTORS;
    report->over_processes = request->process_limit != 0 && use.threads > request->process_limit;
    report->over_unnamed = request->unnamed_limit != 0 && (!is_seen || use.unnamed > request->unnamed_limit);
    report->over_memory = request->memory_limit != 0 && use.memory > request->memory_limit;
    // Pages that several have were counted for each.
    if (report->over_memory) {
        uint64_t exact = memory_of_all();
        report->over_memory = exact == 0 || exact > request->memory_limit;
    }
    return report->over_memory || report->over_processes || report->over_descriptors || report->over_unnamed || !is_seen;
}

// Files are looked at with every tenth look.
enum { LOOK_INTERVAL_MS = 100, LOOKS_AT_FILES = 10 };

static int64_t milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/// The room's first process, once the command runs; with its end the kernel ends everything in the room.
static void look_after(const struct room_request *request, pid_t command, int control, int children) {
    struct room_report report = {0};
    int64_t next_look = milliseconds() + LOOK_INTERVAL_MS;
    unsigned looks = 0;
    for (;;) {
        int status;
        struct rusage usage;
        pid_t ended;
        while ((ended = wait4(-1, &status, WNOHANG, &usage)) > 0) {
            if (ended != command) continue;
            report.status = status;
            report.peak_kilobytes = usage.ru_maxrss;
            tell(&report);
            _exit(0);
        }
        struct pollfd polls[] = {{control, POLLIN, 0}, {children, POLLIN, 0}};
        int count = poll(polls, 2, LOOK_INTERVAL_MS);
        // By the clock: processes that keep ending would put off a look that only comes when nothing happens.
        if (milliseconds() >= next_look) {
            if (is_over(request, &report, ++looks % LOOKS_AT_FILES == 0)) {
                report.status = SIGKILL;
                tell(&report);
                _exit(0);
            }
            next_look = milliseconds() + LOOK_INTERVAL_MS;
        }
        if (count > 0 && polls[0].revents != 0) {
            char byte;
            // Nobody is left who could ask for anything.
            if (read(control, &byte, 1) <= 0) _exit(0);
            kill(-1, SIGTERM);
        }
        if (count > 0 && polls[1].revents != 0) {
            struct signalfd_siginfo drop[8];
            if (read(children, drop, sizeof drop) < 0) continue;
        }
    }
}

static void live(const struct room_request *request, uid_t user, gid_t group, int control) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Its own files of /proc belong to root otherwise.
    prctl(PR_SET_DUMPABLE, 1);
    const char *failed = map_ids(user, group);
    if (failed != NULL) fail(failed);
    // Its root is the group in which this process is by now.
    must(unshare(CLONE_NEWCGROUP), "unshare");
    // Whoever needs memory most takes it from a step first; it may be above already.
    put("/proc/self/oom_score_adj", "500");
    // The room's own can be read only.
    int machine_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    furnish(request, user, group);
    drop_capabilities();
    limit(RLIMIT_CORE, 0);
    if (request->process_limit != 0) limit(RLIMIT_NPROC, request->process_limit + 1);
    lower_limit(RLIMIT_NOFILE, DESCRIPTORS);
    // The command must not look into this process.
    must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable");

    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    must(sigprocmask(SIG_SETMASK, &child, NULL), "sigprocmask");
    signal(SIGCHLD, SIG_DFL);
    int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    must(children, "signalfd");
    pid_t command = fork();
    must(command, "fork");
    if (command == 0) run_command(request, machine_proc);
    close(machine_proc);
    // Only the command holds its output now, so that its end is seen.
    for (int i = 0; i < request->command->descriptor_count; i++) {
        int descriptor = request->command->descriptors[i];
        if (descriptor != control && descriptor != teller) close(descriptor);
    }
    look_after(request, command, control, children);
}

pid_t start_room(const struct room_request *request, int control, int report) {
    uid_t user = geteuid();
    gid_t group = getegid();
    unsigned long flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
    if (!request->network && !request->maker_has_empty_network) flags |= CLONE_NEWNET;
    pid_t child = -1;
    if (request->group >= 0) {
        // To move it there afterwards takes some 10 ms, for which the kernel stops every fork.
        struct clone_args arguments = {
            .flags = flags | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)request->group};
        child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    }
    // A filter cannot see the flags of clone3, and many answer ENOSYS for it.
    if (child < 0) child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child != 0) return child;
    teller = report;
    live(request, user, group, control);
    _exit(127);
}
