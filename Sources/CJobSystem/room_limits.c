#define _GNU_SOURCE
#include "room_parts.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

void room_drop_capabilities(void) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        must(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "capbset");
    }
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    must(syscall(SYS_capset, &header, none), "capset");
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

void room_limit(int resource, uint64_t value) {
    struct rlimit limit = {value, value};
    // At the hard limit the kernel kills; a second below it SIGXCPU tells why.
    if (resource == RLIMIT_CPU && limit.rlim_max < RLIM_INFINITY - 1) limit.rlim_max++;
    must(setrlimit(resource, &limit), "setrlimit");
}

// Descriptors of a process, and those that are under way in sockets: the kernel counts these for each user, and the daemon,
// which is the same user, may have more of them.
enum { DESCRIPTORS = 4096 };

void room_limit_descriptors(void) {
    struct rlimit present;
    must(getrlimit(RLIMIT_NOFILE, &present), "getrlimit");
    if (present.rlim_max > DESCRIPTORS) room_limit(RLIMIT_NOFILE, DESCRIPTORS);
}
