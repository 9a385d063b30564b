// A histogram of latencies that is right to 1 %, for the programs beside it.

#include <stdint.h>
#include <time.h>

static uint64_t latencies[64 * 64], latencyCount;

static uint64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// A place for each number below 64, then 64 places for each power of two.
static void addLatency(uint64_t time) {
    int shift = time < 64 ? 0 : 57 - __builtin_clzll(time);
    latencies[(uint64_t)shift * 64 + (time >> shift)]++, latencyCount++;
}

// In microseconds: as many as `part` of all latencies were not above it.
static double latency(double part) {
    uint64_t wanted = (uint64_t)(part * (double)latencyCount), seen = 0;
    for (uint64_t place = 0; place < 64 * 64; place++)
        if (latencies[place] && (seen += latencies[place]) >= wanted)
            return (double)(place < 64 ? place : (place % 64 + 64) << (place / 64 - 1)) / 1e3;
    return 0;
}
