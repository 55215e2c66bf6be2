/* A disk with an honest flush, for a machine whose own is too quick to show what waits for it:
 * loaded into the server, it makes every flush take so many microseconds longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*flush)(int);

static void wait_for_the_platter(void) {
    const char *microseconds = getenv("BENCH_FLUSH_MICROSECONDS");
    long nanoseconds = (microseconds ? atol(microseconds) : 2000) * 1000L;
    struct timespec pause = {nanoseconds / 1000000000L, nanoseconds % 1000000000L};
    nanosleep(&pause, NULL);
}

int fdatasync(int file) {
    static flush really;
    if (!really) really = (flush)dlsym(RTLD_NEXT, "fdatasync");
    wait_for_the_platter();
    return really(file);
}

int fsync(int file) {
    static flush really;
    if (!really) really = (flush)dlsym(RTLD_NEXT, "fsync");
    wait_for_the_platter();
    return really(file);
}
