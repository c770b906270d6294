// What commands must not see, and what they must not make: masks, sockets, reserved paths.
#ifdef __linux__

#include "Internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int cover_path(struct template *template, const char *path, int number, struct failure *failure) {
    char target[PATH_LIMIT + 8], front[PATH_LIMIT + 64];
    struct stat status;
    snprintf(target, sizeof target, "r%s", path);
    if (lstat(target, &status) != 0 || S_ISLNK(status.st_mode)) return 0;
    const char *rest = path_below(template->present, path);
    if (rest && S_ISDIR(status.st_mode)) {
        // The workspace lies in it and stays reachable.
        snprintf(front, sizeof front, "x%d/%s", number, rest);
        if (make_path(AT_FDCWD, front, 0755) != 0)
            return fail(failure, "mask", errno, "%s cannot be hidden: %s", path, strerror(errno));
        snprintf(front, sizeof front, "x%d", number);
    } else snprintf(front, sizeof front, "%s", S_ISDIR(status.st_mode) ? "e" : "f");
    if (mount_bind_only(AT_FDCWD, front, AT_FDCWD, target, K_ATTR_RDONLY | K_ATTR_NOSUID | K_ATTR_NODEV, false) != 0)
        return fail(failure, "mask", errno, "%s cannot be hidden: %s", path, strerror(errno));
    return 0;
}

int cover_add(struct template *template, const char *path, bool is_hidden) {
    struct cover *covers = realloc(template->covers, (size_t)(template->cover_count + 1) * sizeof *covers);
    if (!covers) return -1;
    template->covers = covers;
    covers[template->cover_count].path = strdup(path);
    covers[template->cover_count].is_hidden = is_hidden;
    template->cover_count++;
    return 0;
}

void cover_sockets(struct list *masks, const struct settings *settings, const struct list *places) {
    FILE *sockets = fopen("/proc/net/unix", "re");
    if (!sockets) return;
    char *line = NULL, path[PATH_LIMIT];
    size_t capacity = 0;
    while (masks->count < 1000 && getline(&line, &capacity, sockets) >= 0) {
        char *name = strchr(line, '/');
        struct stat status;
        if (!name) continue;
        name[strcspn(name, "\n")] = 0;
        if (!realpath(name, path) || lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) continue;
        if (is_left_out(path) || path_is_within(path, settings->workspace)) continue;
        bool is_inert = false;
        for (int index = 0; index < settings->homes.count && !is_inert; index++)
            // With mounts inside, an entry may have to be shown as it is.
            is_inert = path_is_within(path, settings->homes.items[index]) &&
                       !mounts_below(places, settings->homes.items[index]);
        if (!is_inert && !list_has(masks, path)) list_add(masks, path);
    }
    free(line);
    fclose(sockets);
}

int cover_masks(struct template *template, const struct settings *settings, struct failure *failure) {
    for (int index = 0; index < settings->masks.count; index++) {
        const char *path = settings->masks.items[index];
        const char *rest = path_below(path, settings->workspace);
        if (!rest) rest = path_below(path, template->present);
        if (rest && rest[0] == 0) {
            // The whole workspace: meant is its real place, where it is not shown there.
            if (strcmp(path, template->present) == 0)
                return fail(failure, "mask", EINVAL, "the workspace itself is to be hidden: %s", path);
            rest = NULL;
        }
        if (rest) {
            if (cover_add(template, rest, true) != 0) return fail(failure, "mask", errno, "out of memory");
        } else if (cover_path(template, path, index, failure) != 0) return -1;
    }
    return 0;
}

// MARK: - Reserved paths

void cover_reserves(struct template *template, const struct settings *settings) {
    for (int index = 0; index < settings->reserves.count; index++) {
        char path[PATH_LIMIT], base[PATH_LIMIT + 8], target[PATH_LIMIT + 8];
        snprintf(path, sizeof path, "%s", settings->reserves.items[index]);
        size_t length = strlen(path);
        bool is_directory = path[length - 1] == '/';
        if (is_directory) path[length - 1] = 0;
        struct stat status;
        snprintf(base, sizeof base, "b/%s", path);
        snprintf(target, sizeof target, "v/%s", path);
        bool is_missing = lstat(base, &status) != 0;
        if (is_missing) {
            char *slash = strrchr(base, '/');
            *slash = 0;
            // Nothing is reserved in directories that are missing themselves.
            if (lstat(base, &status) != 0 || !S_ISDIR(status.st_mode)) continue;
            // Directories on the way lend their modes to the merged view.
            for (char *part = strchr(target + 2, '/'); part; part = strchr(part + 1, '/')) {
                *part = 0;
                snprintf(base, sizeof base, "b/%s", target + 2);
                if (lstat(base, &status) == 0) mkdir(target, status.st_mode & 0777);
                *part = '/';
            }
            if (is_directory ? mkdir(target, 0755) != 0 : touch(target, 0644) != 0) continue;
            template->has_reserves = true;
        }
        cover_add(template, path, false);
    }
}

#else
typedef int cbranch_nothing_here;
#endif
