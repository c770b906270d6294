// Who the host and its commands are: user namespace, capabilities, and why the kernel may have refused.
#ifdef __linux__

#include "Internal.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/// What commands of root keep, as files in a workspace may belong to anybody.
static const int kept_rights[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER};

static uint64_t kept_mask(void) {
    uint64_t mask = 0;
    for (size_t index = 0; index < sizeof kept_rights / sizeof *kept_rights; index++)
        mask |= 1ull << kept_rights[index];
    return mask;
}

static uint64_t effective_rights(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &header, data) != 0) return 0;
    return (uint64_t)data[0].effective | (uint64_t)data[1].effective << 32;
}

static int set_rights(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)effective, .permitted = (uint32_t)permitted, .inheritable = (uint32_t)inheritable},
        {.effective = (uint32_t)(effective >> 32),
         .permitted = (uint32_t)(permitted >> 32),
         .inheritable = (uint32_t)(inheritable >> 32)},
    };
    return (int)syscall(SYS_capset, &header, data);
}

// MARK: - The user namespace

/// The identity map of all ids that this namespace knows, as text for uid_map or gid_map.
static int whole_map(const char *path, char *text, size_t capacity) {
    char current[2048];
    if (read_file(AT_FDCWD, path, current, sizeof current) < 0) return -1;
    size_t length = 0;
    for (char *line = strtok(current, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long inside, outside, count;
        if (sscanf(line, "%lu %lu %lu", &inside, &outside, &count) != 3) continue;
        int added = snprintf(text + length, capacity - length, "%lu %lu %lu\n", inside, inside, count);
        if (added < 0 || (size_t)added >= capacity - length) return -1;
        length += (size_t)added;
    }
    return length > 0 ? 0 : -1;
}

/// Runs in the old namespace: writes the maps of `process` once told to.
static void map_from_outside(pid_t process, int go) __attribute__((noreturn));
static void map_from_outside(pid_t process, int go) {
    char byte, path[64], map[2048];
    if (read(go, &byte, 1) != 1) _exit(1);
    const char *names[] = {"uid_map", "gid_map"};
    for (int index = 0; index < 2; index++) {
        snprintf(path, sizeof path, "/proc/self/%s", names[index]);
        if (whole_map(path, map, sizeof map) != 0) _exit(2);
        snprintf(path, sizeof path, "/proc/%d/%s", process, names[index]);
        if (write_file(AT_FDCWD, path, map) != 0) _exit(errno & 0xff);
    }
    _exit(0);
}

static int enter_user_namespace(const struct identity *identity, struct failure *failure) {
    int go[2] = {-1, -1};
    pid_t mapper = -1;
    if (identity->keeps_rights) {
        pid_t self = getpid();
        if (pipe2(go, O_CLOEXEC) != 0) return fail(failure, "pipe", errno, "no pipe could be made");
        mapper = fork();
        if (mapper < 0) return fail(failure, "fork", errno, "no process could be made");
        if (mapper == 0) {
            close(go[1]);
            map_from_outside(self, go[0]);
        }
        close(go[0]);
    }
    int error = 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        error = errno;
        fail(failure, "user-namespace", error, "the kernel refuses a user namespace: %s", strerror(error));
    }
    if (mapper >= 0) {
        if (error == 0 && write(go[1], "", 1) != 1) error = errno;
        close(go[1]);
        int status;
        while (waitpid(mapper, &status, 0) < 0 && errno == EINTR) {}
        if (error == 0 && status != 0) {
            error = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
            fail(failure, "id-map", error, "the ids of the user namespace cannot be set: %s", strerror(error));
        }
        return error == 0 ? 0 : -1;
    }
    if (error != 0) return -1;
    char map[64];
    if (write_file(AT_FDCWD, "/proc/self/setgroups", "deny") != 0 && errno != ENOENT)
        return fail(failure, "id-map", errno, "/proc/self/setgroups cannot be written: %s", strerror(errno));
    snprintf(map, sizeof map, "%u %u 1\n", identity->uid, identity->uid);
    if (write_file(AT_FDCWD, "/proc/self/uid_map", map) != 0)
        return fail(failure, "id-map", errno, "/proc/self/uid_map cannot be written: %s", strerror(errno));
    snprintf(map, sizeof map, "%u %u 1\n", identity->gid, identity->gid);
    if (write_file(AT_FDCWD, "/proc/self/gid_map", map) != 0)
        return fail(failure, "id-map", errno, "/proc/self/gid_map cannot be written: %s", strerror(errno));
    return 0;
}

