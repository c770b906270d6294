// The system call filter: what is not listed here is allowed. Assembled as a search tree, so that the kernel's look at
// each number is short.
#ifdef __linux__

#include "Internal.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "The system call filter knows x86-64 and aarch64."
#endif

#define WORD(index) ((uint32_t)(offsetof(struct seccomp_data, args) + (index) * sizeof(uint64_t)))

/// What happens to a system call.
enum verdict {
    REFUSED,   // EPERM
    MISSING,   // ENOSYS: programs know what to do without
    SOCKET,
    PAIR,
    CLONE,
    DEVICE,
    LENGTH_1,  // the argument 1, 2 ... is a size or offset of a file
    LENGTH_2,
    LENGTH_3,
};

struct rule {
    int number;
    enum verdict verdict;
};

/// The list, in any order.
static struct rule rules[] = {
    // Mounts and roots.
    {__NR_mount, REFUSED},
    {__NR_umount2, REFUSED},
    {__NR_pivot_root, REFUSED},
    {__NR_chroot, REFUSED},
    {__NR_move_mount, REFUSED},
    {__NR_open_tree, REFUSED},
    {__NR_open_tree_attr, REFUSED},
    {__NR_fsopen, REFUSED},
    {__NR_fsconfig, REFUSED},
    {__NR_fsmount, REFUSED},
    {__NR_fspick, REFUSED},
    {__NR_mount_setattr, REFUSED},
    {__NR_swapon, REFUSED},
    {__NR_swapoff, REFUSED},
    {__NR_quotactl, REFUSED},
    {__NR_quotactl_fd, REFUSED},
    // Namespaces.
    {__NR_unshare, REFUSED},
    {__NR_setns, REFUSED},
    {__NR_clone, CLONE},
    {__NR_clone3, MISSING},  // its flags lie in memory, where no filter can look
    // Other processes.
    {__NR_ptrace, REFUSED},
    {__NR_process_vm_readv, REFUSED},
    {__NR_process_vm_writev, REFUSED},
    {__NR_pidfd_getfd, REFUSED},
    {__NR_kcmp, REFUSED},
    // The kernel itself.
    {__NR_bpf, REFUSED},
    {__NR_perf_event_open, REFUSED},
    {__NR_userfaultfd, REFUSED},
    {__NR_kexec_load, REFUSED},
    {__NR_kexec_file_load, REFUSED},
    {__NR_init_module, REFUSED},
    {__NR_finit_module, REFUSED},
    {__NR_delete_module, REFUSED},
    {__NR_reboot, REFUSED},
    {__NR_syslog, REFUSED},
    {__NR_acct, REFUSED},
    {__NR_settimeofday, REFUSED},
    {__NR_clock_settime, REFUSED},
    {__NR_sethostname, REFUSED},
    {__NR_setdomainname, REFUSED},
    {__NR_vhangup, REFUSED},
    {__NR_lookup_dcookie, REFUSED},
    {__NR_nfsservctl, MISSING},
    // Keys are of the user, not of the branch.
    {__NR_keyctl, REFUSED},
    {__NR_add_key, REFUSED},
    {__NR_request_key, REFUSED},
    // Files by other ways than paths.
    {__NR_open_by_handle_at, REFUSED},
    {__NR_fanotify_init, REFUSED},
    {__NR_fanotify_mark, REFUSED},
    // It would do without this filter what the filter forbids.
    {__NR_io_uring_setup, MISSING},
    {__NR_io_uring_enter, MISSING},
    {__NR_io_uring_register, MISSING},
    // Looked at more closely.
    {__NR_socket, SOCKET},
    {__NR_socketpair, PAIR},
    {__NR_ioctl, DEVICE},
#ifdef __x86_64__
    {__NR_iopl, REFUSED},
    {__NR_ioperm, REFUSED},
    {__NR_modify_ldt, REFUSED},
    {__NR_uselib, MISSING},
    {__NR_ustat, MISSING},
    {__NR_sysfs, MISSING},
    {__NR__sysctl, MISSING},
    {__NR_create_module, MISSING},
    {__NR_get_kernel_syms, MISSING},
    {__NR_query_module, MISSING},
#endif
    // Only of interest where larger files are to be reported; the others fall through to "allowed".
    {__NR_ftruncate, LENGTH_1},
    {__NR_truncate, LENGTH_1},
    {__NR_lseek, LENGTH_1},
    {__NR_fallocate, LENGTH_3},
    {__NR_pwrite64, LENGTH_3},
};

