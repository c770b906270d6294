// Landlock as a belt: whatever the mounts let through, only these directories can be written to.
#ifdef __linux__

#include "Internal.h"

// What the headers of Linux 6.1 know, and what came after it.
enum {
    MAY_EXECUTE = 1 << 0,
    MAY_WRITE_FILE = 1 << 1,
    MAY_REMOVE_DIR = 1 << 4,
    MAY_REMOVE_FILE = 1 << 5,
    MAY_MAKE_CHAR = 1 << 6,
    MAY_MAKE_DIR = 1 << 7,
    MAY_MAKE_REG = 1 << 8,
    MAY_MAKE_SOCK = 1 << 9,
    MAY_MAKE_FIFO = 1 << 10,
    MAY_MAKE_BLOCK = 1 << 11,
    MAY_MAKE_SYM = 1 << 12,
    MAY_REFER = 1 << 13,      // ABI 2
    MAY_TRUNCATE = 1 << 14,   // ABI 3
    MAY_IOCTL_DEV = 1 << 15,  // ABI 5
};

struct ruleset_attributes {
    uint64_t file_system, network, scopes;
};

struct path_attributes {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int landlock_version(void) {
    long version = syscall(__NR_landlock_create_ruleset, NULL, 0, 1u);
    return version < 0 ? 0 : (int)version;
}

static int add(int ruleset, int directory, uint64_t allowed) {
    struct path_attributes attributes = {.allowed = allowed, .parent = directory};
    return (int)syscall(__NR_landlock_add_rule, ruleset, 1, &attributes, 0);
}

int landlock_rules(int version, const int *writable, int count, int devices, bool denies_tcp) {
    uint64_t handled = MAY_WRITE_FILE | MAY_REMOVE_DIR | MAY_REMOVE_FILE | MAY_MAKE_CHAR | MAY_MAKE_DIR | MAY_MAKE_REG |
                       MAY_MAKE_SOCK | MAY_MAKE_FIFO | MAY_MAKE_BLOCK | MAY_MAKE_SYM;
    if (version >= 2) handled |= MAY_REFER;
    if (version >= 3) handled |= MAY_TRUNCATE;
    if (version >= 5) handled |= MAY_IOCTL_DEV;
    struct ruleset_attributes attributes = {.file_system = handled};
    size_t size = sizeof(uint64_t);
    if (version >= 4) {
        size = 2 * sizeof(uint64_t);
        if (denies_tcp) attributes.network = 3;  // bind and connect
    }
    if (version >= 6) {
        size = 3 * sizeof(uint64_t);
        attributes.scopes = 3;  // abstract sockets and signals do not leave
    }
    int ruleset = (int)syscall(__NR_landlock_create_ruleset, &attributes, size, 0u);
    if (ruleset < 0) return -1;
    int result = 0;
    uint64_t in_directories = handled & ~(uint64_t)(MAY_MAKE_CHAR | MAY_MAKE_BLOCK | MAY_IOCTL_DEV);
    for (int index = 0; result == 0 && index < count; index++)
        if (writable[index] >= 0) result = add(ruleset, writable[index], in_directories);
    // Devices are what is there; none can be made.
    uint64_t on_devices = MAY_WRITE_FILE | MAY_TRUNCATE | MAY_IOCTL_DEV;
    if (result == 0 && devices >= 0) result = add(ruleset, devices, on_devices & handled);
    if (result != 0) {
        int error = errno;
        close(ruleset);
        errno = error;
        return -1;
    }
    return ruleset;
}

int landlock_enter(int ruleset) { return (int)syscall(__NR_landlock_restrict_self, ruleset, 0u); }

#else
typedef int cbranch_nothing_here;
#endif
