// The system that commands see: read-only, without what could lead out of their branch.
#ifdef __linux__

#include "Internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/// What commands never see of the system: made anew, or left out.
static const char *const left_out[] = {"proc", "sys", "dev", "run", "tmp", "lost+found"};
/// What a home directory with mounts inside may hold, each entry of which takes a mount.
#define HOME_ENTRIES 1000
const char *const system_devices[SYSTEM_DEVICES] = {"null", "zero", "full", "random", "urandom", "tty"};

bool is_left_out(const char *path) {
    for (size_t index = 0; index < sizeof left_out / sizeof *left_out; index++) {
        char directory[32];
        snprintf(directory, sizeof directory, "/%s", left_out[index]);
        if (path_is_within(path, directory)) return true;
    }
    return false;
}

static bool is_empty(int directory) {
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return true;  // unreadable: nothing to see either
    DIR *stream = fdopendir(copy);
    if (!stream) {
        close(copy);
        return false;
    }
    bool empty = true;
    struct dirent *entry;
    while (empty && (entry = readdir(stream)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(stream);
    return empty;
}

/// Shows one entry of the system's root.
static int show_entry(int system, const char *name, const struct list *places, struct failure *failure) {
    char target[300], link[PATH_LIMIT], place[300];
    struct stat status;
    for (size_t index = 0; index < sizeof left_out / sizeof *left_out; index++)
        if (strcmp(name, left_out[index]) == 0) return 0;
    if (fstatat(system, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
    snprintf(target, sizeof target, "r/%s", name);
    if (S_ISLNK(status.st_mode)) {
        ssize_t length = readlinkat(system, name, link, sizeof link - 1);
        if (length < 0) return 0;
        link[length] = 0;
        return symlink(link, target) == 0 ? 0 : fail(failure, "root", errno, "the link %s cannot be made", target);
    }
    if (!S_ISDIR(status.st_mode)) return 0;
    int source = openat(system, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
    if (source < 0) return 0;
    int result = 0;
    if (mkdir(target, status.st_mode & 0777) != 0)
        result = fail(failure, "root", errno, "the directory %s cannot be made: %s", target, strerror(errno));
    snprintf(place, sizeof place, "/%s", name);
    bool is_bare = is_empty(source) && !list_has(places, place) && !mounts_below(places, place);
    if (result == 0 && !is_bare && mount_bind_only(source, "", AT_FDCWD, target, READ_ONLY, true) != 0)
        result = fail(failure, "root", errno, "/%s cannot be shown read-only: %s", name, strerror(errno));
    close(source);
    return result;
}

int system_show(int system, const struct list *places, struct failure *failure) {
    DIR *stream = fdopendir(openat(system, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!stream) return fail(failure, "root", errno, "the root directory cannot be read: %s", strerror(errno));
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(stream)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = show_entry(system, entry->d_name, places, failure);
    closedir(stream);
    return result;
}

int system_show_devices(const int sources[SYSTEM_DEVICES], struct failure *failure) {
    char target[64];
    static const char *const links[][2] = {{"/proc/self/fd", "r/dev/fd"},     {"/proc/self/fd/0", "r/dev/stdin"},
                                           {"/proc/self/fd/1", "r/dev/stdout"}, {"/proc/self/fd/2", "r/dev/stderr"},
                                           {"pts/ptmx", "r/dev/ptmx"}};
    for (size_t index = 0; index < sizeof links / sizeof *links; index++)
        if (symlink(links[index][0], links[index][1]) != 0)
            return fail(failure, "devices", errno, "%s cannot be made", links[index][1]);
    if (mkdir("r/dev/shm", 0755) != 0 || mkdir("r/dev/pts", 0755) != 0)
        return fail(failure, "devices", errno, "/dev cannot be made");
    for (size_t index = 0; index < SYSTEM_DEVICES; index++) {
        if (sources[index] < 0) continue;
        snprintf(target, sizeof target, "r/dev/%s", system_devices[index]);
        uint64_t attributes = K_ATTR_RDONLY | K_ATTR_NOSUID | K_ATTR_NOEXEC;
        if (touch(target, 0666) != 0 ||
            mount_bind_only(sources[index], "", AT_FDCWD, target, attributes, false) != 0)
            return fail(failure, "devices", errno, "/dev/%s cannot be shown: %s", system_devices[index], strerror(errno));
    }
    return 0;
}

/// Makes the directory or file that something is mounted on.
static int make_point(const char *path, bool is_directory) {
    if (is_directory) return make_path(AT_FDCWD, path, 0755);
    char parent[PATH_LIMIT + 8];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash) {
        *slash = 0;
        if (make_path(AT_FDCWD, parent, 0755) != 0) return -1;
    }
    return touch(path, 0444);
}

void system_show_allowed(struct template *template, const char *path, int source) {
    struct stat status;
    char target[PATH_LIMIT + 8];
    if (source < 0 || fstat(source, &status) != 0 || S_ISLNK(status.st_mode)) return;
    bool is_directory = S_ISDIR(status.st_mode);
    uint64_t attributes = K_ATTR_RDONLY | K_ATTR_NOSUID | (path_is_within(path, "/dev") ? 0 : K_ATTR_NODEV);
    const char *below_tmp = path_below(path, "/tmp");
    if (below_tmp) {
        // The overlay on /tmp would not show the mount: each branch makes it again.
        snprintf(target, sizeof target, "t/%s", below_tmp);
        if (below_tmp[0] == 0 || make_point(target, is_directory) != 0) return;
        snprintf(target, sizeof target, "a%d", template->shown_in_tmp.count);
        if (make_point(target, is_directory) != 0 ||
            mount_bind_only(source, "", AT_FDCWD, target, attributes, is_directory) != 0)
            return;
        list_add(&template->shown_in_tmp, path);
        return;
    }
    snprintf(target, sizeof target, "r%s", path);
    if (make_point(target, is_directory) == 0)
        mount_bind_only(source, "", AT_FDCWD, target, attributes, is_directory);
}

/// Makes what is to be hidden and is not there yet stay away: `front` lies over the home directory.
static void hide_absent(const char *front, const char *home, const struct list *absent) {
    for (int index = 0; index < absent->count; index++) {
        const char *rest = path_below(absent->items[index], home);
        char place[PATH_LIMIT + 64], source[PATH_LIMIT + 8];
        struct stat status;
        if (!rest || rest[0] == 0) continue;
        // The directories on the way look like the real ones; where one is missing too, it stays away with all below it.
        const char *slash = rest;
        bool is_there = true;
        while (is_there && (slash = strchr(slash, '/'))) {
            snprintf(source, sizeof source, "r%s/%.*s", home, (int)(slash - rest), rest);
            snprintf(place, sizeof place, "%s/%.*s", front, (int)(slash - rest), rest);
            if (lstat(source, &status) != 0) break;
            is_there = S_ISDIR(status.st_mode) &&
                       (mkdir(place, 0700) == 0 ? chmod(place, status.st_mode & 07777) == 0 : errno == EEXIST);
            slash++;
        }
        if (!slash) snprintf(place, sizeof place, "%s/%s", front, rest);
        if (is_there) cbranch_make_whiteout(AT_FDCWD, place);
    }
}

/// Puts an entry of `real` into the directory at `target`, which stands in for it: as a mount, or, where it is no file or
/// directory, as something that looks like it.
static void stand_in(int real, const char *name, const char *target) {
    char place[PATH_LIMIT * 2], link[PATH_LIMIT];
    struct stat status;
    if (fstatat(real, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (snprintf(place, sizeof place, "%s/%s", target, name) >= (int)sizeof place) return;
    if (S_ISLNK(status.st_mode)) {
        ssize_t length = readlinkat(real, name, link, sizeof link - 1);
        if (length < 0) return;
        link[length] = 0;
        if (symlink(link, place) != 0) return;
    } else if (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode)) {
        // Nobody listens at it.
        mknod(place, status.st_mode, 0);
    } else if (S_ISDIR(status.st_mode)) {
        if (mkdir(place, 0700) == 0 && mount_bind_only(real, name, AT_FDCWD, place, READ_ONLY, true) != 0) rmdir(place);
    } else if (touch(place, 0600) == 0 && mount_bind_only(real, name, AT_FDCWD, place, READ_ONLY, false) != 0)
        unlink(place);
}

/// Shows each entry of a directory by itself: the kernel lays no overlay over a directory with mounts inside.
static void show_entries(const struct template *template, const char *path, const char *front,
                         const struct list *places, const struct list *absent) {
    char target[PATH_LIMIT + 8], place[PATH_LIMIT * 2];
    struct list entries = {0};
    snprintf(target, sizeof target, "r%s", path);
    // Opened before it is covered.
    int real = open(target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), copy = real < 0 ? -1 : dup(real);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    while (stream && entries.count <= HOME_ENTRIES && (entry = readdir(stream)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) list_add(&entries, entry->d_name);
    if (stream) closedir(stream);
    else if (copy >= 0) close(copy);
    if (stream && entries.count <= HOME_ENTRIES &&
        mount_bind_only(AT_FDCWD, front, AT_FDCWD, target, K_ATTR_NOSUID | K_ATTR_NODEV, false) == 0) {
        for (int index = 0; index < entries.count; index++) stand_in(real, entries.items[index], target);
        k_mount_setattr(AT_FDCWD, target, 0, READ_ONLY);
        for (int index = 0; index < entries.count; index++)
            if (snprintf(place, sizeof place, "%s/%s", path, entries.items[index]) < PATH_LIMIT)
                system_show_home(template, place, places, absent);
    }
    if (real >= 0) close(real);
    list_free(&entries);
}

void system_show_home(const struct template *template, const char *path, const struct list *places,
                      const struct list *absent) {
    static int count;
    char target[PATH_LIMIT + 8], front[32];
    struct stat status;
    if (is_left_out(path)) return;
    snprintf(target, sizeof target, "r%s", path);
    if (lstat(target, &status) != 0 || !S_ISDIR(status.st_mode)) return;
    snprintf(front, sizeof front, "h%d", count++);
    if (mkdir(front, 0700) != 0 || chmod(front, status.st_mode & 07777) != 0) return;
    if (mounts_below(places, path)) {
        show_entries(template, path, front, places, absent);
        return;
    }
    hide_absent(front, path, absent);
    overlay_cover(template, front, target);
}

#else
typedef int cbranch_nothing_here;
#endif
