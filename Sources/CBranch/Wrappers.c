// The system calls that Swift cannot make by itself.
#ifdef __linux__

#include "Internal.h"
#include "Kernel.h"
#include "include/CBranch.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

int cbranch_openat(int directory, const char *path, int flags, mode_t mode, uint64_t resolve) {
    // openat2 refuses a mode that open would ignore.
    bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return k_openat2(directory, path, (uint64_t)(unsigned int)flags, makes ? mode & 07777 : 0, resolve);
}

int cbranch_renameat(int from, const char *source, int to, const char *target, unsigned int flags) {
    return (int)syscall(SYS_renameat2, from, source, to, target, flags);
}

int cbranch_make_whiteout(int directory, const char *path) {
    return mknodat(directory, path, S_IFCHR, makedev(0, 0));
}

int cbranch_is_whiteout(mode_t mode, dev_t device) { return S_ISCHR(mode) && device == makedev(0, 0); }

int cbranch_set_opaque(int directory) { return fsetxattr(directory, "user.overlay.opaque", "y", 1, 0); }

int cbranch_is_opaque(int directory) {
    char value = 0;
    ssize_t length = fgetxattr(directory, "user.overlay.opaque", &value, 1);
    if (length < 0) return errno == ENODATA || errno == ENOTSUP ? 0 : -1;
    return length == 1 && value == 'y';
}

/// A path through which the l*xattr calls reach a name in a directory; -1 and errno where it would be too long.
static int attribute_path(int directory, const char *path, char *buffer, size_t capacity) {
    int length = directory == AT_FDCWD || path[0] == '/'
                     ? snprintf(buffer, capacity, "%s", path)
                     : snprintf(buffer, capacity, "/proc/self/fd/%d/%s", directory, path);
    if (length >= 0 && (size_t)length < capacity) return 0;
    errno = ENAMETOOLONG;
    return -1;
}

ssize_t cbranch_get_attribute(int directory, const char *path, const char *name, void *value, size_t capacity) {
    char full[4200];
    if (attribute_path(directory, path, full, sizeof full) != 0) return -1;
    return lgetxattr(full, name, value, capacity);
}

int cbranch_set_attribute(int directory, const char *path, const char *name, const void *value, size_t length) {
    char full[4200];
    if (attribute_path(directory, path, full, sizeof full) != 0) return -1;
    return lsetxattr(full, name, value, length, 0);
}

int cbranch_remove_attribute(int directory, const char *path, const char *name) {
    char full[4200];
    if (attribute_path(directory, path, full, sizeof full) != 0) return -1;
    return lremovexattr(full, name);
}

ssize_t cbranch_list_attributes(int directory, const char *path, char *names, size_t capacity) {
    char full[4200];
    if (attribute_path(directory, path, full, sizeof full) != 0) return -1;
    return llistxattr(full, names, capacity);
}

int cbranch_send(int socket, const void *bytes, size_t length, const int *descriptors, int count) {
    if (count < 0 || count > 8) {
        errno = EINVAL;
        return -1;
    }
    char control[CMSG_SPACE(8 * sizeof(int))] __attribute__((aligned(8)));
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        memset(control, 0, sizeof control);
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, (size_t)count * sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

ssize_t cbranch_receive(int socket, void *bytes, size_t capacity, int *descriptors, int *count) {
    char control[CMSG_SPACE(8 * sizeof(int))] __attribute__((aligned(8)));
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length;
    do length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    if (length < 0) return -1;
    int limit = count ? *count : 0, found = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t total = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < total; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof descriptor);
            if (found < limit) descriptors[found++] = descriptor;
            else close(descriptor);
        }
    }
    if (count) *count = found;
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (int index = 0; index < found; index++) close(descriptors[index]);
        if (count) *count = 0;
        errno = EMSGSIZE;
        return -1;
    }
    return length;
}

int cbranch_wait_pidfd(int pidfd, int milliseconds) {
    struct pollfd entry = {.fd = pidfd, .events = POLLIN};
    int result;
    do result = poll(&entry, 1, milliseconds);
    while (result < 0 && errno == EINTR);
    return result;
}

int cbranch_signal_pidfd(int pidfd, int signal) { return k_pidfd_send_signal(pidfd, signal); }

int cbranch_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int cbranch_delete_tree(int directory, const char *path) {
    errno = 0;
    if (delete_tree(directory, path) == 0) return 0;
    // What is left says why.
    if (unlinkat(directory, path, AT_REMOVEDIR) == 0) return 0;
    return -1;
}

#else
typedef int cbranch_nothing_here;
#endif