/// In a chroot "/" is no mount whose propagation could be changed: goes to the true root of our own mount namespace for
/// it and comes back.
static int make_private_from_chroot(void) {
    int here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), self = k_pidfd_open(getpid());
    int result = here < 0 || self < 0 ? -1 : setns(self, CLONE_NEWNS);
    if (result == 0) {
        result = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
        int error = errno;
        if (fchdir(here) != 0 || chroot(".") != 0) _exit(1);
        errno = error;
    }
    int error = errno;
    if (here >= 0) close(here);
    if (self >= 0) close(self);
    errno = error;
    return result;
}

/// Whether mounts are allowed here: some systems give user namespaces without any right in them.
static int try_mount(struct failure *failure) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0) return 0;
    int error = errno;
    if (error == EINVAL && make_private_from_chroot() == 0) return 0;
    return fail(failure, "mount", error, "the kernel refuses to change mounts: %s", strerror(error));
}

/// Tries in a child what would leave us in a useless namespace.
static bool user_namespace_works(const struct identity *identity) {
    pid_t child = fork();
    if (child == 0) {
        struct failure failure = {0};
        if (enter_user_namespace(identity, &failure) != 0 || try_mount(&failure) != 0) _exit(1);
        _exit(0);
    }
    int status = -1;
    if (child > 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return status == 0;
}

int identity_enter(struct identity *identity, bool without_user_namespace, struct failure *failure) {
    uint64_t rights = effective_rights();
    bool can_mount = rights & 1ull << CAP_SYS_ADMIN;
    identity->uid = geteuid();
    identity->gid = getegid();
    identity->keeps_rights = identity->uid == 0 && (rights & kept_mask()) == kept_mask() &&
                             (rights & 1ull << CAP_SETUID) && (rights & 1ull << CAP_SETGID);
    identity->has_namespace = true;
    if (can_mount && (without_user_namespace || !user_namespace_works(identity))) {
        identity->has_namespace = false;
        if (unshare(CLONE_NEWNS) != 0)
            return fail(failure, "mount-namespace", errno, "the kernel refuses a mount namespace: %s", strerror(errno));
    } else if (enter_user_namespace(identity, failure) != 0) return -1;
    return try_mount(failure);
}

int identity_lock(const struct identity *identity, struct failure *failure) {
    uint64_t kept = identity->keeps_rights ? kept_mask() : 0;
    uint64_t all = effective_rights();
    for (int right = 0; right <= 63; right++) {
        if (kept >> right & 1) continue;
        if (prctl(PR_CAPBSET_DROP, right, 0, 0, 0) != 0) {
            if (errno == EINVAL) break;  // the last one that the kernel knows
            return fail(failure, "capabilities", errno, "the bounding set cannot be reduced: %s", strerror(errno));
        }
    }
    if (set_rights(all, all, kept) != 0)
        return fail(failure, "capabilities", errno, "the capabilities cannot be set: %s", strerror(errno));
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (size_t index = 0; kept != 0 && index < sizeof kept_rights / sizeof *kept_rights; index++)
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept_rights[index], 0, 0) != 0)
            return fail(failure, "capabilities", errno, "rights over files cannot be kept: %s", strerror(errno));
    // No further ones can be raised, and uid 0 means nothing at exec.
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
                         SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0)
        return fail(failure, "capabilities", errno, "the secure bits cannot be set: %s", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(failure, "no-new-privileges", errno, "new privileges cannot be given up: %s", strerror(errno));
    return 0;
}

