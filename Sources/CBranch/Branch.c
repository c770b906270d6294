// The first process of a branch: makes its mounts, starts the command, reaps, and takes everything with it when it
// ends.
#ifdef __linux__

#include "Internal.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SAMPLE_MILLISECONDS 20

struct branch {
    const struct world *world;
    const struct run *run;
    struct slot *slot;
    int signals, procfs;
    int writable[4];  // the workspace, /tmp, /dev/shm, /var/tmp
    pid_t command;
    int listener;
    bool samples;
    bool ends_excess;  // nothing but our own looks limits the processes
    bool limits_pids;  // the pid namespace does
    int64_t begun;       // when the command was started
};

static void give_up(void) __attribute__((noreturn));
static void give_up(void) {
    // What failed is in the slot.
    _exit(1);
}

/// Notes restrictions that were met, and tells the runtime of new ones.
static void feel(struct branch *branch, uint32_t what) {
    uint32_t before = __atomic_fetch_or(&branch->slot->felt, what, __ATOMIC_SEQ_CST);
    for (int index = 0; index < FELT_COUNT; index++) {
        if (!(what & ~before & 1u << index)) continue;
        if (1u << index == FELT_NETWORK && !branch->run->notice) continue;
        struct writer writer;
        writer_start(&writer, CBRANCH_FELT, branch->run->id);
        writer_add(&writer, "what", "%s", felt_names[index]);
        // ENDED says it again should this not get through.
        send(branch->world->runtime, writer.bytes, writer.length, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

// MARK: - Mounts

/// A directory that lasts as long as the run, shown at `target`. A descriptor of it or -1.
static int show_scratch(const char *place, const char *name, const char *target) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", place, name);
    if (mkdir(path, 01777) != 0) return -1;
    // The mount that it is cloned from has all the attributes already.
    return mount_bind(AT_FDCWD, path, AT_FDCWD, target, 0, false);
}

/// Covers what is hidden in the workspace and makes read-only what is protected.
static int cover(const struct template *template, int workspace, struct failure *failure) {
    for (int index = 0; index < template->cover_count; index++) {
        const struct cover *item = &template->covers[index];
        int found = k_openat2(workspace, item->path, O_PATH, 0,
                              K_RESOLVE_BENEATH | K_RESOLVE_NO_SYMLINKS | K_RESOLVE_NO_MAGICLINKS);
        if (found < 0) continue;
        int result;
        if (item->is_hidden) {
            struct stat status;
            const char *front = fstat(found, &status) == 0 && S_ISDIR(status.st_mode) ? "e" : "f";
            result = mount_bind_only(AT_FDCWD, front, found, "", K_ATTR_RDONLY | K_ATTR_NOSUID | K_ATTR_NODEV, false);
        } else result = mount_bind_only(found, "", found, "", K_ATTR_RDONLY | K_ATTR_NOSUID | K_ATTR_NODEV, false);
        int error = errno;
        close(found);
        if (result != 0)
            return fail(failure, "protect", error, "%s cannot be protected: %s", item->path, strerror(error));
    }
    return 0;
}

static int mount_proc(struct branch *branch, struct failure *failure) {
    char log[256];
    // Writable until the limit of pids is known.
    branch->procfs = mount_make("proc", NULL, K_ATTR_NOSUID | K_ATTR_NODEV | K_ATTR_NOEXEC, log);
    if (branch->procfs < 0)
        return fail(failure, "proc", errno, "/proc cannot be mounted: %s%s%s", strerror(errno), log[0] ? "; " : "",
                    log);
    if (mount_attach(branch->procfs, AT_FDCWD, "r/proc") != 0)
        return fail(failure, "proc", errno, "/proc cannot be attached: %s", strerror(errno));
    return 0;
}

static int finish_proc(struct branch *branch, struct failure *failure) {
    const struct run *run = branch->run;
    if (branch->world->pid_limit && run->limits.processes > 0) {
        char text[32];
        unsigned long long limit = run->limits.processes < 301 ? 301 : run->limits.processes + 1;
        snprintf(text, sizeof text, "%llu", limit);
        // Of the namespace since Linux 6.14.
        branch->limits_pids = write_file(branch->procfs, "sys/kernel/pid_max", text) == 0;
        branch->ends_excess = !branch->limits_pids && !branch->world->own_process_limit;
    }
    // uid 0 owns what is in /proc/sys, with capabilities or without.
    if (k_mount_setattr(branch->procfs, "", AT_EMPTY_PATH, K_ATTR_RDONLY) != 0)
        return fail(failure, "proc", errno, "/proc cannot be made read-only: %s", strerror(errno));
    return 0;
}

/// Makes the mounts that are the same for every run.
static int make_common_mounts(struct branch *branch, uint32_t scratch, struct failure *failure) {
    const struct template *template = &branch->world->template;
    static const char *const pts_options[][2] = {
        {"newinstance", NULL}, {"ptmxmode", "0666"}, {"mode", "0620"}, {NULL, NULL}};
    char place[64];
    snprintf(place, sizeof place, "m/.run/%u", scratch);
    if (mkdir(place, 0700) != 0)
        return fail(failure, "scratch", errno, "no place for /dev/shm: %s", strerror(errno));
    if ((branch->writable[2] = show_scratch(place, "shm", "r/dev/shm")) < 0)
        return fail(failure, "scratch", errno, "/dev/shm cannot be mounted: %s", strerror(errno));
    struct stat status;
    if (lstat("r/var/tmp", &status) == 0 && S_ISDIR(status.st_mode)) {
        if ((branch->writable[3] = show_scratch(place, "vartmp", "r/var/tmp")) < 0)
            return fail(failure, "scratch", errno, "/var/tmp cannot be mounted: %s", strerror(errno));
        const char *rest = path_below(template->present, "/var/tmp");
        if (rest && make_path(branch->writable[3], rest, 0755) != 0)
            return fail(failure, "present", errno, "%s cannot be made: %s", template->present, strerror(errno));
    }
    if (mount_proc(branch, failure) != 0) return -1;
    int pts = mount_make("devpts", pts_options, K_ATTR_NOSUID | K_ATTR_NOEXEC, NULL);
    if (pts >= 0) {
        mount_attach(pts, AT_FDCWD, "r/dev/pts");
        close(pts);
    }
    return 0;
}

/// Makes the mounts of one run and enters the new root.
static int make_mounts(struct branch *branch, struct failure *failure) {
    const struct template *template = &branch->world->template;
    const struct run *run = branch->run;
    char place[64], target[PATH_LIMIT + 8];
    if (overlay_prepare(template, run, failure) != 0) return -1;
    if ((branch->writable[1] = overlay_show_tmp(template, run, failure)) < 0) return -1;
    for (int index = 0; index < template->shown_in_tmp.count; index++) {
        snprintf(place, sizeof place, "a%d", index);
        snprintf(target, sizeof target, "r%s", template->shown_in_tmp.items[index]);
        mount_bind_only(AT_FDCWD, place, AT_FDCWD, target, 0, true);
    }
    snprintf(target, sizeof target, "r%s", template->present);
    if ((branch->writable[0] = overlay_mount(template, run, "ws", "b", target, failure)) < 0) return -1;
    if (cover(template, branch->writable[0], failure) != 0) return -1;
    if (finish_proc(branch, failure) != 0) return -1;
    if (chdir("r") != 0 || k_pivot_root(".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return fail(failure, "pivot", errno, "the root cannot be exchanged: %s", strerror(errno));
    return 0;
}

// MARK: - Life

static void end(struct branch *branch, int status) __attribute__((noreturn));
static void end(struct branch *branch, int status) {
    const struct limits *limits = &branch->run->limits;
    uint32_t felt = 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) felt |= FELT_FILE_SIZE;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) felt |= FELT_CPU;
    if (limits->cpu_seconds > 0) {
        struct rusage usage;
        if (getrusage(RUSAGE_CHILDREN, &usage) == 0 &&
            (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1 >= limits->cpu_seconds)
            felt |= FELT_CPU;
    }
    // Whose process it was cannot be told: a shell that survived may have hidden the signal.
    // A look takes as long as some commands do, and in so short a time memory does not run out unseen.
    if (status != 0 || is_due(&branch->begun, SAMPLE_MILLISECONDS)) {
        uint64_t before = branch->world->oom_kills, now = limits_oom_kills(branch->procfs, "vmstat");
        if (now != before && now != UINT64_MAX && before != UINT64_MAX) felt |= FELT_MEMORY;
    }
    if (felt) feel(branch, felt);
    branch->slot->status = status;
    __atomic_store_n(&branch->slot->state, 2, __ATOMIC_SEQ_CST);
    // The rest of the process namespace. The kernel would do the same, but takes the mounts down first, and the host
    // need not wait for that.
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
    send(branch->world->inner, &branch->run->id, sizeof branch->run->id, MSG_NOSIGNAL | MSG_DONTWAIT);
    _exit(0);
}

static void live(struct branch *branch) __attribute__((noreturn));
static void live(struct branch *branch) {
    struct pollfd entries[3] = {
        {.fd = branch->signals, .events = POLLIN},
        {.fd = branch->world->inner, .events = 0},
        {.fd = branch->listener, .events = POLLIN},
    };
    int64_t sampled = 0;
    is_due(&sampled, SAMPLE_MILLISECONDS);
    for (;;) {
        int ready = poll(entries, 3, branch->samples ? SAMPLE_MILLISECONDS : -1);
        if (ready < 0 && errno != EINTR) _exit(1);
        if (entries[1].revents & (POLLHUP | POLLERR)) _exit(1);  // the host has died
        if (ready > 0 && entries[2].revents & POLLIN) {
            uint32_t felt = filter_answer(branch->listener);
            if (felt) feel(branch, felt);
        } else if (entries[2].revents & (POLLHUP | POLLERR)) entries[2].fd = -1;
        if (ready > 0 && entries[0].revents & POLLIN) {
            struct signalfd_siginfo information;
            while (read(branch->signals, &information, sizeof information) == sizeof information) {
                // From outside of the branch only.
                if (information.ssi_signo == SIGTERM && information.ssi_pid == 0) {
                    kill(-1, SIGTERM);
                    kill(-1, SIGCONT);
                }
            }
            int status;
            pid_t pid;
            while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
                if (pid == branch->command) end(branch, status);
        }
        if (branch->samples && is_due(&sampled, SAMPLE_MILLISECONDS)) {
            bool is_over = false;
            uint32_t felt = limits_sample(branch->procfs, &branch->run->limits, branch->ends_excess, &is_over);
            if (felt) feel(branch, felt);
            if (is_over) end(branch, SIGKILL);
        }
    }
}

/// Waits for the run that this process was made for. 0 or -1.
static int take_orders(const struct world *world, const struct birth *birth, struct run *run, int *network,
                       struct failure *failure) {
    static char buffer[MESSAGE_LIMIT];
    struct pollfd entries[2] = {{.fd = birth->orders, .events = POLLIN}, {.fd = world->inner, .events = 0}};
    do {
        if (poll(entries, 2, -1) < 0 && errno != EINTR) _exit(1);
        if (entries[1].revents) _exit(1);  // the host has died
    } while (!entries[0].revents);
    struct message message = {.descriptor_count = 3};
    ssize_t length =
        cbranch_receive(birth->orders, buffer, sizeof buffer, message.descriptors, &message.descriptor_count);
    struct cbranch_header header;
    if (length < (ssize_t)sizeof header) _exit(1);
    memcpy(&header, buffer, sizeof header);
    message.kind = header.kind;
    message.id = header.id;
    message.strings[0] = buffer + sizeof header;
    message.lengths[0] = (size_t)length - sizeof header;
    *network = message.descriptor_count > 2 ? message.descriptors[2] : -1;
    close(birth->orders);
    return run_read(&message, run, failure);
}

void branch_main(const struct world *world, const struct birth *birth) {
    struct slot *slot = birth->slot;
    struct failure *failure = &slot->failure;
    struct run ordered;
    struct branch branch = {
        .world = world, .run = birth->run, .slot = slot, .listener = -1, .procfs = -1, .writable = {-1, -1, -1, -1}};
    int network = birth->network;
    // Else this end would keep the socket open when the host has died.
    close(world->channel);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd alive = {.fd = world->inner};
    if (poll(&alive, 1, 0) > 0) _exit(1);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    branch.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (make_common_mounts(&branch, birth->scratch, failure) != 0) give_up();
    if (!branch.run) {
        if (take_orders(world, birth, &ordered, &network, failure) != 0) give_up();
        branch.run = &ordered;
    }
    const struct run *run = branch.run;
    int outer_proc = world->own_process_limit && run->limits.processes > 0
                         ? open("p", O_PATH | O_DIRECTORY | O_CLOEXEC)
                         : -1;
    if (!run->network && network_enter(network, world->inner, run->id) != 0) {
        fail(failure, "network", errno, "no network namespace: %s", strerror(errno));
        give_up();
    }
    if (make_mounts(&branch, failure) != 0) give_up();
    // A user namespace only for counting takes more than half a millisecond.
    if (branch.limits_pids && outer_proc >= 0) {
        close(outer_proc);
        outer_proc = -1;
    }

    struct command command = {
        .world = world, .run = run, .ruleset = -1, .listener = -1, .procfs = outer_proc, .step = "start",
        .state = &slot->state};
    command.nests_user_namespace = outer_proc >= 0;
    command.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (world->landlock >= 2) {
        int devices = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
        command.ruleset = landlock_rules(world->landlock, branch.writable, 4, devices, false);
        close(devices);
        if (command.ruleset < 0) {
            fail(failure, "landlock", errno, "Landlock refuses its rules: %s", strerror(errno));
            give_up();
        }
    }
    // What this process has open is nobody's business. (A user namespace below writes its maps first.)
    if (!command.nests_user_namespace) prctl(PR_SET_DUMPABLE, 0);
    is_due(&branch.begun, 0);
    branch.command = command_start(&command);
    prctl(PR_SET_DUMPABLE, 0);
    if (branch.command < 0) {
        fail(failure, command.step, command.error, "%s: %s",
             strcmp(command.step, "exec") == 0 ? run->arguments[0] : "the command cannot be started",
             strerror(command.error));
        give_up();
    }
    struct cbranch_header started = {.kind = CBRANCH_STARTED, .id = run->id};
    int self = k_pidfd_open(getpid());
    cbranch_send(world->runtime, &started, sizeof started, &self, self >= 0 ? 1 : 0);
    close(self);
    // Only the command keeps the outputs open from here on.
    close(1);
    close(2);
    close(run->output);
    close(run->error);
    for (int index = 0; index < 4; index++)
        if (branch.writable[index] >= 0) close(branch.writable[index]);
    branch.listener = command.listener;
    branch.samples = run->samples;
    live(&branch);
}

#else
typedef int cbranch_nothing_here;
#endif
