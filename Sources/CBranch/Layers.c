// Layers: their names, and how they are removed: put into the trash at once, deleted by a child of the host.
#ifdef __linux__

#include "Internal.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

static pid_t sweeper = -1;
static int sweeper_pipe = -1;

bool layer_is_good(const char *layer) {
    return (layer[0] == 'm' || (layer[0] == 'd' && host.world.template.has_disk)) && layer[1] == ':' &&
           name_is_good(layer + 2);
}

int layer_root(const char *layer) {
    return layer[0] == 'm' ? host.world.template.memory_fd : host.world.template.disk_fd;
}

void trash_empty(void) {
    for (int disk = 0; disk < 2; disk++) {
        int root = disk ? host.world.template.disk_fd : host.world.template.memory_fd;
        char name[32];
        // Emptied as a whole, so that the host, and other sweepers, can go on meanwhile.
        snprintf(name, sizeof name, ".sweep-%d", getpid());
        if (root < 0 || renameat(root, ".trash", root, name) != 0) continue;
        mkdirat(root, ".trash", 0700);
        delete_tree(root, name);
    }
}

/// Deletes what other sweepers are at, or have left when they were killed.
static void finish_sweeps(int root) {
    int copy = root < 0 ? -1 : openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) return;
    struct dirent *entry;
    while ((entry = readdir(stream)))
        if (strncmp(entry->d_name, ".sweep-", 7) == 0) delete_tree(root, entry->d_name);
    closedir(stream);
}

void trash_finish(void) {
    trash_empty();
    finish_sweeps(host.world.template.memory_fd);
}

/// Empties the trash whenever it is told to: a child of its own, as long trees take long.
static void sweep(int pipe_fd) __attribute__((noreturn));
static void sweep(int pipe_fd) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "forerun-sweep");
    setpriority(PRIO_PROCESS, 0, 19);
    finish_sweeps(host.world.template.disk_fd);
    char bytes[256];
    for (;;) {
        trash_empty();
        ssize_t got = read(pipe_fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) _exit(0);
    }
}

void sweeper_start(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    sweeper = fork();
    if (sweeper == 0) {
        close(ends[1]);
        close(host.world.channel);
        close(host.world.runtime);
        sweep(ends[0]);
    }
    close(ends[0]);
    sweeper_pipe = ends[1];
    fcntl(sweeper_pipe, F_SETFL, O_NONBLOCK);
}

bool memory_is_short(unsigned int part) {
    struct statvfs status;
    return fstatvfs(host.world.template.memory_fd, &status) == 0 &&
           (status.f_bavail < status.f_blocks / part || status.f_ffree < status.f_files / part);
}

int trash_put(int root, const char *name) {
    static unsigned int count;
    char place[64];
    snprintf(place, sizeof place, ".trash/%d-%u", getpid(), count++);
    int result = renameat(root, name, root, place);
    if (result != 0 && errno == ENOENT && faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        // The sweeper is just about to make a new one.
        mkdirat(root, ".trash", 0700);
        result = renameat(root, name, root, place);
    }
    if (result == 0 && sweeper_pipe >= 0 && write(sweeper_pipe, "", 1) < 0 && errno == EPIPE) sweeper_start();
    if (result == 0 && root == host.world.template.memory_fd && memory_is_short(4)) {
        // Somebody is about to need the room: not at the lowest priority, then.
        pid_t child = fork();
        if (child == 0) {
            close(host.world.channel);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            trash_empty();
            _exit(0);
        }
    }
    return result;
}

bool sweeper_has_ended(pid_t pid) {
    if (pid != sweeper) return false;
    close(sweeper_pipe);
    sweeper_start();
    return true;
}

void sweeper_finish(void) {
    // What lies in memory goes with the mount.
    if (sweeper <= 0) return;
    close(host.world.template.memory_fd);
    close(sweeper_pipe);
    int status;
    while (waitpid(sweeper, &status, 0) < 0 && errno == EINTR) {}
}

#else
typedef int cbranch_nothing_here;
#endif
