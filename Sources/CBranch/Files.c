// Small work on files, paths and lists.
#ifdef __linux__

#include "Internal.h"

#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

bool is_due(int64_t *last, int milliseconds) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (time - *last < milliseconds) return false;
    *last = time;
    return true;
}

int write_file(int directory, const char *path, const char *text) {
    int file = openat(directory, path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, text, strlen(text));
    int error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

ssize_t read_file(int directory, const char *path, char *text, size_t capacity) {
    int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    size_t length = 0;
    ssize_t got = 0;
    while (length + 1 < capacity && (got = read(file, text + length, capacity - 1 - length)) > 0) length += (size_t)got;
    close(file);
    text[length] = 0;
    return got < 0 && length == 0 ? -1 : (ssize_t)length;
}

int make_directory(int directory, const char *path, mode_t mode) {
    // The program's own umask is 0.
    return mkdirat(directory, path, mode);
}

int touch(const char *path, mode_t mode) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file < 0) return errno == EEXIST ? 0 : -1;
    return close(file);
}

int make_path(int directory, const char *path, mode_t mode) {
    char partial[PATH_LIMIT];
    if (snprintf(partial, sizeof partial, "%s", path) >= (int)sizeof partial) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdirat(directory, partial, mode) != 0 && errno != EEXIST) return -1;
        *slash = '/';
    }
    return mkdirat(directory, partial, mode) != 0 && errno != EEXIST ? -1 : 0;
}

/// Deletes the contents of an open directory, which it closes. Goes down with descriptors for as long as there are some
/// to be
/// had: a tree may be 40,000 directories deep, so what lies too deep is first moved up to `top`.
static int delete_contents(int directory, int top, int depth, unsigned int *moved) {
    DIR *stream = fdopendir(directory);
    if (!stream) {
        close(directory);
        return -1;
    }
    int result = 0;
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (entry->d_type != DT_DIR && unlinkat(directory, name, 0) == 0) continue;
        if (unlinkat(directory, name, AT_REMOVEDIR) == 0) continue;
        if (depth >= 64) {
            char place[32];
            snprintf(place, sizeof place, ".deep-%u", (*moved)++);
            if (renameat(directory, name, top, place) == 0) continue;
        }
        int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0 && errno == EACCES) {
            // Work directories of the kernel, and whatever commands made so.
            if (fchmodat(directory, name, 0700, 0) == 0)
                child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (child < 0) {
            result = -1;
            continue;
        }
        struct stat status;
        if (fstat(child, &status) == 0 && (status.st_mode & 0700) != 0700) fchmod(child, 0700);
        delete_contents(child, top, depth + 1, moved);
        if (unlinkat(directory, name, AT_REMOVEDIR) != 0) result = -1;
    }
    closedir(stream);
    return result;
}

int delete_tree(int directory, const char *name) {
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0) return 0;
    unsigned int moved = 0;
    // Each turn deletes at least the 64 uppermost levels of what is left.
    for (int turn = 0; turn < 100000; turn++) {
        fchmodat(directory, name, 0700, 0);
        int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0) return -1;
        int top = dup(child);
        unsigned int before = moved;
        delete_contents(child, top, 0, &moved);
        close(top);
        if (unlinkat(directory, name, AT_REMOVEDIR) == 0) return 0;
        if (moved == before && turn > 2) return -1;
    }
    return -1;
}

bool path_is_within(const char *path, const char *directory) { return path_below(path, directory) != NULL; }

const char *path_below(const char *path, const char *directory) {
    if (strcmp(directory, "/") == 0) return path[0] == '/' ? path + 1 : NULL;
    size_t length = strlen(directory);
    if (strncmp(path, directory, length) != 0) return NULL;
    if (path[length] == 0) return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

bool name_is_good(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length > 64 || name[0] == '.') return false;
    for (const char *c = name; *c; c++)
        if (!(isascii(*c) && isalnum((unsigned char)*c)) && *c != '.' && *c != '_' && *c != '-') return false;
    return true;
}

bool relative_is_good(const char *path) {
    if (path[0] == 0 || path[0] == '/' || strlen(path) >= PATH_LIMIT / 2) return false;
    for (const char *part = path; *part;) {
        size_t length = strcspn(part, "/");
        if (length == 0 && part[0] == '/' && part[1] != 0) return false;
        if ((length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.')) return false;
        part += length;
        if (*part == '/') part++;
    }
    return true;
}

int list_add(struct list *list, const char *text) {
    if ((list->count & (list->count - 1)) == 0) {
        int capacity = list->count == 0 ? 1 : list->count * 2;
        char **items = realloc(list->items, (size_t)capacity * sizeof *items);
        if (!items) return -1;
        list->items = items;
    }
    char *copy = strdup(text);
    if (!copy) return -1;
    list->items[list->count++] = copy;
    return 0;
}

int list_printf(struct list *list, const char *format, ...) {
    char text[PATH_LIMIT];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return list_add(list, text);
}

bool list_has(const struct list *list, const char *text) {
    for (int index = 0; index < list->count; index++)
        if (strcmp(list->items[index], text) == 0) return true;
    return false;
}

void list_free(struct list *list) {
    for (int index = 0; index < list->count; index++) free(list->items[index]);
    free(list->items);
    *list = (struct list){0};
}

#else
typedef int cbranch_nothing_here;
#endif
