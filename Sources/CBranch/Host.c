// The host: one single-threaded process for each open workspace, which starts branches and tells how they end.
#ifdef __linux__

#include "Internal.h"

#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#define BRANCH_LIMIT 1024
#define POOL_LIMIT 128
#define LIST_LIMIT 65536
#define SAMPLE_MILLISECONDS 20

struct live {
    bool is_used;
    uint32_t id;
    pid_t pid;
    int pidfd, network, group;
    bool notices, reports_network, has_group, runs_on_disk;
    char upper[80], group_name[32];
};

/// An answer that the socket did not take at once.
struct pending {
    struct pending *next;
    size_t length;
    int descriptor_count, descriptors[2];
    char bytes[];
};

static struct world world;
static struct groups groups;
static struct slot *slots;
static struct live branches[BRANCH_LIMIT];
static int branch_high, branch_count;
static int pool[POOL_LIMIT], pool_count;
static struct pending *queue_head, **queue_tail = &queue_head;
static pid_t sweeper = -1;
static int sweeper_pipe = -1;
static int signals = -1;
static char buffer[MESSAGE_LIMIT];

// MARK: - Answers

static void say(const struct writer *writer, const int *descriptors, int count) {
    if (!queue_head) {
        // Blocking could wait for a runtime that waits for us.
        struct pollfd writable = {.fd = world.runtime, .events = POLLOUT};
        if (poll(&writable, 1, 0) == 1 && writable.revents & POLLOUT) {
            if (cbranch_send(world.runtime, writer->bytes, writer->length, descriptors, count) == 0) return;
            if (errno == EPIPE || errno == ECONNRESET) return;
        }
    }
    struct pending *item = malloc(sizeof *item + writer->length);
    if (!item) return;
    item->next = NULL;
    item->length = writer->length;
    item->descriptor_count = count;
    memcpy(item->bytes, writer->bytes, writer->length);
    for (int index = 0; index < count; index++) item->descriptors[index] = dup(descriptors[index]);
    *queue_tail = item;
    queue_tail = &item->next;
}

static void say_queued(void) {
    while (queue_head) {
        struct pollfd writable = {.fd = world.runtime, .events = POLLOUT};
        if (poll(&writable, 1, 0) != 1 || !(writable.revents & POLLOUT)) return;
        struct pending *item = queue_head;
        if (cbranch_send(world.runtime, item->bytes, item->length, item->descriptors, item->descriptor_count) != 0 &&
            errno == EAGAIN)
            return;
        queue_head = item->next;
        if (!queue_head) queue_tail = &queue_head;
        for (int index = 0; index < item->descriptor_count; index++) close(item->descriptors[index]);
        free(item);
    }
}

static void say_failure(uint32_t id, const char *request, const struct failure *failure) {
    struct writer writer;
    writer_start(&writer, CBRANCH_FAILED, id);
    writer_add_failure(&writer, request, failure);
    say(&writer, NULL, 0);
}

static void say_done(uint32_t id, const char *request) {
    struct writer writer;
    writer_start(&writer, CBRANCH_DONE, id);
    writer_add(&writer, "request", "%s", request);
    say(&writer, NULL, 0);
}

// MARK: - Layers

/// Reads `m:NAME` or `d:NAME`.
static bool layer_is_good(const char *layer) {
    return (layer[0] == 'm' || (layer[0] == 'd' && world.template.has_disk)) && layer[1] == ':' &&
           name_is_good(layer + 2);
}

static int root_of(const char *layer) { return layer[0] == 'm' ? world.template.memory_fd : world.template.disk_fd; }

/// Deletes what lies in the trash.
static void empty_trash(void) {
    for (int disk = 0; disk < 2; disk++) {
        int root = disk ? world.template.disk_fd : world.template.memory_fd;
        char name[32];
        // Emptied as a whole, so that the host, and other sweepers, can go on meanwhile.
        snprintf(name, sizeof name, ".sweep-%d", getpid());
        if (root < 0 || renameat(root, ".trash", root, name) != 0) continue;
        mkdirat(root, ".trash", 0700);
        delete_tree(root, name);
    }
}

