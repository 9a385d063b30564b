// Readers of many event streams, and one client that causes the events: when does each of them arrive?
//
//     streams PORT STREAMS CHANNELS SUBSCRIBE OPENED [EVENTS RATE ADDRESS PUBLISH EXPECTED]
//
// Opens STREAMS connections to a port of 127.0.0.1 and sends SUBSCRIBE on each; a stream is open when OPENED has come on it.
// Without EVENTS it says "open", and keeps them until its standard input ends. Otherwise it sends PUBLISH that often, to the
// channels in turn, over a connection to ADDRESS (a port, or the path of a Unix socket), which answers each with EXPECTED.
// RATE is how many it sends a second; with 0 the next one goes when every stream of the channel has had the last one.
//
// {m....} becomes the number of a channel, from 1, and {n........} the number of an event. An event has arrived on a stream
// when "event-" and the eight digits of its number have come, or those of a later event of the same channel.
//
// Prints one line of JSON: requests (arrivals), errors (arrivals that did not come), seconds, and latencies in microseconds,
// from the sending of PUBLISH to the arrival.

#include <poll.h>
#include <sys/epoll.h>

#include "client.h"
#include "latency.h"

enum { markLength = 14, patience = 120000, openingAtOnce = 200, maximumTail = 32 };

struct stream {
    int descriptor, isOpen;
    uint64_t last;
    size_t tail;
    char kept[maximumTail];
};

static struct stream *streams, publisher;
static uint64_t *began, published, arrived, replies, ends, finalArrivals;
static uint64_t streamCount, channelCount, opened, waiting, now;
static int epoll;
static const char *openedBy, *expected = "";

static uint64_t channelOf(uint64_t stream) { return stream % channelCount + 1; }
static uint64_t streamsOf(uint64_t channel) { return streamCount / channelCount + (channel - 1 < streamCount % channelCount); }

static void arrive(struct stream *stream, uint64_t number) {
    // What came before anything was sent is the state that a stream begins with.
    if (number <= stream->last || number > published) return;
    stream->last = number;
    addLatency(now - began[number]), arrived++;
    if (number == published && waiting > 0) waiting--;
    if (number + channelCount > ends) finalArrivals++;
}

// Looks through what has come on a stream, with the end of what came before.
static void look(struct stream *stream, char *bytes, size_t count) {
    char *end = bytes + count;
    if (stream == &publisher) {
        for (char *at = bytes; (at = memmem(at, (size_t)(end - at), expected, strlen(expected))); at++) replies++;
        stream->tail = strlen(expected) - 1;
    } else if (!stream->isOpen) {
        if ((stream->isOpen = memmem(bytes, count, openedBy, strlen(openedBy)) != NULL)) opened++;
        stream->tail = stream->isOpen ? 0 : strlen(openedBy) - 1;
    } else {
        for (char *at = bytes; (at = memmem(at, (size_t)(end - at), "event-", 6)) && at + markLength <= end; at++)
            arrive(stream, strtoull(at + 6, NULL, 10));
        stream->tail = markLength - 1;
    }
    if (stream->tail > count) stream->tail = count;
    memcpy(stream->kept, end - stream->tail, stream->tail);
}

static void receive(int milliseconds) {
    static char buffer[(1 << 16) + 1];
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, milliseconds);
    for (int each = 0; each < ready; each++) {
        struct stream *stream = events[each].data.ptr;
        memcpy(buffer, stream->kept, stream->tail);
        ssize_t got = recv(stream->descriptor, buffer + stream->tail, sizeof buffer - 1 - stream->tail, 0);
        if (got <= 0) fail("a connection was closed");
        now = nanoseconds();
        size_t count = stream->tail + (size_t)got;
        buffer[count] = 0;
        look(stream, buffer, count);
    }
}

static void add(struct stream *stream, const char *address) {
    stream->descriptor = connectTo(address);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = stream };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, stream->descriptor, &event)) fail("epoll");
}

static void waitFor(uint64_t *count, uint64_t wanted) {
    uint64_t last = nanoseconds(), before = *count + replies;
    while (*count < wanted) {
        receive(1000);
        if (*count + replies != before) before = *count + replies, last = nanoseconds();
        else if (nanoseconds() - last > (uint64_t)patience * 1000000) fail("nothing has come for two minutes");
    }
}

int main(int count, char **words) {
    if (count != 6 && count != 11) return fprintf(stderr, "streams: see the head of streams.c\n"), 2;
    openedBy = words[5];
    if (count > 6) expected = words[10];
    streamCount = strtoull(words[2], NULL, 10), channelCount = strtoull(words[3], NULL, 10);
    if (strlen(openedBy) > maximumTail || strlen(expected) > maximumTail || !channelCount) fail("the arguments");
    static struct request subscribe, publish;
    readTemplate(&subscribe, words[4]);
    epoll = epoll_create1(0);
    streams = calloc(streamCount, sizeof *streams);
    if (!streams) fail("memory");
    for (uint64_t index = 0; index < streamCount; index++) {
        add(&streams[index], words[1]);
        fillHoles(&subscribe, index + 1, channelOf(index));
        sendAll(streams[index].descriptor, subscribe.text, subscribe.length);
        if (index + 1 > openingAtOnce) waitFor(&opened, index + 1 - openingAtOnce);
    }
    waitFor(&opened, streamCount);
    if (count == 6) {
        puts("open");
        fflush(stdout);
        struct pollfd ends[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = epoll, .events = POLLIN } };
        while (poll(ends, 2, -1) > 0 && !ends[0].revents) receive(0);
        return 0;
    }

    uint64_t events = strtoull(words[6], NULL, 10), wanted = 0;
    double rate = atof(words[7]);
    readTemplate(&publish, words[9]);
    add(&publisher, words[8]);
    began = calloc(events + 1, sizeof *began);
    if (!began) fail("memory");
    ends = events;
    uint64_t start = nanoseconds();
    while (published < events) {
        uint64_t number = published + 1, channel = channelOf(number - 1);
        if (rate > 0) {
            for (uint64_t due = start + (uint64_t)((double)published / rate * 1e9), time; (time = nanoseconds()) < due;)
                receive((int)((due - time + 999999) / 1000000));
        }
        fillHoles(&publish, number, channel);
        began[number] = nanoseconds(), published = number, waiting = streamsOf(channel), wanted += waiting;
        sendAll(publisher.descriptor, publish.text, publish.length);
        uint64_t all = arrived + waiting;
        if (rate == 0) waitFor(&arrived, all), waitFor(&replies, number);
    }
    // The last event of each channel reaches every stream of it; one before that may have been skipped.
    uint64_t finals = 0;
    for (uint64_t channel = 1; channel <= channelCount && channel <= events; channel++) finals += streamsOf(channel);
    waitFor(&finalArrivals, finals);
    waitFor(&replies, events);
    printf("{\"requests\": %llu, \"errors\": %llu, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f}\n",
        (unsigned long long)arrived, (unsigned long long)(wanted - arrived), (double)(now - start) / 1e9, latency(0.5),
        latency(0.99));
}
