#define _GNU_SOURCE
#include "CCurl.h"
#include <time.h>

void ccurl_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int ccurl_join(pthread_t thread, int seconds) {
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += seconds;
    return pthread_timedjoin_np(thread, NULL, &limit);
}