/// Deletes what sweepers of hosts that were killed have left.
static void finish_earlier_sweeps(int root) {
    int copy = root < 0 ? -1 : openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) return;
    struct dirent *entry;
    while ((entry = readdir(stream)))
        if (strncmp(entry->d_name, ".sweep-", 7) == 0) delete_tree(root, entry->d_name);
    closedir(stream);
}

/// Empties the trash whenever it is told to: a child of its own, as long trees take long.
static void sweep(int pipe_fd) __attribute__((noreturn));
static void sweep(int pipe_fd) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "forerun-sweep");
    setpriority(PRIO_PROCESS, 0, 19);
    finish_earlier_sweeps(world.template.disk_fd);
    char bytes[256];
    for (;;) {
        empty_trash();
        ssize_t got = read(pipe_fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) _exit(0);
    }
}

static void start_sweeper(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    sweeper = fork();
    if (sweeper == 0) {
        close(ends[1]);
        close(world.channel);
        close(world.runtime);
        sweep(ends[0]);
    }
    close(ends[0]);
    sweeper_pipe = ends[1];
    fcntl(sweeper_pipe, F_SETFL, O_NONBLOCK);
}

/// Whether less than a part of the memory for layers is left.
static bool is_short_of_memory(unsigned int part) {
    struct statvfs status;
    return fstatvfs(world.template.memory_fd, &status) == 0 &&
           (status.f_bavail < status.f_blocks / part || status.f_ffree < status.f_files / part);
}

/// Moves something out of the way; the sweeper deletes it.
static int discard(int root, const char *name) {
    static unsigned int count;
    char place[64];
    snprintf(place, sizeof place, ".trash/%d-%u", getpid(), count++);
    int result = renameat(root, name, root, place);
    if (result != 0 && errno == ENOENT && faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        // The sweeper is just about to make a new one.
        mkdirat(root, ".trash", 0700);
        result = renameat(root, name, root, place);
    }
    if (result == 0 && sweeper_pipe >= 0 && write(sweeper_pipe, "", 1) < 0 && errno == EPIPE) start_sweeper();
    if (result == 0 && root == world.template.memory_fd && is_short_of_memory(4)) {
        // Somebody is about to need the room: not at the lowest priority, then.
        pid_t child = fork();
        if (child == 0) {
            close(world.channel);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            empty_trash();
            _exit(0);
        }
    }
    return result;
}

// MARK: - Branches

static struct live *find(uint32_t id) {
    for (int index = 0; index < branch_high; index++)
        if (branches[index].is_used && branches[index].id == id) return &branches[index];
    return NULL;
}

