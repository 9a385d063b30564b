// A step that says when it has started, on the clock that does not jump.

#include <stdio.h>
#include <time.h>

int main(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    printf("::result startedAt=%lld\n", (long long)time.tv_sec * 1000000000 + time.tv_nsec);
    return 0;
}
