#define _GNU_SOURCE
#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Whoever is watched chooses his name, may end his first thread before the others, and may be nobody's to look into. So a line
// is looked for with the line feed before it, which no name has; the threads are looked at where the first one shows nothing;
// and what cannot be seen is said.

enum { ANYTHING = 16384, FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC, NODES = 256 };

// Of kcmp(2): two threads have the same descriptors.
enum { SAME_FILES = 2 };

static const char *const QUICK[] = {"\nRssAnon:", "\nRssShmem:", "\nVmSwap:", "\nVmPTE:", NULL};
static const char *const EXACT[] = {"\nPss_Anon:", "\nPss_Shmem:", "\nSwapPss:", NULL};

/// What was looked at so far.
struct look {
    struct use use;
    bool exactly;
    bool files;
    /// A process was there that cannot be looked into.
    bool is_hidden;
    /// The process that is looked at, and whether its memory was found.
    int process;
    bool is_found;
    /// The files that were counted last: processes that were forked have the same ones open.
    struct {
        dev_t device;
        ino_t inode;
    } nodes[NODES];
    unsigned node_count;
};

/// Reads a file of a process; false when it cannot be read.
static bool read_text(int process, const char *name, char *text) {
    int file = openat(process, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, text, ANYTHING - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static uint64_t value(const char *text, const char *line) {
    const char *found = strstr(text, line);
    return found == NULL ? 0 : strtoull(found + strlen(line), NULL, 10);
}

static uint64_t bytes(const char *text, const char *const *lines) {
    uint64_t sum = 0;
    for (; *lines != NULL; lines++) sum += value(text, *lines) * 1024;
    return sum;
}

static bool is_counted(struct look *look, const struct stat *status) {
    unsigned known = look->node_count < NODES ? look->node_count : NODES;
    for (unsigned i = 0; i < known; i++) {
        if (look->nodes[i].device == status->st_dev && look->nodes[i].inode == status->st_ino) return true;
    }
    look->nodes[look->node_count % NODES].device = status->st_dev;
    look->nodes[look->node_count++ % NODES].inode = status->st_ino;
    return false;
}

static bool has_memory(const char *status) { return strstr(status, "\nRssAnon:") != NULL; }

/// Takes note of something that may not be looked at: what has ended belongs to nobody, and is not hidden.
static void note_refusal(int thread, struct look *look) {
    static char status[ANYTHING];
    if (errno == EACCES && read_text(thread, "status", status) && has_memory(status)) look->is_hidden = true;
}

static void add_unnamed(int thread, struct look *look) {
    int opened = openat(thread, "fd", FOLDER);
    DIR *directory = opened < 0 ? NULL : fdopendir(opened);
    if (directory == NULL) {
        note_refusal(thread, look);
        if (opened >= 0) close(opened);
        return;
    }
    struct dirent *entry;
    while (!look->is_hidden && look->use.descriptors <= MOST_DESCRIPTORS && (entry = readdir(directory)) != NULL) {
        struct stat status;
        look->use.descriptors++;
        if (fstatat(opened, entry->d_name, &status, 0) < 0) {
            note_refusal(thread, look);
        } else if (S_ISREG(status.st_mode) && status.st_nlink == 0 && !is_counted(look, &status)) {
            look->use.unnamed += (uint64_t)status.st_blocks * 512;
        }
    }
    closedir(directory);
}

/// Adds a process's memory as one of its threads shows it; false when that has ended and shows nothing.
static bool add_memory(int thread, const char *status, struct look *look) {
    static char text[ANYTHING];
    if (!has_memory(status)) return false;
    if (look->exactly && read_text(thread, "smaps_rollup", text)) {
        look->use.memory += bytes(text, EXACT) + value(status, "\nVmPTE:") * 1024;
    } else {
        look->use.memory += bytes(status, QUICK);
    }
    return true;
}

static void for_each(int folder, struct look *look, void (*act)(int entry, int number, struct look *look)) {
    DIR *directory = fdopendir(folder);
    if (directory == NULL) {
        look->is_hidden = true;
        close(folder);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || strcmp(entry->d_name, "1") == 0) continue;
        int opened = openat(folder, entry->d_name, FOLDER);
        if (opened < 0) {
            // Whoever has ended meanwhile is not hidden.
            if (errno != ENOENT && errno != ESRCH) look->is_hidden = true;
            continue;
        }
        act(opened, atoi(entry->d_name), look);
        close(opened);
    }
    closedir(directory);
}

static void add_thread(int thread, int number, struct look *look) {
    static char status[ANYTHING];
    if (!look->is_found && read_text(thread, "status", status)) look->is_found = add_memory(thread, status, look);
    if (!look->files) return;
    bool is_first = number == look->process;
    if (is_first || syscall(SYS_kcmp, look->process, number, SAME_FILES, 0, 0) != 0) add_unnamed(thread, look);
}

static void add_process(int process, int number, struct look *look) {
    static char status[ANYTHING];
    if (!read_text(process, "status", status)) return;
    look->use.threads += value(status, "\nThreads:");
    look->process = number;
    look->is_found = add_memory(process, status, look);
    if (look->is_found && !look->files) return;
    int threads = openat(process, "task", FOLDER);
    if (threads >= 0) for_each(threads, look, add_thread);
}

static bool run(struct look *look) {
    int processes = open("/proc", FOLDER);
    if (processes < 0) return false;
    for_each(processes, look, add_process);
    return !look->is_hidden;
}

bool look_at_all(struct use *use, bool files) {
    static struct look look;
    memset(&look, 0, sizeof look);
    look.files = files;
    bool is_seen = run(&look);
    *use = look.use;
    return is_seen;
}

uint64_t memory_of_all(void) {
    static struct look look;
    memset(&look, 0, sizeof look);
    look.exactly = true;
    run(&look);
    return look.use.memory;
}