/// Restrictions of the host's own watch: memory for layers, disk, control groups. Reports new ones at once.
static void watch(void) {
    struct statvfs status;
    bool memory_is_tight = false, disk_is_tight = false;
    if (fstatvfs(world.template.memory_fd, &status) == 0 && status.f_blocks > 0) {
        // What can be written between two looks must not go unnoticed.
        uint64_t total = (uint64_t)status.f_blocks * status.f_frsize;
        uint64_t left = (uint64_t)status.f_bavail * status.f_frsize;
        uint64_t margin = total / 8 > (48ull << 20) ? total / 8 : 48ull << 20;
        if (margin > total / 2) margin = total / 2;
        memory_is_tight = left < margin || (status.f_files > 0 && status.f_ffree < status.f_files / 8);
    }
    if (world.template.disk_fd >= 0 && fstatvfs(world.template.disk_fd, &status) == 0)
        disk_is_tight = (uint64_t)status.f_bavail * status.f_frsize < 64ull << 20 ||
                        (status.f_files > 0 && status.f_favail < 1000);
    for (int index = 0; index < branch_high; index++) {
        struct live *branch = &branches[index];
        if (!branch->is_used) continue;
        uint32_t felt = branch->group >= 0 ? groups_felt(branch->group) : 0;
        // /dev/shm and /var/tmp always lie in memory.
        if (memory_is_tight || (branch->runs_on_disk && disk_is_tight)) felt |= FELT_SPACE;
        uint32_t before = __atomic_fetch_or(&slots[index].felt, felt, __ATOMIC_SEQ_CST);
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
    const struct template *template = &world.template;
    for (int index = 0; index < template->cover_count; index++) {
        if (template->covers[index].is_hidden) continue;
        snprintf(path, sizeof path, "%s/ws/%s", upper + 2, template->covers[index].path);
        if (fstatat(root_of(upper), path, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        // A directory may have been copied up as the parent of something else that is protected; it says nothing.
        writer_add(writer, "made", "%s", template->covers[index].path);
    }
}

/// A branch's first process is gone, and with it all others and their mounts.
static void ended(int index) {
    struct live *branch = &branches[index];
    struct slot *slot = &slots[index];
    if (branch->has_group) {
        if (branch->group >= 0) slot->felt |= groups_felt(branch->group);
        close(branch->group);
        groups_remove(&groups, branch->group_name);
    }
    watch();
    overlay_finish(&world.template, branch->upper);
    char place[64];
    static const char *const scratch[] = {"shm", "vartmp"};
    for (int item = 0; item < 2; item++) {
        snprintf(place, sizeof place, ".run/%u/%s", branch->id, scratch[item]);
        if (unlinkat(world.template.memory_fd, place, AT_REMOVEDIR) != 0 && errno != ENOENT)
            discard(world.template.memory_fd, place);
    }
    snprintf(place, sizeof place, ".run/%u", branch->id);
    unlinkat(world.template.memory_fd, place, AT_REMOVEDIR);
    if (branch->network >= 0) {
        // Clean only if a socket of the network would have been noticed and was not.
        if (branch->notices && !(slot->felt & FELT_NETWORK) && slot->state == 2 && pool_count < POOL_LIMIT)
            pool[pool_count++] = branch->network;
        else close(branch->network);
    }
    if (slot->state == 0) {
        if (slot->failure.step[0] == 0)
            fail(&slot->failure, "start", EINTR, "the branch was ended before the command had started");
        identity_explain(&slot->failure);
        say_failure(branch->id, "run", &slot->failure);
    } else {
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
    close(branch->pidfd);
    branch->is_used = false;
    branch_count--;
    while (branch_high > 0 && !branches[branch_high - 1].is_used) branch_high--;
}

/// Network namespaces that branches have made.
static void take_networks(void) {
    for (;;) {
        struct pollfd readable = {.fd = world.channel, .events = POLLIN};
        if (poll(&readable, 1, 0) != 1) return;
        uint32_t id;
        int network = -1, count = 1;
        ssize_t length = cbranch_receive(world.channel, &id, sizeof id, &network, &count);
        if (length <= 0) return;
        if (length != sizeof id || count != 1) continue;
        struct live *branch = find(id);
        if (branch && branch->network < 0) branch->network = network;
        else close(network);
    }
}

static void reap(void) {
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) == sizeof information) {}
    take_networks();
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        if (pid == sweeper) {
            close(sweeper_pipe);
            start_sweeper();
            continue;
        }
        for (int index = 0; index < branch_high; index++)
            if (branches[index].is_used && branches[index].pid == pid) {
                ended(index);
                break;
            }
    }
}

// MARK: - RUN

static int read_run(const struct message *message, struct run *run, struct failure *failure) {
    static const char *lowers[512];
    static char *arguments[LIST_LIMIT + 1], *environment[LIST_LIMIT + 1];
    int argument_count = 0, environment_count = 0;
    *run = (struct run){.id = message->id, .lowers = lowers, .arguments = arguments, .environment = environment,
                        .umask = (int)world.identity.umask};
    struct position position = {0};
    const char *string, *value;
    while ((string = message_next(message, &position))) {
        uint64_t number = 0;
        if ((value = value_of(string, "arg"))) {
            if (argument_count >= LIST_LIMIT) return fail(failure, "message", E2BIG, "too many arguments");
            arguments[argument_count++] = (char *)value;
        } else if ((value = value_of(string, "env"))) {
            if (environment_count >= LIST_LIMIT) return fail(failure, "message", E2BIG, "too many variables");
            environment[environment_count++] = (char *)value;
        } else if ((value = value_of(string, "lower"))) {
            if (!layer_is_good(value)) return fail(failure, "message", EINVAL, "no name of a layer: %s", value);
            if (run->lower_count >= 490) return fail(failure, "message", E2BIG, "too many layers");
            lowers[run->lower_count++] = value;
        } else if ((value = value_of(string, "upper"))) {
            if (!layer_is_good(value)) return fail(failure, "message", EINVAL, "no name of a layer: %s", value);
            run->upper = value;
        } else if ((value = value_of(string, "cwd"))) run->cwd = value;
        else if ((value = value_of(string, "umask"))) run->umask = (int)strtol(value, NULL, 8) & 0777;
        else {
            static const char *const numbers[] = {"network",    "notice", "freezable",   "canary",
                                                  "nice",       "processes", "open-files", "file-size",
                                                  "memory",     "cpu-seconds"};
            int which = -1;
            for (int index = 0; index < 10 && which < 0; index++)
                if ((value = value_of(string, numbers[index]))) which = index;
            if (which < 0) continue;  // of a later version
            if (!parse_number(value, &number)) return fail(failure, "message", EINVAL, "no number: %s", string);
            switch (which) {
            case 0: run->network = number != 0; break;
            case 1: run->notice = number != 0; break;
            case 2: run->freezable = number != 0; break;
            case 3: run->canary = number != 0; break;
            case 4: run->nice = number > 19 ? 19 : (int)number; break;
            case 5: run->limits.processes = number; break;
            case 6: run->limits.open_files = number; break;
            case 7: run->limits.file_size = number; break;
            case 8: run->limits.memory = number; break;
            case 9: run->limits.cpu_seconds = number; break;
            }
        }
    }
    arguments[argument_count] = environment[environment_count] = NULL;
    if (!run->upper) return fail(failure, "message", EINVAL, "RUN needs `upper`");
    for (int index = 0; index < run->lower_count; index++)
        if (strcmp(lowers[index], run->upper) == 0)
            return fail(failure, "message", EINVAL, "%s cannot be both upper and lower", run->upper);
    if ((argument_count == 0 || arguments[0][0] == 0) && !run->canary)
        return fail(failure, "message", EINVAL, "RUN needs `arg`");
    if (message->descriptor_count < 2) return fail(failure, "message", EBADF, "RUN needs stdout and stderr");
    run->output = message->descriptors[0];
    run->error = message->descriptors[1];
    return 0;
}

static int start(const struct message *message, struct failure *failure) {
    struct run run;
    if (read_run(message, &run, failure) != 0) return -1;
    if (find(run.id)) return fail(failure, "message", EEXIST, "there is a run with this id");
    int index = 0;
    while (index < branch_high && branches[index].is_used) index++;
    if (index == BRANCH_LIMIT) return fail(failure, "start", EAGAIN, "%d branches run already", BRANCH_LIMIT);
    struct live *branch = &branches[index];
    struct slot *slot = &slots[index];
    *branch = (struct live){.id = run.id, .pidfd = -1, .network = -1, .group = -1};
    memset(slot, 0, sizeof *slot);
    snprintf(branch->upper, sizeof branch->upper, "%s", run.upper);
    branch->runs_on_disk = run.upper[0] == 'd';
    branch->notices = world.network_notify && !run.network;
    branch->reports_network = run.notice;
    bool has_limits = run.limits.processes > 0 || run.limits.memory > 0;
    if (groups.directory >= 0 && ((groups.has_limits && has_limits) || run.freezable)) {
        branch->group = groups_make(&groups, run.id, &run.limits, branch->group_name);
        if (branch->group < 0)
            return fail(failure, "cgroup", errno, "no control group can be made: %s", strerror(errno));
        branch->has_group = true;
    }
    run.samples = has_limits && !(branch->has_group && groups.has_limits);
    if (!run.network && pool_count > 0) branch->network = pool[--pool_count];
    // What has been removed may not be deleted yet; better late than refused.
    if (is_short_of_memory(64)) empty_trash();
    int pidfd = -1;
    struct k_clone_args arguments = {
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | K_CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
    };
    if (branch->has_group) {
        arguments.flags |= K_CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)branch->group;
    }
    pid_t pid = (pid_t)syscall(__NR_clone3, &arguments, sizeof arguments);
    if (pid == 0) branch_main(&world, &run, branch->network, slot);
    if (pid < 0) {
        int error = errno;
        if (branch->network >= 0) pool[pool_count++] = branch->network;
        if (branch->has_group) {
            close(branch->group);
            groups_remove(&groups, branch->group_name);
        }
        return fail(failure, "clone", error, "no branch can be made: %s", strerror(error));
    }
    branch->is_used = true;
    branch->pid = pid;
    branch->pidfd = pidfd;
    branch_count++;
    if (index >= branch_high) branch_high = index + 1;
    return 0;
}