#define RULE_COUNT (sizeof rules / sizeof *rules)
#define PROGRAM_LIMIT 1024

struct assembly {
    struct sock_filter code[PROGRAM_LIMIT];
    unsigned int length;
    // Jumps that wait for their block, by verdict.
    struct {
        unsigned int at;
        enum verdict verdict;
    } jumps[RULE_COUNT];
    unsigned int jump_count;
    const struct filter_options *options;
};

static void put(struct assembly *assembly, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    // Too long a program is noticed at the end.
    if (assembly->length < PROGRAM_LIMIT)
        assembly->code[assembly->length] = (struct sock_filter){code, if_true, if_false, value};
    assembly->length++;
}

static void load(struct assembly *assembly, uint32_t offset) { put(assembly, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
static void answer(struct assembly *assembly, uint32_t value) { put(assembly, BPF_RET | BPF_K, value, 0, 0); }
static void refuse(struct assembly *assembly, int error) {
    answer(assembly, SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA));
}
/// The next instruction is done only if the accumulator equals `value`.
static void when_equal(struct assembly *assembly, uint32_t value) {
    put(assembly, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

static int by_number(const void *left, const void *right) {
    return ((const struct rule *)left)->number - ((const struct rule *)right)->number;
}

/// The search tree over a sorted range of rules.
static void put_tree(struct assembly *assembly, unsigned int low, unsigned int high) {
    if (high - low > 3) {
        unsigned int middle = (low + high) / 2;
        put(assembly, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)rules[middle].number, 0, 1);
        unsigned int jump = assembly->length;
        put(assembly, BPF_JMP | BPF_JA, 0, 0, 0);
        put_tree(assembly, low, middle);
        if (jump < PROGRAM_LIMIT) assembly->code[jump].k = assembly->length - jump - 1;
        put_tree(assembly, middle, high);
        return;
    }
    for (unsigned int index = low; index < high; index++) {
        enum verdict verdict = rules[index].verdict;
        if (verdict >= LENGTH_1 && assembly->options->file_size == 0) continue;
        when_equal(assembly, (uint32_t)rules[index].number);
        if (verdict == REFUSED) refuse(assembly, EPERM);
        else if (verdict == MISSING) refuse(assembly, ENOSYS);
        else {
            assembly->jumps[assembly->jump_count].at = assembly->length;
            assembly->jumps[assembly->jump_count++].verdict = verdict;
            put(assembly, BPF_JMP | BPF_JA, 0, 0, 0);
        }
    }
    answer(assembly, SECCOMP_RET_ALLOW);
}

/// What is said to a socket of the network.
static uint32_t network_answer(const struct filter_options *options) {
    if (options->denies_network) return SECCOMP_RET_ERRNO | EACCES;
    return options->notices_network ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
}

static void put_block(struct assembly *assembly, enum verdict verdict) {
    const struct filter_options *options = assembly->options;
    uint32_t network = network_answer(options);
    switch (verdict) {
    case SOCKET:
        load(assembly, WORD(0));
        when_equal(assembly, AF_UNIX);
        answer(assembly, options->denies_unix ? SECCOMP_RET_ERRNO | EACCES : SECCOMP_RET_ALLOW);
        when_equal(assembly, AF_INET);
        answer(assembly, network);
        when_equal(assembly, AF_INET6);
        answer(assembly, network);
        // Which interfaces and addresses there are (glibc asks); nothing else of netlink.
        put(assembly, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 3);
        load(assembly, WORD(2));
        when_equal(assembly, 0);
        answer(assembly, network);
        refuse(assembly, EAFNOSUPPORT);
        break;
    case PAIR:
        load(assembly, WORD(0));
        when_equal(assembly, AF_UNIX);
        answer(assembly, SECCOMP_RET_ALLOW);
        refuse(assembly, EAFNOSUPPORT);
        break;
    case CLONE:
        load(assembly, WORD(0));
        // All CLONE_NEW*.
        put(assembly, BPF_JMP | BPF_JSET | BPF_K, 0x7e020000, 0, 1);
        refuse(assembly, EPERM);
        answer(assembly, SECCOMP_RET_ALLOW);
        break;
    case DEVICE:
        load(assembly, WORD(1));
        when_equal(assembly, 0x5412);  // TIOCSTI: types into a terminal
        refuse(assembly, EPERM);
        when_equal(assembly, 0x541c);  // TIOCLINUX
        refuse(assembly, EPERM);
        if (network != SECCOMP_RET_ALLOW) {
            // SIOCGIFCONF and its kin answer on any socket.
            put(assembly, BPF_JMP | BPF_JGE | BPF_K, 0x8910, 0, 2);
            put(assembly, BPF_JMP | BPF_JGT | BPF_K, 0x89ff, 1, 0);
            answer(assembly, network);
        }
        answer(assembly, SECCOMP_RET_ALLOW);
        break;
    case LENGTH_1:
    case LENGTH_2:
    case LENGTH_3: {
        unsigned int argument = (unsigned int)(verdict - LENGTH_1) + 1;
        uint32_t high = (uint32_t)(options->file_size >> 32), low = (uint32_t)options->file_size;
        load(assembly, WORD(argument) + 4);
        // Negative ones are errors, or steps back.
        put(assembly, BPF_JMP | BPF_JGE | BPF_K, 0x80000000u, 4, 0);
        put(assembly, BPF_JMP | BPF_JGT | BPF_K, high, 4, 0);
        put(assembly, BPF_JMP | BPF_JEQ | BPF_K, high, 0, 2);
        load(assembly, WORD(argument));
        put(assembly, BPF_JMP | BPF_JGT | BPF_K, low, 1, 0);
        answer(assembly, SECCOMP_RET_ALLOW);
        answer(assembly, SECCOMP_RET_USER_NOTIF);
        break;
    }
    case REFUSED:
    case MISSING: break;
    }
}

int filter_build(const struct filter_options *options, struct sock_fprog *program) {
    static struct assembly assembly;
    static bool is_sorted;
    if (!is_sorted) qsort(rules, RULE_COUNT, sizeof *rules, by_number);
    is_sorted = true;
    assembly.length = assembly.jump_count = 0;
    assembly.options = options;
    load(&assembly, offsetof(struct seccomp_data, arch));
    put(&assembly, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    refuse(&assembly, ENOSYS);  // another set of numbers: 32-bit calls
    load(&assembly, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    put(&assembly, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    refuse(&assembly, ENOSYS);  // x32
#endif
    put_tree(&assembly, 0, RULE_COUNT);
    for (enum verdict verdict = SOCKET; verdict <= LENGTH_3; verdict++) {
        unsigned int start = assembly.length;
        bool is_used = false;
        for (unsigned int index = 0; index < assembly.jump_count; index++) {
            if (assembly.jumps[index].verdict != verdict) continue;
            if (!is_used) put_block(&assembly, verdict);
            is_used = true;
            unsigned int at = assembly.jumps[index].at;
            if (at < PROGRAM_LIMIT) assembly.code[at].k = start - at - 1;
        }
    }
    if (assembly.length > PROGRAM_LIMIT) {
        errno = E2BIG;
        return -1;
    }
    program->len = (unsigned short)assembly.length;
    program->filter = assembly.code;
    return 0;
}

int filter_install(const struct sock_fprog *program, bool wants_listener) {
    unsigned long flags = wants_listener
                              ? K_SECCOMP_FILTER_FLAG_NEW_LISTENER | K_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
                              : 0;
    int result = (int)syscall(SYS_seccomp, K_SECCOMP_SET_MODE_FILTER, flags, program);
    if (result < 0 && errno == EINVAL && wants_listener)  // before Linux 5.19
        result = (int)syscall(SYS_seccomp, K_SECCOMP_SET_MODE_FILTER, K_SECCOMP_FILTER_FLAG_NEW_LISTENER, program);
    return result;
}

bool filter_can_notify(void) {
    struct seccomp_notif_sizes sizes;
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
           sizes.seccomp_notif <= sizeof(struct seccomp_notif) + 256 &&
           syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

uint32_t filter_answer(int listener) {
    // The kernel may know longer ones than our headers.
    union {
        struct seccomp_notif notice;
        char room[sizeof(struct seccomp_notif) + 256];
    } in;
    union {
        struct seccomp_notif_resp answer;
        char room[sizeof(struct seccomp_notif_resp) + 256];
    } out;
    memset(&in, 0, sizeof in);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in) != 0) return 0;
    memset(&out, 0, sizeof out);
    out.answer.id = in.notice.id;
    // It goes on as if nothing were: what an empty network says is what the program gets.
    out.answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    uint32_t felt = 0;
    switch (in.notice.data.nr) {
    case __NR_socket:
    case __NR_ioctl: felt = FELT_NETWORK; break;
    default: felt = FELT_FILE_SIZE; break;
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
    return felt;
}

#else
typedef int cbranch_nothing_here;
#endif