int identity_drop(const struct identity *identity) {
    uint64_t kept = identity->keeps_rights ? kept_mask() : 0;
    return set_rights(kept, kept, kept);
}

// MARK: - Why it was refused

bool identity_is_in_chroot(void) {
    // Works without /proc.
    struct statx status;
    return statx(AT_FDCWD, "/", AT_NO_AUTOMOUNT, STATX_TYPE, &status) == 0 &&
           (status.stx_attributes_mask & K_STATX_ATTR_MOUNT_ROOT) &&
           !(status.stx_attributes & K_STATX_ATTR_MOUNT_ROOT);
}

static long read_setting(const char *path) {
    char text[32];
    return read_file(AT_FDCWD, path, text, sizeof text) > 0 ? atol(text) : -1;
}

void identity_explain(struct failure *failure) {
    if (failure->remedy[0]) return;
    const char *remedy = NULL;
    char status[4096];
    const char *filtered = NULL;
    if (read_file(AT_FDCWD, "/proc/self/status", status, sizeof status) > 0) filtered = strstr(status, "\nSeccomp:\t2");
    struct stat proc;
    bool namespace_step = strcmp(failure->step, "user-namespace") == 0 || strcmp(failure->step, "id-map") == 0 ||
                          strcmp(failure->step, "mount-namespace") == 0 || strcmp(failure->step, "mount") == 0 ||
                          strcmp(failure->step, "pivot") == 0 || strcmp(failure->step, "layers-in-memory") == 0;
    bool overlay_step = strcmp(failure->step, "overlay") == 0;
    if (namespace_step && identity_is_in_chroot())
        remedy = "This is a chroot, where the kernel gives no user namespaces: run as root with CAP_SYS_ADMIN, or "
                 "outside of the chroot.";
    else if (namespace_step && stat("/proc/self/mountinfo", &proc) != 0)
        remedy = "/proc is not mounted here; mount it.";
    else if (namespace_step && read_setting("/proc/sys/user/max_user_namespaces") == 0)
        remedy = "User namespaces are turned off: set sysctl user.max_user_namespaces to a positive number.";
    else if (namespace_step && read_setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
        remedy = "User namespaces are turned off for ordinary users: set sysctl kernel.unprivileged_userns_clone=1.";
    else if (namespace_step && read_setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 &&
             (failure->error == EPERM || failure->error == EACCES))
        remedy = "AppArmor restricts user namespaces here (as Ubuntu does since 23.10): add a profile for "
                 "forerun-branch with the rule `userns,`, or set sysctl "
                 "kernel.apparmor_restrict_unprivileged_userns=0.";
    else if (namespace_step && failure->error == ENOSPC)
        remedy = "The limit of user namespaces is reached: raise sysctl user.max_user_namespaces.";
    else if (filtered && (failure->error == EPERM || failure->error == ENOSYS))
        remedy = "A seccomp filter, probably of a container, forbids it: start the container with a profile that "
                 "allows user namespaces and mounts (Docker: --security-opt seccomp=unconfined, or --privileged).";
    else if (failure->error == ENOSYS)
        remedy = "The kernel is too old: Linux 5.12 or later is needed.";
    else if (overlay_step && failure->error == ENODEV)
        remedy = "The kernel has no overlay file system: load the module `overlay` (as root: modprobe overlay).";
    else if (overlay_step && failure->error == EPERM)
        remedy = "The kernel allows no overlay mounts in user namespaces: Linux 5.11 or later is needed.";
    else if (namespace_step && failure->error == EPERM)
        remedy = "Something forbids it: a container's or a security module's policy, or a chroot.";
    if (remedy) snprintf(failure->remedy, sizeof failure->remedy, "%s", remedy);
}

#else
typedef int cbranch_nothing_here;
#endif