// MARK: - Other requests

static void report_usage(uint32_t id) {
    struct statvfs status;
    struct writer writer;
    writer_start(&writer, CBRANCH_STATED, id);
    if (fstatvfs(world.template.memory_fd, &status) == 0) {
        writer_add(&writer, "bytes-used", "%llu",
                   (unsigned long long)(status.f_blocks - status.f_bfree) * (unsigned long long)status.f_frsize);
        writer_add(&writer, "bytes", "%llu", (unsigned long long)status.f_blocks * (unsigned long long)status.f_frsize);
        writer_add(&writer, "inodes-used", "%llu", (unsigned long long)(status.f_files - status.f_ffree));
        writer_add(&writer, "inodes", "%llu", (unsigned long long)status.f_files);
    }
    writer_add(&writer, "branches", "%d", branch_count);
    say(&writer, NULL, 0);
}

static int freeze(uint32_t id, bool frozen, struct failure *failure) {
    struct live *branch = find(id);
    if (!branch) return fail(failure, "freeze", ESRCH, "no such run");
    if (!branch->has_group)
        return fail(failure, "freeze", ENOTSUP, "the run has no control group (freezable=1, and cgroup v2 delegated)");
    if (groups_freeze(branch->group, frozen) != 0)
        return fail(failure, "freeze", errno, "the control group cannot be frozen: %s", strerror(errno));
    return 0;
}

