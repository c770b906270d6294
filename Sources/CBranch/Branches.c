// The branches of a host: processes that run commands, and spare ones that are made beforehand and wait for one.
#ifdef __linux__

#include "Internal.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#define POOL_LIMIT 128
// Most of what a branch costs does not depend on what it is for.
#define SPARES_LEAST 2
#define SPARES_MOST 8

enum state {
    NOTHING,
    WAITS,
    RUNS,
    /// All that it ran is gone, and said to be; its first process and its mounts will be soon.
    LEAVES,
    /// It has not taken its orders, and will be gone soon.
    ABANDONED,
};

struct live {
    enum state state;
    uint32_t id, scratch;
    pid_t pid;
    int pidfd, network, group, orders;
    bool notices, reports_network, runs_on_disk;
    char upper[80], group_name[32];
};

static struct live branches[BRANCH_LIMIT];
static int branch_high, running_count, spare_count, spares_wanted = SPARES_LEAST;
/// Network namespaces that nobody has used.
static int pool[POOL_LIMIT], pool_count;

static struct live *find(uint32_t id) {
    for (int index = 0; index < branch_high; index++)
        if (branches[index].state == RUNS && branches[index].id == id) return &branches[index];
    return NULL;
}

static int index_of(pid_t pid) {
    for (int index = 0; index < branch_high; index++)
        if (branches[index].state != NOTHING && branches[index].pid == pid) return index;
    return -1;
}

void branches_watch(void) {
    struct statvfs status;
    bool memory_is_tight = false, disk_is_tight = false;
    if (fstatvfs(host.world.template.memory_fd, &status) == 0 && status.f_blocks > 0) {
        // What can be written between two looks must not go unnoticed.
        uint64_t total = (uint64_t)status.f_blocks * status.f_frsize;
        uint64_t left = (uint64_t)status.f_bavail * status.f_frsize;
        uint64_t margin = total / 8 > (48ull << 20) ? total / 8 : 48ull << 20;
        if (margin > total / 2) margin = total / 2;
        memory_is_tight = left < margin || (status.f_files > 0 && status.f_ffree < status.f_files / 8);
    }
    if (host.world.template.disk_fd >= 0 && fstatvfs(host.world.template.disk_fd, &status) == 0)
        disk_is_tight = (uint64_t)status.f_bavail * status.f_frsize < 64ull << 20 ||
                        (status.f_files > 0 && status.f_favail < 1000);
    for (int index = 0; index < branch_high; index++) {
        struct live *branch = &branches[index];
        if (branch->state != RUNS) continue;
        uint32_t felt = branch->group >= 0 ? groups_felt(branch->group) : 0;
        // /dev/shm and /var/tmp always lie in memory.
        if (memory_is_tight) felt |= FELT_SPACE;
        if (branch->runs_on_disk && disk_is_tight) felt |= FELT_DISK;
        uint32_t before = __atomic_fetch_or(&host.slots[index].felt, felt, __ATOMIC_SEQ_CST);
        for (int bit = 0; bit < FELT_COUNT; bit++) {
            if (!(felt & ~before & 1u << bit)) continue;
            struct writer writer;
            writer_start(&writer, CBRANCH_FELT, branch->id);
            writer_add(&writer, "what", "%s", felt_names[bit]);
            say(&writer, NULL, 0);
        }
    }
}

