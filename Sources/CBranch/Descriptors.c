#ifdef __linux__
#define _GNU_SOURCE
#include "CBranchDescriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

int cbranch_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    // The flag belongs to this end alone: the command that writes expects an ordinary pipe.
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) return 0;
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    errno = error;
    return -1;
}

int cbranch_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cbranch_raise(int event) { eventfd_write(event, 1); }

void cbranch_lower(int event) {
    eventfd_t count;
    eventfd_read(event, &count);
}
#endif
