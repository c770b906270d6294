// The mounts that all branches of a host are made from.
#ifdef __linux__

#include "Internal.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/// Where programs, and the name servers of the machine, are found although /run is hidden.
static const char *const always_allowed[] = {"/run/current-system", "/run/wrappers", "/run/opengl-driver",
                                             "/run/systemd/resolve/resolv.conf",
                                             "/run/systemd/resolve/stub-resolv.conf"};

/// A descriptor of what has been opened before mounts cover it.
static int open_source(const char *path) { return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC); }

static int by_length(const void *left, const void *right) {
    size_t a = strlen(*(char *const *)left), b = strlen(*(char *const *)right);
    return a < b ? -1 : a > b;
}

/// Replaces the paths of a list by real ones, shortest first; what is missing is left out.
static void make_real(struct list *paths) {
    struct list real = {0};
    char path[PATH_LIMIT];
    for (int index = 0; index < paths->count; index++)
        if (paths->items[index][0] == '/' && realpath(paths->items[index], path) && !list_has(&real, path))
            list_add(&real, path);
    list_free(paths);
    *paths = real;
    if (paths->count > 1) qsort(paths->items, (size_t)paths->count, sizeof *paths->items, by_length);
}

// MARK: - All of it

/// Refuses workspaces that branches cannot be made of, and fills in defaults.
static int check_settings(struct template *template, struct settings *settings, const struct list *places,
                          struct failure *failure) {
    char path[PATH_LIMIT];
    struct stat status;
    if (!settings->workspace || settings->workspace[0] != '/')
        return fail(failure, "workspace", EINVAL, "an absolute path of the workspace is needed");
    if (!realpath(settings->workspace, path))
        return fail(failure, "workspace", errno, "the workspace %s: %s", settings->workspace, strerror(errno));
    free(settings->workspace);
    if (!(settings->workspace = strdup(path))) return fail(failure, "workspace", ENOMEM, "out of memory");
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return fail(failure, "workspace", ENOTDIR, "the workspace %s is no directory", path);
    template->workspace_mode = status.st_mode & 07777;
    if (strcmp(path, "/") == 0) return fail(failure, "workspace", EINVAL, "the workspace cannot be /");
    const char *nested = mounts_below(places, path);
    if (nested) {
        fail(failure, "workspace", EBUSY, "something else is mounted in the workspace, at %s", nested);
        snprintf(failure->remedy, sizeof failure->remedy, "Unmount it, or choose a workspace without it.");
        return -1;
    }
    const char *present = settings->present ? settings->present : path;
    size_t length = strlen(present);
    if (present[0] != '/' || length < 2 || length >= PATH_LIMIT / 2 || !relative_is_good(present + 1) ||
        present[length - 1] == '/')
        return fail(failure, "present", EINVAL, "commands cannot see the workspace at %s", present);
    snprintf(template->present, sizeof template->present, "%s", present);
    if (path_is_within(present, "/dev") || path_is_within(present, "/proc") || path_is_within(present, "/sys") ||
        strcmp(present, "/tmp") == 0 || strcmp(present, "/var/tmp") == 0)
        return fail(failure, "present", EINVAL, "commands cannot see the workspace at %s", present);
    if (settings->disk) {
        if (!realpath(settings->disk, path))
            return fail(failure, "disk", errno, "the directory for layers %s: %s", settings->disk, strerror(errno));
        free(settings->disk);
        if (!(settings->disk = strdup(path))) return fail(failure, "disk", ENOMEM, "out of memory");
        list_add(&settings->masks, path);
    }
    if (strcmp(template->present, settings->workspace) != 0) list_add(&settings->masks, settings->workspace);
    return 0;
}