static void add_made(struct writer *writer, const char *upper) {
    char path[PATH_LIMIT + 128];
    struct stat status;
    const struct template *template = &host.world.template;
    for (int index = 0; index < template->cover_count; index++) {
        if (template->covers[index].is_hidden) continue;
        snprintf(path, sizeof path, "%s/ws/%s", upper + 2, template->covers[index].path);
        if (fstatat(layer_root(upper), path, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        // A directory may have been copied up as the parent of something else that is protected; it says nothing.
        writer_add(writer, "made", "%s", template->covers[index].path);
    }
}

static void remove_group(struct live *branch) {
    if (branch->group < 0) return;
    close(branch->group);
    branch->group = -1;
    groups_remove(&host.groups, branch->group_name);
}

static void clear_scratch(const struct live *branch) {
    static const char *const scratch[] = {"shm", "vartmp"};
    char place[64];
    for (int item = 0; item < 2; item++) {
        snprintf(place, sizeof place, ".run/%u/%s", branch->scratch, scratch[item]);
        if (unlinkat(host.world.template.memory_fd, place, AT_REMOVEDIR) != 0 && errno != ENOENT)
            trash_put(host.world.template.memory_fd, place);
    }
    snprintf(place, sizeof place, ".run/%u", branch->scratch);
    unlinkat(host.world.template.memory_fd, place, AT_REMOVEDIR);
}

static void say_end(const struct live *branch, struct slot *slot) {
    if (slot->state == 0) {
        if (slot->failure.step[0] == 0)
            fail(&slot->failure, "start", EINTR, "the branch was ended before the command had started");
        identity_explain(&slot->failure);
        say_failure(branch->id, "run", &slot->failure);
        return;
    }
    struct writer writer;
    writer_start(&writer, CBRANCH_ENDED, branch->id);
    int status = slot->state == 2 ? slot->status : SIGKILL;
    if (WIFEXITED(status)) writer_add(&writer, "exit", "%d", WEXITSTATUS(status));
    else writer_add(&writer, "signal", "%d", WTERMSIG(status));
    uint32_t felt = branch->reports_network ? slot->felt : slot->felt & ~(uint32_t)FELT_NETWORK;
    for (int bit = 0; bit < FELT_COUNT; bit++)
        if (felt & 1u << bit) writer_add(&writer, "felt", "%s", felt_names[bit]);
    add_made(&writer, branch->upper);
    say(&writer, NULL, 0);
}

/// All that a branch ran is gone: says how it ended.
static void finish(int index) {
    struct live *branch = &branches[index];
    struct slot *slot = &host.slots[index];
    if (branch->group >= 0) slot->felt |= groups_felt(branch->group);
    if (slot->felt & FELT_MEMORY) host.world.oom_kills = limits_oom_kills(AT_FDCWD, "p/vmstat");
    branches_watch();
    overlay_finish(&host.world.template, branch->upper);
    if (branch->network >= 0) {
        // Clean only if a socket of the network would have been noticed and was not.
        if (branch->notices && !(slot->felt & FELT_NETWORK) && slot->state == 2 && pool_count < POOL_LIMIT)
            pool[pool_count++] = branch->network;
        else close(branch->network);
    }
    say_end(branch, slot);
    branch->state = LEAVES;
    running_count--;
}

/// A branch's first process is gone, and with it all others and their mounts.
static void ended(int index) {
    struct live *branch = &branches[index];
    if (branch->state == WAITS) {
        close(branch->orders);
        spare_count--;
    }
    // Of others nobody has heard.
    if (branch->state == RUNS) finish(index);
    // Nobody waits for this.
    remove_group(branch);
    clear_scratch(branch);
    close(branch->pidfd);
    branch->state = NOTHING;
    while (branch_high > 0 && branches[branch_high - 1].state == NOTHING) branch_high--;
}

void branches_hear(void) {
    for (;;) {
        struct pollfd readable = {.fd = host.world.channel, .events = POLLIN};
        if (poll(&readable, 1, 0) != 1) return;
        uint32_t id;
        int network = -1, count = 1;
        ssize_t length = cbranch_receive(host.world.channel, &id, sizeof id, &network, &count);
        if (length <= 0) return;
        struct live *branch = length == sizeof id ? find(id) : NULL;
        if (count == 1 && branch && branch->network < 0) branch->network = network;
        else if (count == 1) close(network);
        // Else a network that found no free descriptor here.
        else if (branch && host.slots[branch - branches].state == 2) finish((int)(branch - branches));
    }
}

void branches_reap(int signals) {
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) == sizeof information) {}
    branches_hear();
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        if (sweeper_has_ended(pid)) continue;
        int index = index_of(pid);
        if (index >= 0) ended(index);
    }
}

/// The kernel warns of a layer that is stacked on while it is still mounted as somebody's upper one.
static void await_mounts(const struct run *run) {
    for (int index = 0; index < branch_high; index++) {
        if (branches[index].state != LEAVES) continue;
        bool is_lower = false;
        for (int lower = 0; lower < run->lower_count && !is_lower; lower++)
            is_lower = strcmp(run->lowers[lower], branches[index].upper) == 0;
        if (is_lower && waitpid(branches[index].pid, NULL, 0) == branches[index].pid) ended(index);
    }
}

// MARK: - Starting

/// Makes the first process of a branch at a free place; what it is to run may not be known yet.
static int make(int index, const struct run *run, int orders, struct failure *failure) {
    static uint32_t count;
    struct live *branch = &branches[index];
    struct slot *slot = &host.slots[index];
    *branch = (struct live){.pidfd = -1, .network = -1, .group = -1, .orders = -1, .scratch = ++count};
    memset(slot, 0, sizeof *slot);
    int pidfd = -1;
    struct k_clone_args arguments = {
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | K_CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
    };
    if (host.groups.directory >= 0 && (host.groups.has_limits || (run && run->freezable))) {
        branch->group = groups_make(&host.groups, branch->scratch, branch->group_name);
        if (branch->group < 0)
            return fail(failure, "cgroup", errno, "no control group can be made: %s", strerror(errno));
        if (run) groups_limit(&host.groups, branch->group, &run->limits);
        arguments.flags |= K_CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)branch->group;
    }
    int network = run && !run->network && pool_count > 0 ? pool[pool_count - 1] : -1;
    pid_t pid = (pid_t)syscall(__NR_clone3, &arguments, sizeof arguments);
    if (pid == 0)
        branch_main(&host.world, &(struct birth){.run = run, .orders = orders, .network = network,
                                                 .scratch = branch->scratch, .slot = slot});
    if (pid < 0) {
        int error = errno;
        remove_group(branch);
        return fail(failure, "clone", error, "no branch can be made: %s", strerror(error));
    }
    if (network >= 0) branch->network = pool[--pool_count];
    branch->pid = pid;
    branch->pidfd = pidfd;
    if (index >= branch_high) branch_high = index + 1;
    return 0;
}

