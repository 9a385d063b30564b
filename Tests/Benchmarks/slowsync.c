// Each sync takes 10 ms longer (LD_PRELOAD), as on a disk that is slow or busy.

#include <dlfcn.h>
#include <unistd.h>

static int late(const char *name, int descriptor) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = sync(descriptor);
    usleep(10000);
    return result;
}

int fsync(int descriptor) { return late("fsync", descriptor); }
int fdatasync(int descriptor) { return late("fdatasync", descriptor); }
