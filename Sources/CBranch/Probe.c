// `forerun-branch probe [--old-mounts] WORKSPACE`: opens a host, runs the canary in a branch, kills another, and says what works.
#ifdef __linux__

#include "Internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct probe {
    int socket, layers;
    char bytes[8192];
    struct message message;
};

static bool receive(struct probe *probe, int milliseconds) {
    struct pollfd entry = {.fd = probe->socket, .events = POLLIN};
    if (poll(&entry, 1, milliseconds) <= 0) return false;
    probe->message = (struct message){.descriptor_count = DESCRIPTOR_LIMIT};
    ssize_t length = cbranch_receive(probe->socket, probe->bytes, sizeof probe->bytes, probe->message.descriptors,
                                     &probe->message.descriptor_count);
    struct cbranch_header header;
    if (length < (ssize_t)sizeof header) return false;
    memcpy(&header, probe->bytes, sizeof header);
    probe->message.kind = header.kind;
    probe->message.id = header.id;
    probe->message.strings[0] = probe->bytes + sizeof header;
    probe->message.lengths[0] = (size_t)length - sizeof header;
    return true;
}

static const char *find_value(const struct probe *probe, const char *key) {
    struct position position = {0};
    const char *string, *value;
    while ((string = message_next(&probe->message, &position)))
        if ((value = value_of(string, key))) return value;
    return NULL;
}

static void print_strings(const struct probe *probe) {
    struct position position = {0};
    const char *string;
    while ((string = message_next(&probe->message, &position))) printf("%s\n", string);
}

static int put_file(int directory, const char *path, const char *text) {
    int file = openat(directory, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return -1;
    ssize_t written = write(file, text, strlen(text));
    close(file);
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

static void start(struct probe *probe, uint32_t id, const char *layers, const char *variable, int output) {
    struct writer writer;
    int outputs[2] = {output, output};
    writer_start(&writer, CBRANCH_RUN, id);
    writer_add(&writer, "canary", "1");
    writer_add(&writer, "arg", "canary");
    writer_add(&writer, "lower", "%s:probe-lower", layers);
    writer_add(&writer, "upper", "%s:probe-%u", layers, id);
    writer_add(&writer, "notice", "1");
    if (variable) writer_add(&writer, "env", "%s", variable);
    cbranch_send(probe->socket, writer.bytes, writer.length, outputs, 2);
}

/// Runs the canary. 0: all is well.
static int try_canary(struct probe *probe, const char *layers, bool notices) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return 1;
    start(probe, 2, layers, NULL, ends[1]);
    close(ends[1]);
    bool felt = false, ended = false, worked = false;
    while (!ended && receive(probe, 20000)) {
        for (int index = 0; index < probe->message.descriptor_count; index++) close(probe->message.descriptors[index]);
        if (probe->message.kind == CBRANCH_FELT) felt = true;
        if (probe->message.kind == CBRANCH_FAILED) {
            print_strings(probe);
            ended = true;
        }
        if (probe->message.kind == CBRANCH_ENDED) {
            const char *status = find_value(probe, "exit");
            worked = status && strcmp(status, "0") == 0;
            ended = true;
        }
    }
    char text[8192];
    ssize_t length = read(ends[0], text, sizeof text);
    if (length > 0) fwrite(text, 1, (size_t)length, stdout);
    close(ends[0]);
    if (notices) printf("try-notice=%s\n", felt ? "ok" : "failed: the attempt at the network was not noticed");
    return worked && (felt || !notices) ? 0 : 1;
}

static int try_kill(struct probe *probe, const char *layers) {
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    start(probe, 3, layers, "CANARY_WAITS=1", null);
    close(null);
    bool killed = false;
    while (receive(probe, 20000)) {
        for (int index = 0; index < probe->message.descriptor_count; index++) close(probe->message.descriptors[index]);
        if (probe->message.kind == CBRANCH_STARTED) {
            struct cbranch_header header = {.kind = CBRANCH_KILL, .id = 3};
            cbranch_send(probe->socket, &header, sizeof header, NULL, 0);
        }
        if (probe->message.kind == CBRANCH_FAILED) break;
        if (probe->message.kind == CBRANCH_ENDED) {
            const char *signal = find_value(probe, "signal");
            killed = signal && strcmp(signal, "9") == 0;
            break;
        }
    }
    printf("try-kill=%s\n", killed ? "ok" : "failed: the branch did not end");
    return killed ? 0 : 1;
}

static int try_layers(struct probe *probe, int directory, const char *layers, bool notices) {
    if (mkdirat(directory, "probe-lower", 0700) != 0 ||
        make_path(directory, "probe-lower/ws/forerun-canary/directory", 0700) != 0 ||
        put_file(directory, "probe-lower/ws/forerun-canary/file", "a") != 0 ||
        put_file(directory, "probe-lower/ws/forerun-canary/directory/file", "a") != 0) {
        printf("try-layers=failed: %s\n", strerror(errno));
        return 1;
    }
    int result = try_canary(probe, layers, notices);
    return try_kill(probe, layers) == 0 ? result : 1;
}

int probe_main(const char *workspace, bool old_mounts) {
    static struct probe probe;
    int ends[2];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return 1;
    fflush(stdout);
    pid_t host = fork();
    if (host == 0) {
        close(ends[0]);
        _exit(host_main(ends[1]));
    }
    close(ends[1]);
    if (host < 0) return 1;
    probe.socket = ends[0];
    char path[PATH_LIMIT], disk[] = "/tmp/forerun-probe-XXXXXX";
    bool has_disk = mkdtemp(disk) != NULL;
    struct writer writer;
    writer_start(&writer, CBRANCH_OPEN, 1);
    if (has_disk) writer_add(&writer, "disk", "%s", disk);
    if (old_mounts) writer_add(&writer, "mount", "old");
    writer_add(&writer, "workspace", "%s", realpath(workspace, path) ? path : workspace);
    writer_add(&writer, "memory", "%u", 16u << 20);
    int result = 1;
    if (cbranch_send(probe.socket, writer.bytes, writer.length, NULL, 0) == 0 && receive(&probe, 20000)) {
        print_strings(&probe);
        if (probe.message.kind == CBRANCH_OPENED && probe.message.descriptor_count > 0) {
            const char *notify = find_value(&probe, "network-notify");
            bool notices = notify && strcmp(notify, "1") == 0;
            const char *memory = find_value(&probe, "memory-layers");
            int in_memory = probe.message.descriptors[0];
            int on_disk = probe.message.descriptor_count > 1 ? probe.message.descriptors[1] : -1;
            umask(0);
            // Before Linux 6.6 a tmpfs keeps no attributes of users, which overlays need.
            if (on_disk < 0 || (memory && strcmp(memory, "1") == 0)) result = try_layers(&probe, in_memory, "m", notices);
            else result = try_layers(&probe, on_disk, "d", notices);
            close(in_memory);
            if (on_disk >= 0) close(on_disk);
        }
    }
    close(probe.socket);
    int status;
    while (waitpid(host, &status, 0) < 0 && errno == EINTR) {}
    if (has_disk) delete_tree(AT_FDCWD, disk);
    printf("works=%d\n", result == 0);
    return result;
}

#else
typedef int cbranch_nothing_here;
#endif
