#define _GNU_SOURCE
#include "room_parts.h"

#include <sys/syscall.h>

// Of <linux/landlock.h>, which Debian 12 has without scopes (Landlock ABI 6, Linux 6.12): landlock_create_ruleset(2).
struct ruleset {
    uint64_t files, ports, scoped;
};
enum { RULESET_VERSION = 1, SCOPES_ABI = 6, SCOPE_ABSTRACT_SOCKETS = 1, SCOPE_SIGNALS = 2 };

bool room_has_scopes(void) {
    return syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION) >= SCOPES_ABI;
}

void room_enter_scope(void) {
    if (!room_has_scopes()) return;
    struct ruleset attributes = {.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    must(rules, "landlock_create_ruleset");
    must(syscall(SYS_landlock_restrict_self, rules, 0), "landlock_restrict_self");
    close(rules);
}
