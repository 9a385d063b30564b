#define _GNU_SOURCE
#include "events.h"

#include <stdint.h>
#include <sys/epoll.h>

static const uint32_t EVENTS[] = {
    [EVENT_WHILE_READABLE] = EPOLLIN,
    [EVENT_TO_ONE] = EPOLLIN | EPOLLEXCLUSIVE,
    [EVENT_ONCE] = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
    [EVENT_EACH] = EPOLLIN | EPOLLRDHUP | EPOLLET,
};

int event_set(void) { return epoll_create1(EPOLL_CLOEXEC); }

int event_add(int set, int descriptor, enum event_mode mode) {
    struct epoll_event event = {.events = EVENTS[mode], .data.fd = descriptor};
    // One that comes back is in the set already.
    if (epoll_ctl(set, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}

int event_remove(int set, int descriptor) { return epoll_ctl(set, EPOLL_CTL_DEL, descriptor, (struct epoll_event *)0); }

int event_wait(int set, int *descriptors, int limit, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(set, events, limit < 64 ? limit : 64, milliseconds);
    for (int index = 0; index < count; index++) descriptors[index] = events[index].data.fd;
    return count;
}
