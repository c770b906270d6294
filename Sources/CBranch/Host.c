// The host: one single-threaded process for each open workspace, which starts branches and tells how they end.
#ifdef __linux__

#include "Internal.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#define SAMPLE_MILLISECONDS 20

/// An answer that the socket did not take at once.
struct pending {
    struct pending *next;
    size_t length;
    int descriptor_count, descriptors[2];
    char bytes[];
};

struct host host;
static struct pending *queue_head, **queue_tail = &queue_head;
static char buffer[MESSAGE_LIMIT];

// MARK: - Answers

void say(const struct writer *writer, const int *descriptors, int count) {
    if (!queue_head) {
        // Blocking could wait for a runtime that waits for us.
        struct pollfd writable = {.fd = host.world.runtime, .events = POLLOUT};
        if (poll(&writable, 1, 0) == 1 && writable.revents & POLLOUT) {
            if (cbranch_send(host.world.runtime, writer->bytes, writer->length, descriptors, count) == 0) return;
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
        struct pollfd writable = {.fd = host.world.runtime, .events = POLLOUT};
        if (poll(&writable, 1, 0) != 1 || !(writable.revents & POLLOUT)) return;
        struct pending *item = queue_head;
        if (cbranch_send(host.world.runtime, item->bytes, item->length, item->descriptors, item->descriptor_count) != 0 &&
            errno == EAGAIN)
            return;
        queue_head = item->next;
        if (!queue_head) queue_tail = &queue_head;
        for (int index = 0; index < item->descriptor_count; index++) close(item->descriptors[index]);
        free(item);
    }
}

void say_failure(uint32_t id, const char *request, const struct failure *failure) {
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

// MARK: - Other requests

static void report_usage(uint32_t id) {
    struct statvfs status;
    struct writer writer;
    writer_start(&writer, CBRANCH_STATED, id);
    if (fstatvfs(host.world.template.memory_fd, &status) == 0) {
        writer_add(&writer, "bytes-used", "%llu",
                   (unsigned long long)(status.f_blocks - status.f_bfree) * (unsigned long long)status.f_frsize);
        writer_add(&writer, "bytes", "%llu", (unsigned long long)status.f_blocks * (unsigned long long)status.f_frsize);
        writer_add(&writer, "inodes-used", "%llu", (unsigned long long)(status.f_files - status.f_ffree));
        writer_add(&writer, "inodes", "%llu", (unsigned long long)status.f_files);
    }
    writer_add(&writer, "branches", "%d", branches_running());
    say(&writer, NULL, 0);
}

static int remove_layer(const struct message *message, struct failure *failure) {
    struct position position = {0};
    const char *string, *name = NULL;
    while ((string = message_next(message, &position)))
        if (value_of(string, "name")) name = value_of(string, "name");
    if (!name || !layer_is_good(name)) return fail(failure, "remove", EINVAL, "REMOVE needs the name of a layer");
    if (branches_write_to(name)) return fail(failure, "remove", EBUSY, "a run is writing to %s", name);
    if (trash_put(layer_root(name), name + 2) != 0)
        return fail(failure, "remove", errno, "%s cannot be removed: %s", name, strerror(errno));
    return 0;
}

/// Does what a message asks for. False: the host is to end.
static bool handle(const struct message *message) {
    struct failure failure = {0};
    switch (message->kind) {
    case CBRANCH_RUN:
        if (branches_start(message, &failure) != 0) say_failure(message->id, "run", &failure);
        return true;
    case CBRANCH_TERM:
    case CBRANCH_KILL:
        branches_signal(message->id, message->kind == CBRANCH_KILL ? SIGKILL : SIGTERM);
        return true;
    case CBRANCH_FREEZE:
    case CBRANCH_THAW: {
        bool frozen = message->kind == CBRANCH_FREEZE;
        const char *name = frozen ? "freeze" : "thaw";
        if (branches_freeze(message->id, frozen, &failure) != 0) say_failure(message->id, name, &failure);
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
    struct failure *shared = &host.slots[0].failure;
    memset(&host.slots[0], 0, sizeof host.slots[0]);
    pid_t child = fork();
    if (child == 0) {
        close(host.world.channel);
        char lower[80], upper[80], path[256];
        const char *lowers[] = {lower};
        snprintf(lower, sizeof lower, "%c:try-lower-%d", kind, getpid());
        snprintf(upper, sizeof upper, "%c:try-upper-%d", kind, getpid());
        struct run run = {.upper = upper, .lowers = lowers, .lower_count = 1};
        int root = layer_root(lower), result = 1;
        snprintf(path, sizeof path, "%s/ws/d/e", lower + 2);
        if (make_path(root, path, 0700) == 0 && overlay_prepare(&host.world.template, &run, shared) == 0 &&
            unshare(CLONE_NEWNS) == 0) {
            int mounted = overlay_mount(&host.world.template, &run, "ws", "e", "r/sys", shared);
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
    host.world.identity.umask = umask(0);
    host.world.oom_kills = limits_oom_kills(AT_FDCWD, "/proc/vmstat");
    groups_open(&host.groups);
    host.world.program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (host.world.program < 0 && getauxval(AT_EXECFN))
        host.world.program = open((const char *)getauxval(AT_EXECFN), O_RDONLY | O_CLOEXEC);
    host.slots = mmap(NULL, BRANCH_LIMIT * sizeof *host.slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (host.slots == MAP_FAILED) return fail(failure, "memory", errno, "no shared memory");
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(failure, "channel", errno, "no socket pair can be made");
    host.world.channel = ends[0];
    host.world.inner = ends[1];
    // Should memory run out, branches go first.
    write_file(AT_FDCWD, "/proc/self/oom_score_adj", "500");
    if (identity_enter(&host.world.identity, settings.without_user_namespace, failure) != 0) return -1;
    if (template_build(&host.world.template, &settings, &host.world.identity, failure) != 0) return -1;
    if (identity_lock(&host.world.identity, failure) != 0) return -1;
    host.world.landlock = landlock_version();
    host.world.network_notify = filter_can_notify();
    // For uid 0 the kernel counts no processes.
    host.world.own_process_limit = host.world.identity.has_namespace && host.world.identity.uid != 0 && !host.groups.has_limits;
    host.world.pid_limit = !host.groups.has_limits;
    host.world.template.memory_layers = try_layers('m', failure);
    if (host.world.template.has_disk) host.world.template.disk_layers = try_layers('d', failure);
    if (!host.world.template.memory_layers && !host.world.template.disk_layers) {
        if (!failure->step[0]) fail(failure, "overlay", EIO, "overlays cannot be mounted");
        return -1;
    }
    sweeper_start();
    struct writer writer;
    writer_start(&writer, CBRANCH_OPENED, message->id);
    const char *tier = host.world.template.has_disk && !host.world.template.disk_layers ? "T1" : "T0";
    writer_add(&writer, "tier", "%s", host.world.identity.has_namespace ? tier : "T1b");
    writer_add(&writer, "memory-layers", "%d", host.world.template.memory_layers);
    writer_add(&writer, "disk-layers", "%d", host.world.template.disk_layers);
    writer_add(&writer, "landlock", "%d", host.world.landlock);
    writer_add(&writer, "cgroup", "%s", host.groups.directory >= 0 && host.groups.has_limits ? "v2" : "none");
    writer_add(&writer, "freeze", "%d", host.groups.directory >= 0);
    writer_add(&writer, "network-notify", "%d", host.world.network_notify);
    writer_add(&writer, "present", "%s", host.world.template.present);
    int descriptors[2] = {host.world.template.memory_fd, host.world.template.disk_fd};
    say(&writer, descriptors, host.world.template.has_disk ? 2 : 1);
    return 0;
}

// MARK: - The loop

/// Receives one message. 1: got it. 0: the socket has ended. -1: it is to be skipped.
static int receive(struct message *message, void **mapped, size_t *mapped_length) {
    *mapped = NULL;
    *message = (struct message){.descriptor_count = DESCRIPTOR_LIMIT};
    ssize_t length =
        cbranch_receive(host.world.runtime, buffer, sizeof buffer, message->descriptors, &message->descriptor_count);
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

int host_main(int socket) {
    host.world.runtime = socket;
    host.world.channel = host.world.inner = -1;
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
        groups_close(&host.groups);
        return 1;
    }
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd entries[3] = {
        {.fd = socket, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = host.world.channel, .events = POLLIN}};
    int64_t watched = 0;
    bool refills = true;
    for (;;) {
        entries[0].events = POLLIN | (queue_head ? POLLOUT : 0);
        int ready = poll(entries, 3, refills ? 0 : branches_running() > 0 ? SAMPLE_MILLISECONDS : -1);
        if (ready < 0 && errno != EINTR) break;
        if (branches_running() > 0 && is_due(&watched, SAMPLE_MILLISECONDS)) branches_watch();
        if (ready <= 0) {
            // Spare branches are made when nobody waits for anything.
            if (refills) refills = branches_refill();
            continue;
        }
        if (entries[2].revents & POLLIN) branches_hear();
        if (entries[1].revents & POLLIN) branches_reap(signals);
        if (entries[0].revents & POLLOUT) say_queued();
        if (entries[0].revents & POLLIN) {
            got = receive(&message, &mapped, &mapped_length);
            if (got == 0) break;
            if (got < 0) continue;
            bool goes_on = handle(&message);
            refills = true;
            for (int index = 0; index < message.descriptor_count; index++) close(message.descriptors[index]);
            free(mapped);
            if (!goes_on) break;
        } else if (entries[0].revents & (POLLHUP | POLLERR)) break;
    }
    branches_close();
    groups_close(&host.groups);
    sweeper_finish();
    return 0;
}

#else
typedef int cbranch_nothing_here;
#endif