static int remove_layer(const struct message *message, struct failure *failure) {
    struct position position = {0};
    const char *string, *name = NULL;
    while ((string = message_next(message, &position)))
        if (value_of(string, "name")) name = value_of(string, "name");
    if (!name || !layer_is_good(name)) return fail(failure, "remove", EINVAL, "REMOVE needs the name of a layer");
    for (int index = 0; index < branch_high; index++)
        if (branches[index].is_used && strcmp(branches[index].upper, name) == 0)
            return fail(failure, "remove", EBUSY, "a run is writing to %s", name);
    if (discard(root_of(name), name + 2) != 0)
        return fail(failure, "remove", errno, "%s cannot be removed: %s", name, strerror(errno));
    return 0;
}

/// Does what a message asks for. False: the host is to end.
static bool handle(const struct message *message) {
    struct failure failure = {0};
    struct live *branch;
    switch (message->kind) {
    case CBRANCH_RUN:
        if (start(message, &failure) != 0) say_failure(message->id, "run", &failure);
        return true;
    case CBRANCH_TERM:
    case CBRANCH_KILL:
        if ((branch = find(message->id)))
            k_pidfd_send_signal(branch->pidfd, message->kind == CBRANCH_KILL ? SIGKILL : SIGTERM);
        return true;
    case CBRANCH_FREEZE:
    case CBRANCH_THAW: {
        bool frozen = message->kind == CBRANCH_FREEZE;
        const char *name = frozen ? "freeze" : "thaw";
        if (freeze(message->id, frozen, &failure) != 0) say_failure(message->id, name, &failure);
        else say_done(message->id, name);
        return true;
    }
    case CBRANCH_REMOVE:
        if (remove_layer(message, &failure) != 0) say_failure(message->id, "remove", &failure);
        else say_done(message->id, "remove");
        return true;
    case CBRANCH_STAT: report_usage(message->id); return true;
    case CBRANCH_CLOSE: return false;
    default:
        fail(&failure, "message", ENOSYS, "unknown message %u", message->kind);
        say_failure(message->id, "unknown", &failure);
        return true;
    }
}