/// The small file system that everything hangs in, attached over /dev.
static int make_stage(const struct settings *settings, struct template *template, struct failure *failure) {
    static const char *const small[][2] = {{"size", "4m"}, {"nr_inodes", "8k"}, {"mode", "0755"}, {NULL, NULL}};
    char log[256], size[32], inodes[32];
    int stage = mount_make("tmpfs", small, K_ATTR_NOSUID | K_ATTR_NODEV, log);
    if (stage < 0) return fail(failure, "mount", errno, "no tmpfs can be mounted: %s", strerror(errno));
    int result = mount_attach(stage, AT_FDCWD, "/dev");
    if (result == 0) result = fchdir(stage);
    close(stage);
    if (result != 0) return fail(failure, "mount", errno, "a tmpfs cannot be attached: %s", strerror(errno));
    static const struct {
        const char *name;
        mode_t mode;
    } directories[] = {{"r", 0755}, {"m", 0700}, {"d", 0700}, {"b", 0700}, {"p", 0755},
                       {"o", 0700}, {"e", 0555}, {"t", 01777}, {"v", 0755}};
    for (size_t index = 0; index < sizeof directories / sizeof *directories; index++)
        if (mkdir(directories[index].name, directories[index].mode) != 0 && errno != EEXIST)
            return fail(failure, "mount", errno, "the stage cannot be filled: %s", strerror(errno));
    if (touch("f", 0444) != 0) return fail(failure, "mount", errno, "the stage cannot be filled: %s", strerror(errno));
    snprintf(size, sizeof size, "%llu", (unsigned long long)(settings->memory ? settings->memory : 256ull << 20));
    snprintf(inodes, sizeof inodes, "%llu", (unsigned long long)(settings->inodes ? settings->inodes : 200000));
    const char *const large[][2] = {{"size", size}, {"nr_inodes", inodes}, {"mode", "0700"}, {NULL, NULL}};
    int memory = mount_make("tmpfs", large, K_ATTR_NOSUID | K_ATTR_NODEV, log);
    if (memory < 0 || mount_attach(memory, AT_FDCWD, "m") != 0)
        return fail(failure, "layers-in-memory", errno, "the tmpfs for layers cannot be mounted: %s%s%s",
                    strerror(errno), log[0] ? "; " : "", log);
    close(memory);
    template->memory_fd = open("m", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (mkdir("m/.trash", 0700) != 0 || mkdir("m/.run", 0700) != 0 || template->memory_fd < 0)
        return fail(failure, "layers-in-memory", errno, "the tmpfs for layers cannot be used: %s", strerror(errno));
    if (mount_bind_only(AT_FDCWD, "r", AT_FDCWD, "r", 0, false) != 0)
        return fail(failure, "root", errno, "the new root cannot be mounted: %s", strerror(errno));
    static const char *const parts[] = {"r/proc", "r/sys", "r/dev", "r/run", "r/tmp"};
    for (size_t index = 0; index < sizeof parts / sizeof *parts; index++)
        if (mkdir(parts[index], index == 1 ? 0555 : 0755) != 0 && errno != EEXIST)
            return fail(failure, "root", errno, "%s cannot be made: %s", parts[index], strerror(errno));
    return 0;
}

/// Makes the place in the root where the workspace is shown.
static int make_present(const struct template *template, struct failure *failure) {
    char target[PATH_LIMIT + 8];
    const char *below_tmp = path_below(template->present, "/tmp");
    if (below_tmp) {
        snprintf(target, sizeof target, "t/%s", below_tmp);
        if (make_path(AT_FDCWD, target, 0755) == 0) return 0;
        return fail(failure, "present", errno, "%s cannot be made: %s", template->present, strerror(errno));
    }
    // Made in each branch.
    if (path_is_within(template->present, "/var/tmp")) return 0;
    int place = k_openat2(AT_FDCWD, "r", O_PATH | O_DIRECTORY, 0, 0);
    int found = k_openat2(place, template->present + 1, O_PATH | O_DIRECTORY, 0,
                          K_RESOLVE_BENEATH | K_RESOLVE_NO_SYMLINKS | K_RESOLVE_NO_MAGICLINKS);
    int error = errno;
    close(place);
    if (found >= 0) return close(found);
    snprintf(target, sizeof target, "r%s", template->present);
    if (error == ENOENT && make_path(AT_FDCWD, target, 0755) == 0) return 0;
    return fail(failure, "present", error, "commands cannot see the workspace at %s: %s", template->present,
                strerror(error));
}

int template_build(struct template *template, struct settings *settings, const struct identity *identity,
                   struct failure *failure) {
    (void)identity;
    struct list places = {0};
    mounts_read(&places);
    template->memory_fd = template->disk_fd = -1;
    template->old_mounts = settings->old_mounts;
    template->in_chroot = identity_is_in_chroot();
    if (check_settings(template, settings, &places, failure) != 0) return -1;
    for (size_t index = 0; index < sizeof always_allowed / sizeof *always_allowed; index++)
        list_add(&settings->allows, always_allowed[index]);
    make_real(&settings->allows);
    make_real(&settings->homes);
    struct list absent = {0};
    for (int index = 0; index < settings->masks.count; index++) {
        struct stat status;
        if (lstat(settings->masks.items[index], &status) != 0 && errno == ENOENT)
            list_add(&absent, settings->masks.items[index]);
    }
    cover_sockets(&settings->masks, settings, &places);
    make_real(&settings->masks);

    // Everything is opened before anything is covered.
    int system = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int workspace = open_source(settings->workspace);
    int proc = open_source("/proc");
    int disk = settings->disk ? open_source(settings->disk) : -1;
    int sources[SYSTEM_DEVICES];
    int *allowed = calloc((size_t)settings->allows.count + 1, sizeof *allowed);
    for (size_t index = 0; index < SYSTEM_DEVICES; index++) {
        char path[32];
        struct stat status;
        snprintf(path, sizeof path, "/dev/%s", system_devices[index]);
        sources[index] = open_source(path);
        if (sources[index] >= 0 && (fstat(sources[index], &status) != 0 || !S_ISCHR(status.st_mode))) {
            close(sources[index]);
            sources[index] = -1;
        }
    }
    for (int index = 0; allowed && index < settings->allows.count; index++)
        allowed[index] = open_source(settings->allows.items[index]);

    int result = system < 0 || workspace < 0 || !allowed
                     ? fail(failure, "workspace", errno, "the workspace cannot be opened: %s", strerror(errno))
                     : 0;
    if (result == 0 && sources[0] < 0)
        result = fail(failure, "devices", ENODEV, "/dev/null is no device here");
    if (result == 0) result = make_stage(settings, template, failure);
    if (result == 0 && !template->old_mounts) template->old_mounts = !overlay_takes_layers("e", "t");
    if (result == 0 && mount_bind_only(workspace, "", AT_FDCWD, "b", READ_ONLY, false) != 0)
        result = fail(failure, "workspace", errno, "the workspace cannot be bound: %s", strerror(errno));
    if (result == 0 && disk >= 0) {
        if (mount_bind_only(disk, "", AT_FDCWD, "d", K_ATTR_NOSUID | K_ATTR_NODEV, false) != 0)
            result = fail(failure, "disk", errno, "the directory for layers cannot be bound: %s", strerror(errno));
        else if ((mkdir("d/.trash", 0700) != 0 && errno != EEXIST) ||
                 (template->disk_fd = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
            result = fail(failure, "disk", errno, "the directory for layers cannot be used: %s", strerror(errno));
        else template->has_disk = true;
    }
    // With this in sight the kernel lets branches mount /proc for themselves.
    if (result == 0 && proc >= 0) mount_bind_only(proc, "", AT_FDCWD, "p", K_ATTR_NOSUID | K_ATTR_NODEV, true);
    if (result == 0) result = system_show(system, &places, failure);
    if (result == 0) result = system_show_devices(sources, failure);
    for (int index = 0; result == 0 && index < settings->homes.count; index++)
        system_show_home(template, settings->homes.items[index], &places, &absent);
    for (int index = 0; result == 0 && index < settings->allows.count; index++)
        if (is_left_out(settings->allows.items[index]))
            system_show_allowed(template, settings->allows.items[index], allowed[index]);
    struct stat status;
    if (result == 0 && lstat("r/var/run", &status) == 0 && S_ISDIR(status.st_mode))
        result = cover_path(template, "/var/run", settings->masks.count, failure);
    if (result == 0) result = cover_masks(template, settings, failure);
    if (result == 0) {
        for (int index = 0; index < settings->protects.count; index++)
            if (cover_add(template, settings->protects.items[index], false) != 0) result = -1;
        cover_reserves(template, settings);
        result = make_present(template, failure);
    }
    if (result == 0 && k_mount_setattr(AT_FDCWD, "r", 0, READ_ONLY) != 0)
        result = fail(failure, "root", errno, "the new root cannot be made read-only: %s", strerror(errno));

    // The old root goes. Where it cannot (in a chroot, in an initramfs) it is left behind: nobody here may change roots
    // later.
    if (result == 0 && !template->in_chroot && k_pivot_root(".", "o") == 0) {
        if (chdir("/") != 0 || umount2("o", MNT_DETACH) != 0)
            result = fail(failure, "pivot", errno, "the old root cannot be left: %s", strerror(errno));
    } else if (result == 0 && (chroot(".") != 0 || chdir("/") != 0))
        result = fail(failure, "pivot", errno, "the root cannot be exchanged: %s", strerror(errno));
    template->protects = settings->protects;

    for (size_t index = 0; index < SYSTEM_DEVICES; index++)
        if (sources[index] >= 0) close(sources[index]);
    for (int index = 0; allowed && index < settings->allows.count; index++)
        if (allowed[index] >= 0) close(allowed[index]);
    free(allowed);
    if (disk >= 0) close(disk);
    if (proc >= 0) close(proc);
    if (workspace >= 0) close(workspace);
    if (system >= 0) close(system);
    list_free(&places);
    list_free(&absent);
    return result;
}

#else
typedef int cbranch_nothing_here;
#endif
