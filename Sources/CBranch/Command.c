// The command's own process, from its birth to exec.
#ifdef __linux__

#include "Internal.h"

#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static int limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit current, wanted = {.rlim_cur = soft, .rlim_max = hard};
    if (getrlimit((__rlimit_resource_t)resource, &current) != 0) return -1;
    if (current.rlim_max != RLIM_INFINITY && wanted.rlim_max > current.rlim_max) wanted.rlim_max = current.rlim_max;
    if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &wanted);
}

static int set_limits(const struct command *command) {
    const struct limits *limits = &command->run->limits;
    // Not 0, which still starts the program that core_pattern may name, outside of the branch; 1 does neither
    // (core(5)).
    if (limit(RLIMIT_CORE, 1, 1) != 0) return -1;
    if (limits->open_files > 0 && limit(RLIMIT_NOFILE, limits->open_files, limits->open_files) != 0) return -1;
    if (limits->file_size > 0 && limit(RLIMIT_FSIZE, limits->file_size, limits->file_size) != 0) return -1;
    if (limits->cpu_seconds > 0 && limit(RLIMIT_CPU, limits->cpu_seconds, limits->cpu_seconds + 1) != 0) return -1;
    if (command->nests_user_namespace && limit(RLIMIT_NPROC, limits->processes, limits->processes) != 0) return -1;
    return 0;
}

/// Gives a user namespace just entered the ids of the one around it.
static int map_ids(const struct command *command) {
    const struct identity *identity = &command->world->identity;
    char map[64];
    write_file(command->procfs, "self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1\n", identity->uid, identity->uid);
    if (write_file(command->procfs, "self/uid_map", map) != 0) return -1;
    snprintf(map, sizeof map, "%u %u 1\n", identity->gid, identity->gid);
    return write_file(command->procfs, "self/gid_map", map);
}

/// Looks the program up as a shell would. Returns only on failure.
static int execute(const struct run *run) {
    const char *name = run->arguments[0];
    if (strchr(name, '/')) {
        execve(name, run->arguments, run->environment);
        return -1;
    }
    const char *path = "/usr/local/bin:/usr/bin:/bin";
    for (char **entry = run->environment; *entry; entry++)
        if (strncmp(*entry, "PATH=", 5) == 0) path = *entry + 5;
    char full[PATH_LIMIT];
    int error = ENOENT;
    while (*path) {
        int length = (int)strcspn(path, ":");
        if (snprintf(full, sizeof full, "%.*s%s%s", length, path, length ? "/" : "", name) < (int)sizeof full) {
            execve(full, run->arguments, run->environment);
            if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) return -1;
            if (errno == EACCES) error = EACCES;
        }
        path += length + (path[length] == ':');
    }
    errno = error;
    return -1;
}

static int prepare(struct command *command) {
    const struct run *run = command->run;
    command->step = "session";
    if (setsid() < 0) return -1;
    // While the new namespace is still ours.
    command->step = "id-map";
    if (command->nests_user_namespace && map_ids(command) != 0) return -1;
    command->step = "limits";
    if (set_limits(command) != 0) return -1;
    if (run->nice > 0) setpriority(PRIO_PROCESS, 0, run->nice);
    command->step = "outputs";
    if (dup2(command->null, 0) < 0 || dup2(run->output, 1) < 0 || dup2(run->error, 2) < 0) return -1;
    umask((mode_t)run->umask);
    command->step = "capabilities";
    if (identity_drop(&command->world->identity) != 0) return -1;
    // Inherited from the host, unless a user namespace has been entered meanwhile.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    // Without rights, as the command itself would.
    command->step = "cwd";
    if (chdir(command->world->template.present) != 0) return -1;
    if (run->cwd && run->cwd[0] && chdir(run->cwd) != 0) return -1;
    command->step = "landlock";
    if (command->ruleset >= 0 && landlock_enter(command->ruleset) != 0) return -1;
    command->step = "descriptors";
    if (k_close_range(3, ~0u, K_CLOSE_RANGE_CLOEXEC) != 0) return -1;
    command->step = "filter";
    struct sock_fprog program;
    // Noticed even if nobody wants to hear of it: a network namespace that has not been used is used again.
    bool notifies = command->world->network_notify && (run->notice || !run->network);
    struct filter_options options = {.notices_network = notifies && !run->network,
                                     .file_size = notifies && run->notice ? run->limits.file_size : 0};
    if (filter_build(&options, &program) != 0) return -1;
    int listener = filter_install(&program, notifies);
    if (listener < 0) return -1;
    if (notifies) command->listener = listener;
    command->step = "exec";
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return 0;
}

static int child(void *argument) {
    struct command *command = argument;
    if (prepare(command) == 0) {
        // Not by the parent, which may be killed after the program has begun and before its own next instruction.
        __atomic_store_n(command->state, 1, __ATOMIC_SEQ_CST);
        if (command->run->canary) {
            char *arguments[] = {"forerun-branch", "canary", NULL};
            syscall(SYS_execveat, command->world->program, "", arguments, command->run->environment, AT_EMPTY_PATH);
        } else execute(command->run);
    }
    command->error = errno ? errno : EIO;
    __atomic_store_n(command->state, 0, __ATOMIC_SEQ_CST);
    _exit(127);
}

pid_t command_start(struct command *command) {
    // The child runs on memory and descriptors of ours until exec, while we wait: no page tables are copied.
    static char stack[128 * 1024] __attribute__((aligned(16)));
    command->error = 0;
    int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD | (command->nests_user_namespace ? CLONE_NEWUSER : 0);
    pid_t pid = clone(child, stack + sizeof stack, flags, command);
    if (pid < 0) {
        command->step = "fork";
        command->error = errno;
        return -1;
    }
    return command->error == 0 ? pid : -1;
}

#else
typedef int cbranch_nothing_here;
#endif