// MARK: - OPEN

static int read_settings(const struct message *message, struct settings *settings, struct failure *failure) {
    struct position position = {0};
    const char *string, *value;
    static const char *const texts[] = {"workspace", "present", "disk"};
    static const char *const lists[] = {"mask", "protect", "reserve", "allow", "home"};
    char **text_places[] = {&settings->workspace, &settings->present, &settings->disk};
    struct list *list_places[] = {&settings->masks, &settings->protects, &settings->reserves, &settings->allows,
                                  &settings->homes};
    while ((string = message_next(message, &position))) {
        for (int index = 0; index < 3; index++)
            if ((value = value_of(string, texts[index])) && value[0]) {
                free(*text_places[index]);
                *text_places[index] = strdup(value);
            }
        for (int index = 0; index < 5; index++) {
            if (!(value = value_of(string, lists[index])) || !value[0]) continue;
            if ((index == 1 || index == 2) && !relative_is_good(value))
                return fail(failure, "message", EINVAL, "no path in the workspace: %s", value);
            if (list_add(list_places[index], value) != 0) return fail(failure, "message", ENOMEM, "out of memory");
        }
        if ((value = value_of(string, "memory")) && !parse_number(value, &settings->memory))
            return fail(failure, "message", EINVAL, "no number: %s", string);
        if ((value = value_of(string, "inodes")) && !parse_number(value, &settings->inodes))
            return fail(failure, "message", EINVAL, "no number: %s", string);
        if ((value = value_of(string, "mount"))) settings->old_mounts = strcmp(value, "old") == 0;
        if ((value = value_of(string, "tier"))) settings->without_user_namespace = strcmp(value, "T1b") == 0;
    }
    return 0;
}

