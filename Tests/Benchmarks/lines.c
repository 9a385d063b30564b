// Load for servers that answer line by line (jobd's control socket, Redis, beanstalkd): the same client for all of them.
//
//     lines ADDRESS CONNECTIONS PIPELINED SECONDS COUNT FRAMING EXPECTED REQUEST
//
// ADDRESS is the path of a Unix socket or a port of 127.0.0.1. Every connection keeps PIPELINED requests open, and sends the
// next when a reply has come. It ends after SECONDS, or after COUNT requests if that is not 0, and then waits for the replies
// that are left. FRAMING is "line", or "bulk" for Redis's "$LENGTH" replies. A reply whose first 64 bytes lack EXPECTED counts
// as an error. In REQUEST, \r and \n are what they are in C, {n........} becomes a number that counts up, and {m........} one of
// the first M that --keys M names, at random, with as many digits as the hole is long.
//
// Prints one line of JSON: requests, errors, seconds, and latencies in microseconds.

#include <sys/epoll.h>

#include "client.h"
#include "latency.h"

enum { maximumReply = 1 << 20, maximumPipelined = 1024 };

struct connection {
    int descriptor, open, first;           // `open` requests, the oldest in began[first]
    uint64_t began[maximumPipelined];
    size_t filled;
    char reply[maximumReply];
};

static struct request request;
static uint64_t keys = 1, dice = 88172645463325252ULL;

static uint64_t randomKey(void) {
    dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
    return dice % keys + 1;
}

// The length of the first reply in the bytes, 0 while it is not complete.
static size_t replyLength(const char *bytes, size_t count, int isBulk) {
    const char *end = memchr(bytes, '\n', count);
    if (!end) return 0;
    size_t head = (size_t)(end - bytes) + 1;
    if (!isBulk || bytes[0] != '$' || bytes[1] == '-') return head;
    size_t whole = head + strtoul(bytes + 1, NULL, 10) + 2;
    return whole <= count ? whole : 0;
}

int main(int count, char **words) {
    if (count == 11 && !strcmp(words[9], "--keys")) keys = strtoull(words[10], NULL, 10);
    else if (count != 9) return fprintf(stderr, "lines: see the head of lines.c\n"), 2;
    int connections = atoi(words[2]), pipelined = atoi(words[3]), isBulk = !strcmp(words[6], "bulk");
    double seconds = atof(words[4]);
    uint64_t limit = strtoull(words[5], NULL, 10);
    const char *expected = words[7];
    if (pipelined < 1 || pipelined > maximumPipelined || connections < 1) fail("the number of connections or requests");
    readTemplate(&request, words[8]);

    int poll = epoll_create1(0);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    char *output = malloc(maximumRequest * maximumPipelined);
    if (!all || !output) fail("memory");
    for (int index = 0; index < connections; index++) {
        all[index].descriptor = connectTo(words[1]);
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &all[index] };
        if (epoll_ctl(poll, EPOLL_CTL_ADD, all[index].descriptor, &event)) fail("epoll");
    }
    uint64_t sent = 0, done = 0, errors = 0, began = nanoseconds(), now = began, last = began;
    uint64_t end = seconds > 0 ? began + (uint64_t)(seconds * 1e9) : UINT64_MAX;
    for (int index = -connections; sent > done || index < 0; index++) {
        struct epoll_event events[64];
        int ready = 1;
        if (index < 0) events[0].data.ptr = &all[index + connections];
        else if ((ready = epoll_wait(poll, events, 64, 120000)) < 1) fail("no reply in two minutes");
        for (int each = 0; each < ready; each++) {
            struct connection *one = events[each].data.ptr;
            if (index >= 0) {
                ssize_t got = recv(one->descriptor, one->reply + one->filled, sizeof one->reply - one->filled, 0);
                if (got <= 0) fail("the server closed a connection");
                one->filled += (size_t)got;
                now = last = nanoseconds();
                size_t used = 0;
                for (size_t length; (length = replyLength(one->reply + used, one->filled - used, isBulk)); used += length) {
                    size_t looked = length < 64 ? length : 64;
                    if (!memmem(one->reply + used, looked, expected, strlen(expected)) && errors++ == 0)
                        fprintf(stderr, "lines: unexpected: %.*s\n", (int)length, one->reply + used);
                    addLatency(now - one->began[one->first]);
                    one->first = (one->first + 1) % pipelined, one->open--, done++;
                }
                memmove(one->reply, one->reply + used, one->filled -= used);
            }
            size_t length = 0;
            for (; one->open < pipelined && now < end && !(limit && sent >= limit); sent++) {
                fillHoles(&request, sent + 1, randomKey());
                memcpy(output + length, request.text, request.length), length += request.length;
                one->began[(one->first + one->open++) % pipelined] = now = nanoseconds();
            }
            sendAll(one->descriptor, output, length);
        }
    }
    printf("{\"requests\": %llu, \"errors\": %llu, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f}\n",
        (unsigned long long)done, (unsigned long long)errors, (double)(last - began) / 1e9, latency(0.5), latency(0.99));
    return errors > 0;
}
