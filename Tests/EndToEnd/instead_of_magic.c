// Loaded into `jobd type-exec` by LD_PRELOAD, in the place of libmagic: what a file could have it do that has taken it over.
//
// The file's content says what. The answer is a media type like any other: "attack/" and the errno of each call.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char text[256];

static void say(const char *what, long result) {
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "%s.%d_", what, result < 0 ? errno : 0);
}

static const char *attack(void) {
    strcpy(text, "attack/");
    say("open", open("/etc/passwd", O_RDONLY));
    say("stat", access("/etc", F_OK));
    say("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    say("fork", fork());
    say("execve", execl("/bin/true", "true", NULL));
    say("kill", kill(getppid(), 0));
    say("trace", prctl(PR_SET_DUMPABLE, 1));
    say("write", pwrite(0, "x", 1, 0));
    say("truncate", ftruncate(0, 0));
    say("map", mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0) == MAP_FAILED ? -1 : 0);
    say("code", mmap(NULL, 1, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    say("other", write(2, "x", 1));
    say("memory", mmap(NULL, 1L << 30, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    return text;
}

const char *magic_buffer(void *tables, const char *content, size_t length) {
    (void)tables;
    if (length >= 6 && memcmp(content, "attack", 6) == 0) return attack();
    if (length >= 5 && memcmp(content, "abort", 5) == 0) abort();
    if (length >= 4 && memcmp(content, "loop", 4) == 0) for (volatile int on = 0;; on++) {}
    if (length >= 3 && memcmp(content, "lie", 3) == 0) return "text/plain\nand more";
    return "text/plain";
}