/// Whether layers of a kind can be written to: mounts one in a child, copies a file up and replaces a directory.
static bool try_layers(char kind, struct failure *failure) {
    struct failure *shared = &slots[0].failure;
    memset(&slots[0], 0, sizeof slots[0]);
    pid_t child = fork();
    if (child == 0) {
        close(world.channel);
        char lower[80], upper[80], path[256];
        const char *lowers[] = {lower};
        snprintf(lower, sizeof lower, "%c:try-lower-%d", kind, getpid());
        snprintf(upper, sizeof upper, "%c:try-upper-%d", kind, getpid());
        struct run run = {.upper = upper, .lowers = lowers, .lower_count = 1};
        int root = root_of(lower), result = 1;
        snprintf(path, sizeof path, "%s/ws/d/e", lower + 2);
        if (make_path(root, path, 0700) == 0 && overlay_prepare(&world.template, &run, shared) == 0 &&
            unshare(CLONE_NEWNS) == 0) {
            int mounted = overlay_mount(&world.template, &run, "ws", "e", "r/sys", shared);
            if (mounted >= 0) {
                // An emptied directory hides the lower one only where extended attributes can be written.
                bool works = unlinkat(mounted, "d/e", AT_REMOVEDIR) == 0 && unlinkat(mounted, "d", AT_REMOVEDIR) == 0 &&
                             mkdirat(mounted, "d", 0700) == 0 && faccessat(mounted, "d/e", F_OK, 0) != 0;
                if (!works) fail(shared, "overlay", errno ? errno : EIO, "deleted directories come back");
                int directory = openat(root, upper + 2, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                int replaced = works ? openat(directory, "ws/d", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
                if (works && (replaced < 0 || cbranch_is_opaque(replaced) != 1))
                    fail(shared, "overlay", ENOTSUP, "the file system keeps no attributes for overlays");
                else if (works) result = 0;
                close(mounted);
                umount2("r/sys", MNT_DETACH);
            }
        }
        delete_tree(root, lower + 2);
        delete_tree(root, upper + 2);
        _exit(result);
    }
    int status = -1;
    if (child > 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (status == 0) return true;
    if (shared->step[0] && !failure->step[0]) *failure = *shared;
    return false;
}

static int open_workspace(const struct message *message, struct failure *failure) {
    static struct settings settings;
    if (read_settings(message, &settings, failure) != 0) return -1;
    world.identity.umask = umask(0);
    groups_open(&groups);
    world.program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (world.program < 0 && getauxval(AT_EXECFN))
        world.program = open((const char *)getauxval(AT_EXECFN), O_RDONLY | O_CLOEXEC);
    slots = mmap(NULL, BRANCH_LIMIT * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED) return fail(failure, "memory", errno, "no shared memory");
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(failure, "channel", errno, "no socket pair can be made");
    world.channel = ends[0];
    world.inner = ends[1];
    // Should memory run out, branches go first.
    write_file(AT_FDCWD, "/proc/self/oom_score_adj", "500");
    if (identity_enter(&world.identity, settings.without_user_namespace, failure) != 0) return -1;
    if (template_build(&world.template, &settings, &world.identity, failure) != 0) return -1;
    if (identity_lock(&world.identity, failure) != 0) return -1;
    world.landlock = landlock_version();
    world.network_notify = filter_can_notify();
    // For uid 0 the kernel counts no processes.
    world.own_process_limit = world.identity.has_namespace && world.identity.uid != 0 && !groups.has_limits;
    world.pid_limit = !groups.has_limits;
    world.template.memory_layers = try_layers('m', failure);
    if (world.template.has_disk) world.template.disk_layers = try_layers('d', failure);
    if (!world.template.memory_layers && !world.template.disk_layers) {
        if (!failure->step[0]) fail(failure, "overlay", EIO, "overlays cannot be mounted");
        return -1;
    }
    start_sweeper();
    struct writer writer;
    writer_start(&writer, CBRANCH_OPENED, message->id);
    const char *tier = world.template.has_disk && !world.template.disk_layers ? "T1" : "T0";
    writer_add(&writer, "tier", "%s", world.identity.has_namespace ? tier : "T1b");
    writer_add(&writer, "memory-layers", "%d", world.template.memory_layers);
    writer_add(&writer, "disk-layers", "%d", world.template.disk_layers);
    writer_add(&writer, "landlock", "%d", world.landlock);
    writer_add(&writer, "cgroup", "%s", groups.directory >= 0 && groups.has_limits ? "v2" : "none");
    writer_add(&writer, "freeze", "%d", groups.directory >= 0);
    writer_add(&writer, "network-notify", "%d", world.network_notify);
    writer_add(&writer, "present", "%s", world.template.present);
    int descriptors[2] = {world.template.memory_fd, world.template.disk_fd};
    say(&writer, descriptors, world.template.has_disk ? 2 : 1);
    return 0;
}

// MARK: - The loop

/// Receives one message. 1: got it. 0: the socket has ended. -1: it is to be skipped.
static int receive(struct message *message, void **mapped, size_t *mapped_length) {
    *mapped = NULL;
    *message = (struct message){.descriptor_count = DESCRIPTOR_LIMIT};
    ssize_t length =
        cbranch_receive(world.runtime, buffer, sizeof buffer, message->descriptors, &message->descriptor_count);
    if (length == 0) return 0;
    if (length < 0) return errno == EMSGSIZE || errno == EAGAIN ? -1 : 0;
    struct cbranch_header header;
    if (length < (ssize_t)sizeof header) {
        for (int index = 0; index < message->descriptor_count; index++) close(message->descriptors[index]);
        return -1;
    }
    memcpy(&header, buffer, sizeof header);
    message->kind = header.kind;
    message->id = header.id;
    message->strings[0] = buffer + sizeof header;
    message->lengths[0] = (size_t)length - sizeof header;
    int expected = header.kind == CBRANCH_RUN ? 2 : 0;
    struct stat status;
    if (message->descriptor_count > expected &&
        fstat(message->descriptors[message->descriptor_count - 1], &status) == 0 && status.st_size > 0 &&
        status.st_size <= 64 << 20) {
        int file = message->descriptors[message->descriptor_count - 1];
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED) {
            // A copy: the file could be cut while it is mapped.
            char *copy = malloc((size_t)status.st_size);
            ssize_t got = copy ? pread(file, copy, (size_t)status.st_size, 0) : -1;
            munmap(bytes, (size_t)status.st_size);
            if (got > 0) {
                *mapped = copy;
                *mapped_length = (size_t)got;
                message->strings[1] = copy;
                message->lengths[1] = (size_t)got;
            } else free(copy);
        }
    }
    return 1;
}

static void close_all(void) {
    for (int index = 0; index < branch_high; index++)
        if (branches[index].is_used) k_pidfd_send_signal(branches[index].pidfd, SIGKILL);
    while (branch_count > 0) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR) break;
        for (int index = 0; index < branch_high; index++)
            if (branches[index].is_used && branches[index].pid == pid) {
                if (branches[index].has_group) {
                    close(branches[index].group);
                    groups_remove(&groups, branches[index].group_name);
                }
                overlay_finish(&world.template, branches[index].upper);
                branches[index].is_used = false;
                branch_count--;
            }
    }
    groups_close(&groups);
    // The sweeper finishes what lies in the trash on disk; what lies in memory goes with the mount.
    if (sweeper > 0) {
        close(world.template.memory_fd);
        close(sweeper_pipe);
        int status;
        while (waitpid(sweeper, &status, 0) < 0 && errno == EINTR) {}
    }
}

