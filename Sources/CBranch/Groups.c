// Control groups of the second version, where a part of the tree has been delegated to us.
#ifdef __linux__

#include "Internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/// Where cgroup2 is mounted.
static bool find_mount(char place[PATH_LIMIT]) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts) return false;
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;
    while (!found && getline(&line, &capacity, mounts) >= 0)
        found = strstr(line, " - cgroup2 ") && sscanf(line, "%*s %*s %*s %*s %4095s", place) == 1;
    free(line);
    fclose(mounts);
    return found;
}

/// Our own group, as a path below the mount.
static bool find_own(char path[PATH_LIMIT]) {
    FILE *groups = fopen("/proc/self/cgroup", "re");
    if (!groups) return false;
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;
    while (!found && getline(&line, &capacity, groups) >= 0) {
        if (strncmp(line, "0::/", 4) != 0) continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(path, PATH_LIMIT, "%s", line + 3);
        found = true;
    }
    free(line);
    fclose(groups);
    return found;
}

static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length)
        if ((at == text || at[-1] == ' ') && (at[length] == 0 || at[length] == ' ' || at[length] == '\n')) return true;
    return false;
}

/// Tries to make our group in a directory of the hierarchy.
static bool make_in(struct groups *groups, const char *directory, const char *name) {
    char path[2 * PATH_LIMIT], controllers[1024];
    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path) return false;
    if (mkdir(path, 0700) != 0) return false;
    int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group < 0) {
        rmdir(path);
        return false;
    }
    write_file(group, "cgroup.subtree_control", "+pids");
    write_file(group, "cgroup.subtree_control", "+memory");
    bool both = read_file(group, "cgroup.subtree_control", controllers, sizeof controllers) > 0 &&
                has_word(controllers, "pids") && has_word(controllers, "memory");
    // A process of ours must be allowed to go in.
    char text[32];
    bool enters = faccessat(group, "cgroup.procs", W_OK, 0) == 0;
    snprintf(text, sizeof text, "%d", getpid());
    if (!enters) {
        close(group);
        rmdir(path);
        return false;
    }
    groups->directory = group;
    groups->parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(groups->name, sizeof groups->name, "%s", name);
    groups->has_limits = both;
    return true;
}

void groups_open(struct groups *groups) {
    *groups = (struct groups){.directory = -1, .parent = -1};
    char mount[PATH_LIMIT], own[PATH_LIMIT], path[2 * PATH_LIMIT], name[32];
    if (!find_mount(mount) || !find_own(own)) return;
    snprintf(name, sizeof name, "forerun-%d", getpid());
    // A group with processes cannot give controllers to groups below it, so a sibling of ours is tried first.
    for (int level = 0; level < 4; level++) {
        char *slash = strrchr(own, '/');
        if (!slash) return;
        *slash = 0;
        if (snprintf(path, sizeof path, "%s%s", mount, own) >= (int)sizeof path) return;
        if (make_in(groups, path, name)) return;
        if (own[0] == 0) return;
    }
}

int groups_make(const struct groups *groups, uint32_t id, char name[32]) {
    snprintf(name, 32, "%u", id);
    if (mkdirat(groups->directory, name, 0700) != 0) return -1;
    return openat(groups->directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void groups_limit(const struct groups *groups, int group, const struct limits *limits) {
    char text[32];
    if (groups->has_limits && limits->processes > 0) {
        // The branch's first process does not count.
        snprintf(text, sizeof text, "%llu", (unsigned long long)limits->processes + 1);
        write_file(group, "pids.max", text);
    }
    if (groups->has_limits && limits->memory > 0) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)limits->memory);
        write_file(group, "memory.max", text);
        write_file(group, "memory.swap.max", "0");
        write_file(group, "memory.oom.group", "1");
    }
}

void groups_remove(const struct groups *groups, const char *name) { unlinkat(groups->directory, name, AT_REMOVEDIR); }

static bool has_counted(int group, const char *file, const char *key) {
    char text[512];
    if (read_file(group, file, text, sizeof text) <= 0) return false;
    size_t length = strlen(key);
    for (char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, length) == 0 && line[length] == ' ') return strtoull(line + length, NULL, 10) > 0;
    }
    return false;
}

uint32_t groups_felt(int group) {
    uint32_t felt = 0;
    if (has_counted(group, "pids.events", "max")) felt |= FELT_PROCESSES;
    if (has_counted(group, "memory.events", "max") || has_counted(group, "memory.events", "oom")) felt |= FELT_MEMORY;
    return felt;
}

int groups_freeze(int group, bool frozen) { return write_file(group, "cgroup.freeze", frozen ? "1" : "0"); }

void groups_close(struct groups *groups) {
    if (groups->directory >= 0) close(groups->directory);
    if (groups->parent >= 0) {
        unlinkat(groups->parent, groups->name, AT_REMOVEDIR);
        close(groups->parent);
    }
    *groups = (struct groups){.directory = -1, .parent = -1};
}

#else
typedef int cbranch_nothing_here;
#endif