static int free_place(void) {
    int index = 0;
    while (index < branch_high && branches[index].state != NOTHING) index++;
    return index;
}

bool branches_refill(void) {
    if (spare_count >= spares_wanted) return false;
    int index = free_place(), ends[2];
    if (index == BRANCH_LIMIT || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
    struct failure failure = {0};
    int result = make(index, NULL, ends[1], &failure);
    close(ends[1]);
    if (result != 0) {
        // For now; the next run asks again.
        spares_wanted = 0;
        close(ends[0]);
        return false;
    }
    branches[index].orders = ends[0];
    branches[index].state = WAITS;
    spare_count++;
    return spare_count < spares_wanted;
}

/// Gives a run to a process that waits for one. Its place, or -1.
static int hand_over(const struct message *message, const struct run *run) {
    // The rest of a long message would have to travel along; and not all branches have a control group.
    if (message->descriptor_count > 2 || (run->freezable && !host.groups.has_limits)) return -1;
    for (int index = 0; index < branch_high && spare_count > 0; index++) {
        struct live *branch = &branches[index];
        if (branch->state != WAITS || host.slots[index].failure.step[0]) continue;
        if (branch->group >= 0) groups_limit(&host.groups, branch->group, &run->limits);
        int descriptors[3] = {run->output, run->error, -1}, count = 2;
        if (!run->network && pool_count > 0) descriptors[count++] = pool[pool_count - 1];
        // The message as it came, which lies behind its header.
        size_t length = sizeof(struct cbranch_header) + message->lengths[0];
        const char *bytes = message->strings[0] - sizeof(struct cbranch_header);
        int sent = cbranch_send(branch->orders, bytes, length, descriptors, count);
        close(branch->orders);
        spare_count--;
        branch->orders = -1;
        branch->state = ABANDONED;
        if (sent != 0) continue;
        if (count > 2) branch->network = pool[--pool_count];
        return index;
    }
    return -1;
}

int branches_start(const struct message *message, struct failure *failure) {
    struct run run;
    if (run_read(message, &run, failure) != 0) return -1;
    if (find(run.id)) return fail(failure, "message", EEXIST, "there is a run with this id");
    await_mounts(&run);
    // What has been removed may not be deleted yet; better late than refused.
    if (memory_is_short(64)) trash_finish();
    int index = hand_over(message, &run);
    if (index < 0) {
        index = free_place();
        if (index == BRANCH_LIMIT)
            return fail(failure, "start", EAGAIN, "%d branches run already", BRANCH_LIMIT);
        if (make(index, &run, -1, failure) != 0) return -1;
    }
    struct live *branch = &branches[index];
    branch->state = RUNS;
    branch->id = run.id;
    snprintf(branch->upper, sizeof branch->upper, "%s", run.upper);
    branch->runs_on_disk = run.upper[0] == 'd';
    branch->notices = host.world.network_notify && !run.network;
    branch->reports_network = run.notice;
    running_count++;
    // As many as ran side by side before may be wanted at once again.
    if (running_count > spares_wanted) spares_wanted = running_count;
    if (spares_wanted < SPARES_LEAST) spares_wanted = SPARES_LEAST;
    if (spares_wanted > SPARES_MOST) spares_wanted = SPARES_MOST;
    return 0;
}

// MARK: - Requests

void branches_signal(uint32_t id, int number) {
    struct live *branch = find(id);
    if (branch) k_pidfd_send_signal(branch->pidfd, number);
}

int branches_freeze(uint32_t id, bool frozen, struct failure *failure) {
    struct live *branch = find(id);
    if (!branch) return fail(failure, "freeze", ESRCH, "no such run");
    if (branch->group < 0)
        return fail(failure, "freeze", ENOTSUP, "the run has no control group (freezable=1, and cgroup v2 delegated)");
    if (groups_freeze(branch->group, frozen) != 0)
        return fail(failure, "freeze", errno, "the control group cannot be frozen: %s", strerror(errno));
    return 0;
}

bool branches_write_to(const char *layer) {
    for (int index = 0; index < branch_high; index++)
        if (branches[index].state == RUNS && strcmp(branches[index].upper, layer) == 0) return true;
    return false;
}

int branches_running(void) { return running_count; }

void branches_close(void) {
    int left = 0;
    for (int index = 0; index < branch_high; index++)
        if (branches[index].state != NOTHING) {
            k_pidfd_send_signal(branches[index].pidfd, SIGKILL);
            left++;
        }
    while (left > 0) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR) break;
        int index = index_of(pid);
        if (index < 0) continue;
        struct live *branch = &branches[index];
        remove_group(branch);
        if (branch->state == RUNS) overlay_finish(&host.world.template, branch->upper);
        branch->state = NOTHING;
        left--;
    }
}

#else
typedef int cbranch_nothing_here;
#endif