int host_main(int socket) {
    world.runtime = socket;
    world.channel = world.inner = -1;
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    // Blocked, not ignored: what is ignored stays so for commands. Ctrl-C in a terminal is the runtime's affair, which
    // closes the socket.
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    static const int numbers[] = {SIGCHLD, SIGPIPE, SIGINT, SIGHUP, SIGQUIT};
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) sigaddset(&blocked, numbers[index]);
    sigprocmask(SIG_SETMASK, &blocked, NULL);

    struct message message;
    void *mapped;
    size_t mapped_length;
    int got = receive(&message, &mapped, &mapped_length);
    if (got <= 0) return got == 0 ? 0 : 1;
    struct failure failure = {0};
    int result = message.kind == CBRANCH_OPEN
                     ? open_workspace(&message, &failure)
                     : fail(&failure, "message", EPROTO, "the first message must be OPEN");
    free(mapped);
    if (result != 0) {
        identity_explain(&failure);
        say_failure(message.id, "open", &failure);
        groups_close(&groups);
        return 1;
    }
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd entries[3] = {
        {.fd = socket, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = world.channel, .events = POLLIN}};
    int64_t watched = 0;
    for (;;) {
        entries[0].events = POLLIN | (queue_head ? POLLOUT : 0);
        int ready = poll(entries, 3, branch_count > 0 ? SAMPLE_MILLISECONDS : -1);
        if (ready < 0 && errno != EINTR) break;
        if (branch_count > 0 && is_due(&watched, SAMPLE_MILLISECONDS)) watch();
        if (ready <= 0) continue;
        if (entries[2].revents & POLLIN) take_networks();
        if (entries[1].revents & POLLIN) reap();
        if (entries[0].revents & POLLOUT) say_queued();
        if (entries[0].revents & POLLIN) {
            got = receive(&message, &mapped, &mapped_length);
            if (got == 0) break;
            if (got < 0) continue;
            bool goes_on = handle(&message);
            for (int index = 0; index < message.descriptor_count; index++) close(message.descriptors[index]);
            free(mapped);
            if (!goes_on) break;
        } else if (entries[0].revents & (POLLHUP | POLLERR)) break;
    }
    close_all();
    return 0;
}

#else
typedef int cbranch_nothing_here;
#endif
