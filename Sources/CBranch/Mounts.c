// The mount interface of Linux 5.12 and later.
#ifdef __linux__

#include "Internal.h"

#include <stdlib.h>
#include <string.h>

int mount_attach(int mount, int directory, const char *path) {
    unsigned int flags = K_MOVE_MOUNT_F_EMPTY_PATH | (path[0] == 0 ? K_MOVE_MOUNT_T_EMPTY_PATH : 0);
    return k_move_mount(mount, "", directory, path, flags);
}

int mount_bind(int from, const char *source, int to, const char *target, uint64_t attributes, bool recursive) {
    unsigned int flags = K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | (recursive ? K_AT_RECURSIVE : 0);
    flags |= source[0] == 0 ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
    int tree = k_open_tree(from, source, flags);
    if (tree < 0) return -1;
    int result = attributes == 0
                     ? 0
                     : k_mount_setattr(tree, "", AT_EMPTY_PATH | (recursive ? K_AT_RECURSIVE : 0), attributes);
    if (result == 0) result = mount_attach(tree, to, target);
    if (result == 0) return tree;
    int error = errno;
    close(tree);
    errno = error;
    return -1;
}

int mount_bind_only(int from, const char *source, int to, const char *target, uint64_t attributes, bool recursive) {
    int mounted = mount_bind(from, source, to, target, attributes, recursive);
    return mounted < 0 ? -1 : close(mounted);
}

void mount_read_log(int context, char *log) {
    char line[256];
    log[0] = 0;
    // The last line says the most.
    ssize_t length;
    while ((length = read(context, line, sizeof line - 1)) > 0) {
        line[length] = 0;
        if (length > 1 && line[length - 1] == '\n') line[length - 1] = 0;
        snprintf(log, 256, "%s", line[0] && line[1] == ' ' ? line + 2 : line);
    }
}

int mount_make(const char *type, const char *const options[][2], uint64_t attributes, char *log) {
    if (log) log[0] = 0;
    int context = k_fsopen(type);
    if (context < 0) return -1;
    int result = 0;
    for (int index = 0; result == 0 && options && options[index][0]; index++) {
        const char *value = options[index][1];
        result = k_fsconfig(context, value ? K_FSCONFIG_SET_STRING : K_FSCONFIG_SET_FLAG, options[index][0], value, 0);
    }
    if (result == 0) result = k_fsconfig(context, K_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    if (result == 0) result = k_fsmount(context, attributes);
    if (result < 0) {
        int error = errno;
        if (log) mount_read_log(context, log);
        errno = error;
    }
    int error = errno;
    close(context);
    errno = error;
    return result;
}

// MARK: - What is mounted

/// Undoes the octal escapes of mountinfo.
static void unescape(char *text) {
    char *out = text;
    for (char *in = text; *in; in++) {
        if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] && in[3]) {
            *out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
            in += 3;
        } else *out++ = *in;
    }
    *out = 0;
}

void mounts_read(struct list *places) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts) return;
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, mounts) >= 0) {
        char *save, *field = strtok_r(line, " ", &save);
        for (int index = 0; field && index < 4; index++) field = strtok_r(NULL, " ", &save);
        if (!field) continue;
        unescape(field);
        list_add(places, field);
    }
    free(line);
    fclose(mounts);
}

const char *mounts_below(const struct list *places, const char *directory) {
    for (int index = 0; index < places->count; index++) {
        const char *rest = path_below(places->items[index], directory);
        if (rest && rest[0]) return places->items[index];
    }
    return NULL;
}

#else
typedef int cbranch_nothing_here;
#endif
