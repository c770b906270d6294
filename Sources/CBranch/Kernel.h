// System calls and constants that the headers of Debian 12 (Linux 6.1, glibc 2.36) lack or hide.
#ifndef CBRANCH_KERNEL_H
#define CBRANCH_KERNEL_H

#ifdef __linux__

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The same on x86-64 and aarch64.
#ifndef __NR_open_tree
#define __NR_open_tree 428
#define __NR_move_mount 429
#define __NR_fsopen 430
#define __NR_fsconfig 431
#define __NR_fsmount 432
#define __NR_fspick 433
#endif
#ifndef __NR_pidfd_open
#define __NR_pidfd_open 434
#endif
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_close_range
#define __NR_close_range 436
#endif
#ifndef __NR_openat2
#define __NR_openat2 437
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif
#ifndef __NR_quotactl_fd
#define __NR_quotactl_fd 443
#endif
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif

#define K_OPEN_TREE_CLONE 1u
#define K_OPEN_TREE_CLOEXEC ((unsigned int)O_CLOEXEC)
#define K_AT_RECURSIVE 0x8000u
#define K_MOVE_MOUNT_F_EMPTY_PATH 0x4u
#define K_MOVE_MOUNT_T_EMPTY_PATH 0x40u
#define K_FSOPEN_CLOEXEC 1u
#define K_FSMOUNT_CLOEXEC 1u
#define K_FSCONFIG_SET_FLAG 0u
#define K_FSCONFIG_SET_STRING 1u
#define K_FSCONFIG_CMD_CREATE 6u
#define K_ATTR_RDONLY 0x1ull
#define K_ATTR_NOSUID 0x2ull
#define K_ATTR_NODEV 0x4ull
#define K_ATTR_NOEXEC 0x8ull

struct k_mount_attr {
    uint64_t attr_set, attr_clr, propagation, userns_fd;
};

static inline int k_open_tree(int directory, const char *path, unsigned int flags) {
    return (int)syscall(__NR_open_tree, directory, path, flags);
}
static inline int k_move_mount(int from, const char *source, int to, const char *target, unsigned int flags) {
    return (int)syscall(__NR_move_mount, from, source, to, target, flags);
}
static inline int k_fsopen(const char *type) { return (int)syscall(__NR_fsopen, type, K_FSOPEN_CLOEXEC); }
static inline int k_fsconfig(int context, unsigned int command, const char *key, const void *value, int auxiliary) {
    return (int)syscall(__NR_fsconfig, context, command, key, value, auxiliary);
}
static inline int k_fsmount(int context, uint64_t attributes) {
    return (int)syscall(__NR_fsmount, context, K_FSMOUNT_CLOEXEC, (unsigned int)attributes);
}
static inline int k_mount_setattr(int directory, const char *path, unsigned int flags, uint64_t set) {
    struct k_mount_attr attributes = {.attr_set = set};
    return (int)syscall(__NR_mount_setattr, directory, path, flags, &attributes, sizeof attributes);
}
static inline int k_pivot_root(const char *new_root, const char *old_root) {
    return (int)syscall(SYS_pivot_root, new_root, old_root);
}
static inline int k_pidfd_open(pid_t pid) { return (int)syscall(__NR_pidfd_open, pid, 0); }
static inline int k_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, (void *)0, 0);
}
static inline int k_close_range(unsigned int first, unsigned int last, unsigned int flags) {
    return (int)syscall(__NR_close_range, first, last, flags);
}
#define K_CLOSE_RANGE_CLOEXEC 4u

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#define K_CLONE_PIDFD 0x1000ull
#define K_CLONE_INTO_CGROUP 0x200000000ull

struct k_clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
} __attribute__((aligned(8)));

struct k_open_how {
    uint64_t flags, mode, resolve;
};
static inline int k_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct k_open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    return (int)syscall(__NR_openat2, directory, path, &how, sizeof how);
}
#define K_RESOLVE_NO_MAGICLINKS 0x02ull
#define K_RESOLVE_NO_SYMLINKS 0x04ull
#define K_RESOLVE_BENEATH 0x08ull

#define K_STATX_ATTR_MOUNT_ROOT 0x2000u

#define K_SECCOMP_SET_MODE_FILTER 1u
#define K_SECCOMP_FILTER_FLAG_NEW_LISTENER (1ul << 3)
#define K_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1ul << 5)

#endif
#endif
