// The overlay mounts of a run.
#ifdef __linux__

#include "Internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/// The path of a layer's part from the host's root, where all layers are reachable by short names.
static void part_path(char path[128], const char *layer, const char *kind, const char *suffix) {
    // Checked when the message was read: `m:NAME` or `d:NAME`.
    snprintf(path, 128, "%c/%s/%s%s", layer[0], layer + 2, kind, suffix);
}

/// Which parts the lower layers have: bit 0 `ws`, bit 1 `tmp`.
static unsigned char parts[512];

static bool has_part(int index, const char *kind) { return parts[index] & (strcmp(kind, "ws") == 0 ? 1 : 2); }

static void find_parts(const struct template *template, const struct run *run) {
    char path[128];
    for (int index = 0; index < run->lower_count; index++) {
        // To name a missing part makes the kernel write to its log, which takes milliseconds; but nearly all layers
        // have a `ws`, and the new mount interface says which one it misses.
        parts[index] = 1;
        part_path(path, run->lowers[index], "tmp", "");
        if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) parts[index] |= 2;
        if (!template->old_mounts && !(parts[index] & 2)) continue;
        part_path(path, run->lowers[index], "ws", "");
        if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0) parts[index] &= ~1;
    }
}

int overlay_prepare(const struct template *template, const struct run *run, struct failure *failure) {
    char path[128];
    find_parts(template, run);
    snprintf(path, sizeof path, "%c/%s", run->upper[0], run->upper + 2);
    if (make_directory(AT_FDCWD, path, 0700) != 0 && errno != EEXIST)
        return fail(failure, "upper", errno, "the layer %s cannot be made: %s", run->upper, strerror(errno));
    // The upper directory lends its mode and times to the root of the merged view.
    struct stat status = {.st_mode = template->workspace_mode};
    bool known = false;
    for (int index = 0; index < run->lower_count && !known; index++) {
        if (!has_part(index, "ws")) continue;
        part_path(path, run->lowers[index], "ws", "");
        known = lstat(path, &status) == 0;
    }
    if (!known && lstat("b", &status) != 0) status.st_mode = template->workspace_mode;
    part_path(path, run->upper, "ws", "");
    if (make_directory(AT_FDCWD, path, status.st_mode & 07777) != 0)
        return fail(failure, "upper", errno, "the layer %s is not fresh: %s", run->upper, strerror(errno));
    if (status.st_mode & 07000) chmod(path, status.st_mode & 07777);
    struct timespec times[2] = {status.st_atim, status.st_mtim};
    utimensat(AT_FDCWD, path, times, 0);
    part_path(path, run->upper, "tmp", "");
    if (make_directory(AT_FDCWD, path, 01777) != 0)
        return fail(failure, "upper", errno, "the layer %s is not fresh: %s", run->upper, strerror(errno));
    part_path(path, run->upper, "ws", ".work");
    if (make_directory(AT_FDCWD, path, 0700) != 0) return fail(failure, "upper", errno, "no work directory");
    return 0;
}

int overlay_show_tmp(const struct template *template, const struct run *run, struct failure *failure) {
    char path[128], point[PATH_LIMIT];
    bool is_first = template->shown_in_tmp.count == 0;
    for (int index = 0; index < run->lower_count && is_first; index++) is_first = !has_part(index, "tmp");
    if (!is_first) {
        part_path(path, run->upper, "tmp", ".work");
        if (make_directory(AT_FDCWD, path, 0700) != 0) return fail(failure, "upper", errno, "no work directory");
        return overlay_mount(template, run, "tmp", "t", "r/tmp", failure);
    }
    // Nothing is below: the directory does by itself, without an overlay.
    part_path(path, run->upper, "tmp", "");
    const char *rest = path_below(template->present, "/tmp");
    if (rest && (snprintf(point, sizeof point, "%s/%s", path, rest) >= (int)sizeof point ||
                 make_path(AT_FDCWD, point, 0755) != 0))
        return fail(failure, "present", errno, "%s cannot be made: %s", template->present, strerror(errno));
    int mounted = mount_bind(AT_FDCWD, path, AT_FDCWD, "r/tmp", 0, false);
    return mounted >= 0 ? mounted : fail(failure, "tmp", errno, "/tmp cannot be mounted: %s", strerror(errno));
}

void overlay_finish(const struct template *template, const char *upper) {
    static const char *const kinds[] = {"ws", "tmp"};
    char path[128];
    for (int index = 0; index < 2; index++) {
        part_path(path, upper, kinds[index], ".work/work");
        rmdir(path);
        part_path(path, upper, kinds[index], ".work");
        // What a killed copy-up leaves, and the mark of `volatile`.
        if (rmdir(path) != 0 && errno != ENOENT) delete_tree(AT_FDCWD, path);
    }
    // The way to the workspace, unless the command has left something there.
    const char *rest = path_below(template->present, "/tmp");
    char point[PATH_LIMIT];
    part_path(path, upper, "tmp", "");
    if (rest && snprintf(point, sizeof point, "%s/%s", path, rest) < (int)sizeof point)
        while (strlen(point) > strlen(path) && rmdir(point) == 0) *strrchr(point, '/') = 0;
    rmdir(path);
}

// MARK: - Read-only overlays

/// Mounts two directories as one, nowhere yet. A descriptor or -1.
static int mount_two(const char *upper, const char *lower) {
    int context = k_fsopen("overlay");
    if (context < 0) return -1;
    int mounted = -1;
    if (k_fsconfig(context, K_FSCONFIG_SET_STRING, "lowerdir+", upper, 0) == 0 &&
        k_fsconfig(context, K_FSCONFIG_SET_STRING, "lowerdir+", lower, 0) == 0 &&
        k_fsconfig(context, K_FSCONFIG_SET_FLAG, "userxattr", NULL, 0) == 0 &&
        k_fsconfig(context, K_FSCONFIG_SET_STRING, "xino", "off", 0) == 0 &&
        k_fsconfig(context, K_FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mounted = k_fsmount(context, K_ATTR_RDONLY | K_ATTR_NOSUID | K_ATTR_NODEV);
    int error = errno;
    close(context);
    errno = error;
    return mounted;
}

bool overlay_takes_layers(const char *upper, const char *lower) {
    int mounted = mount_two(upper, lower);
    if (mounted < 0) return errno != EINVAL;
    close(mounted);
    return true;
}

void overlay_cover(const struct template *template, const char *front, const char *target) {
    if (!template->old_mounts) {
        int mounted = mount_two(front, target);
        if (mounted < 0) return;
        mount_attach(mounted, AT_FDCWD, target);
        close(mounted);
        return;
    }
    // A name without characters that mean something among the options.
    char back[64], options[256];
    snprintf(back, sizeof back, "%s.back", front);
    if (mkdir(back, 0700) != 0 || mount_bind_only(AT_FDCWD, target, AT_FDCWD, back, 0, false) != 0) return;
    snprintf(options, sizeof options, "userxattr,xino=off,lowerdir=%s:%s", front, back);
    mount("overlay", target, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options);
}

// MARK: - Those of runs

/// Explains a failed overlay mount.
static int overlay_failed(struct failure *failure, const char *kind, const char *log) {
    int error = errno;
    fail(failure, "overlay", error, "the overlay for %s cannot be mounted: %s%s%s",
         strcmp(kind, "ws") == 0 ? "the workspace" : "/tmp", strerror(error), log[0] ? "; " : "", log);
    return -1;
}

/// For kernels before 6.7: one string of options, at most a page.
static int mount_old(const struct template *template, const struct run *run, const char *kind, const char *base,
                     const char *target, struct failure *failure) {
    char path[128], options[4096];
    size_t length = (size_t)snprintf(options, sizeof options, "userxattr,xino=off%s,lowerdir=",
                                     run->upper[0] == 'd' ? ",volatile" : "");
    for (int index = 0; index < run->lower_count; index++) {
        if (parts[index] == 0) return fail(failure, "lower", ENOENT, "there is no layer %s", run->lowers[index]);
        if (!has_part(index, kind)) continue;
        part_path(path, run->lowers[index], kind, "");
        int added = snprintf(options + length, sizeof options - length, "%s:", path);
        if (added < 0 || (size_t)added >= sizeof options - length - 200)
            return fail(failure, "overlay", E2BIG, "too many layers for the mount interface of this kernel");
        length += (size_t)added;
    }
    if (template->has_reserves && strcmp(kind, "ws") == 0)
        length += (size_t)snprintf(options + length, sizeof options - length, "v:");
    length += (size_t)snprintf(options + length, sizeof options - length, "%s", base);
    part_path(path, run->upper, kind, "");
    length += (size_t)snprintf(options + length, sizeof options - length, ",upperdir=%s", path);
    part_path(path, run->upper, kind, ".work");
    snprintf(options + length, sizeof options - length, ",workdir=%s", path);
    if (mount("overlay", target, "overlay", MS_NOSUID | MS_NODEV, options) != 0)
        return overlay_failed(failure, kind, "");
    int mounted = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return mounted >= 0 ? mounted : overlay_failed(failure, kind, "");
}

int overlay_mount(const struct template *template, const struct run *run, const char *kind, const char *base,
                  const char *target, struct failure *failure) {
    if (template->old_mounts) return mount_old(template, run, kind, base, target, failure);
    char path[128], log[256] = "";
    int context = k_fsopen("overlay");
    if (context < 0) return overlay_failed(failure, kind, log);
    int result = 0;
    for (int index = 0; result == 0 && index < run->lower_count; index++) {
        // A layer need not change both the workspace and /tmp.
        if (!has_part(index, kind)) continue;
        part_path(path, run->lowers[index], kind, "");
        result = k_fsconfig(context, K_FSCONFIG_SET_STRING, "lowerdir+", path, 0);
        if (result != 0 && errno == ENOENT) {
            close(context);
            return fail(failure, "lower", ENOENT, "there is no layer %s", run->lowers[index]);
        }
    }
    if (result == 0 && template->has_reserves && strcmp(kind, "ws") == 0)
        result = k_fsconfig(context, K_FSCONFIG_SET_STRING, "lowerdir+", "v", 0);
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_SET_STRING, "lowerdir+", base, 0);
    part_path(path, run->upper, kind, "");
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_SET_STRING, "upperdir", path, 0);
    part_path(path, run->upper, kind, ".work");
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_SET_STRING, "workdir", path, 0);
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_SET_FLAG, "userxattr", NULL, 0);
    // Files keep the inode numbers of the workspace, so that git need not read them all again.
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_SET_STRING, "xino", "off", 0);
    // Else the unmount would sync the disk.
    if (result == 0 && run->upper[0] == 'd') result = k_fsconfig(context, K_FSCONFIG_SET_FLAG, "volatile", NULL, 0);
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    int mounted = -1;
    if (result == 0) mounted = k_fsmount(context, K_ATTR_NOSUID | K_ATTR_NODEV);
    if (mounted < 0) {
        int error = errno;
        mount_read_log(context, log);
        close(context);
        errno = error;
        return overlay_failed(failure, kind, log);
    }
    close(context);
    if (mount_attach(mounted, AT_FDCWD, target) != 0) {
        fail(failure, "overlay", errno, "the overlay cannot be attached at %s: %s", target, strerror(errno));
        close(mounted);
        return -1;
    }
    return mounted;
}

#else
typedef int cbranch_nothing_here;
#endif
