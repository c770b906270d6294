// `forerun-branch confine`: one command without namespaces. Landlock lets it write below some directories only, the
// system call filter keeps it from sockets, and this process, to which orphans fall, ends whatever it leaves.
//
// What it cannot do, and branches can: keep the command from changing modes, owners, times and attributes of other
// files of the same user, and end everything when this process itself is killed by SIGKILL.
#ifdef __linux__

#include "Internal.h"

#include <dirent.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define WRITABLE_LIMIT 64

struct confinement {
    int writable[WRITABLE_LIMIT];
    int writable_count;
    bool allows_unix;
    struct limits limits;
    char **command;
};

static int complain(const char *what) {
    fprintf(stderr, "forerun-branch: %s: %s\n", what, strerror(errno));
    return 125;
}

/// Reads the arguments. 0, or an exit status.
static int read_arguments(struct confinement *confinement, int argc, char **argv) {
    int index = 0;
    for (; index < argc && strcmp(argv[index], "--") != 0; index++) {
        static const char *const names[] = {"--processes", "--open-files", "--file-size", "--memory", "--cpu-seconds"};
        struct limits *limits = &confinement->limits;
        uint64_t *places[] = {&limits->processes, &limits->open_files, &limits->file_size, &limits->memory,
                              &limits->cpu_seconds};
        int which = -1;
        for (int name = 0; name < 5; name++)
            if (strcmp(argv[index], names[name]) == 0) which = name;
        if (strcmp(argv[index], "--unix-sockets") == 0) confinement->allows_unix = true;
        else if (which >= 0 && index + 1 < argc && parse_number(argv[index + 1], places[which])) index++;
        else if (strcmp(argv[index], "--write") == 0 && index + 1 < argc &&
                 confinement->writable_count < WRITABLE_LIMIT) {
            int directory = open(argv[++index], O_PATH | O_CLOEXEC);
            if (directory < 0) return complain(argv[index]);
            confinement->writable[confinement->writable_count++] = directory;
        } else {
            fprintf(stderr, "forerun-branch: confine does not know %s\n", argv[index]);
            return 125;
        }
    }
    if (index + 1 >= argc) {
        fprintf(stderr, "forerun-branch: confine needs a command after --\n");
        return 125;
    }
    confinement->command = argv + index + 1;
    return 0;
}

static void limit(int resource, uint64_t value) {
    struct rlimit wanted = {.rlim_cur = value, .rlim_max = value}, current;
    if (getrlimit((__rlimit_resource_t)resource, &current) != 0) return;
    if (wanted.rlim_max > current.rlim_max) wanted.rlim_max = current.rlim_max;
    if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
    setrlimit((__rlimit_resource_t)resource, &wanted);
}

/// The command's process. Returns only on failure.
static int execute(const struct confinement *confinement, int parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(125);
    setsid();
    limit(RLIMIT_CORE, 1);  // 0 would still start what core_pattern names
    if (confinement->limits.open_files) limit(RLIMIT_NOFILE, confinement->limits.open_files);
    if (confinement->limits.file_size) limit(RLIMIT_FSIZE, confinement->limits.file_size);
    if (confinement->limits.cpu_seconds) limit(RLIMIT_CPU, confinement->limits.cpu_seconds);
    if (confinement->limits.memory) limit(RLIMIT_DATA, confinement->limits.memory);
    if (confinement->limits.processes) limit(RLIMIT_NPROC, confinement->limits.processes);
    struct failure failure = {0};
    struct identity identity = {.uid = geteuid(), .keeps_rights = geteuid() == 0};
    // Landlock is enough where there are no rights to give up.
    if (identity.uid == 0) {
        if (identity_lock(&identity, &failure) != 0 || identity_drop(&identity) != 0) {
            identity.keeps_rights = false;
            if (identity_drop(&identity) != 0) return complain("capabilities");
        }
    } else if (identity_drop(&identity) != 0) return complain("capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return complain("no new privileges");
    int devices = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int ruleset = landlock_rules(landlock_version(), confinement->writable, confinement->writable_count, devices, true);
    if (ruleset < 0 || landlock_enter(ruleset) != 0) return complain("Landlock");
    if (k_close_range(3, ~0u, K_CLOSE_RANGE_CLOEXEC) != 0) return complain("close_range");
    struct sock_fprog program;
    struct filter_options options = {.denies_network = true, .denies_unix = !confinement->allows_unix};
    if (filter_build(&options, &program) != 0 || filter_install(&program, false) != 0)
        return complain("system call filter");
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(confinement->command[0], confinement->command);
    int error = errno;
    complain(confinement->command[0]);
    return error == ENOENT ? 127 : 126;
}

// MARK: - Ending what is left

/// Sends a signal to all descendants of this process. How many there were.
static int signal_descendants(int signal) {
    static struct {
        pid_t pid, parent;
        bool is_ours;
    } table[32768];
    int count = 0, found = 0;
    DIR *stream = opendir("/proc");
    if (!stream) return 0;
    struct dirent *entry;
    while ((entry = readdir(stream)) && count < 32768) {
        char path[300], text[512];
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        snprintf(path, sizeof path, "%s/stat", entry->d_name);
        if (read_file(dirfd(stream), path, text, sizeof text) <= 0) continue;
        char *after = strrchr(text, ')'), state;
        int parent;
        if (!after || sscanf(after + 1, " %c %d", &state, &parent) != 2 || state == 'Z') continue;
        table[count].pid = atoi(entry->d_name);
        table[count].parent = parent;
        table[count++].is_ours = parent == getpid();
    }
    closedir(stream);
    // A parent may be listed after its child.
    for (bool changed = true; changed;) {
        changed = false;
        for (int child = 0; child < count; child++)
            for (int parent = 0; parent < count && !table[child].is_ours; parent++)
                if (table[parent].is_ours && table[parent].pid == table[child].parent)
                    changed = table[child].is_ours = true;
    }
    for (int index = 0; index < count; index++)
        if (table[index].is_ours && kill(table[index].pid, signal) == 0) found++;
    return found;
}

static void end_descendants(void) {
    for (int round = 0; round < 1000; round++) {
        // Stopped first, so that none of them makes others meanwhile.
        int before = -1, now = 0;
        for (int look = 0; look < 50 && now != before; look++) {
            before = now;
            now = signal_descendants(SIGSTOP);
        }
        signal_descendants(SIGKILL);
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, now == 0 ? WNOHANG : 0)) > 0) {
            now--;
            if (now < 0) now = 0;
        }
        if (pid < 0 && errno == ECHILD) return;
    }
}

static int supervise(pid_t command, int signals, int parent, uint64_t processes) {
    struct pollfd entries[2] = {{.fd = signals, .events = POLLIN}, {.fd = parent, .events = POLLIN}};
    // The kernel counts no processes of uid 0.
    bool counts = processes > 0 && geteuid() == 0;
    int64_t sampled = 0;
    for (;;) {
        poll(entries, 2, counts ? 20 : -1);
        if (counts && is_due(&sampled, 20) && (uint64_t)signal_descendants(0) > processes) {
            fprintf(stderr, "forerun-branch: more than %llu processes\n", (unsigned long long)processes);
            end_descendants();
            return 125;
        }
        if (parent >= 0 && entries[1].revents) {
            end_descendants();
            return 125;
        }
        struct signalfd_siginfo information;
        while (read(signals, &information, sizeof information) == sizeof information)
            if (information.ssi_signo != SIGCHLD) signal_descendants((int)information.ssi_signo);
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            if (pid != command) continue;
            end_descendants();
            if (WIFEXITED(status)) return WEXITSTATUS(status);
            // The one who waits for us sees the same signal.
            signal(WTERMSIG(status), SIG_DFL);
            sigset_t one;
            sigemptyset(&one);
            sigaddset(&one, WTERMSIG(status));
            sigprocmask(SIG_UNBLOCK, &one, NULL);
            kill(getpid(), WTERMSIG(status));
            return 128 + WTERMSIG(status);
        }
    }
}

int confine_main(int argc, char **argv) {
    static struct confinement confinement;
    int status = read_arguments(&confinement, argc, argv);
    if (status != 0) return status;
    if (landlock_version() < 3) {
        // Before, files could be emptied wherever they are.
        fprintf(stderr, "forerun-branch: Landlock of Linux 6.2 or later is needed (lsm=landlock on the kernel's "
                        "command line)\n");
        return 125;
    }
    pid_t parent_pid = getppid();
    int parent = k_pidfd_open(parent_pid);
    if (getppid() != parent_pid) return 125;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    limit(RLIMIT_CORE, 1);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    int signals = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
    pid_t self = getpid(), command = fork();
    if (command < 0) return complain("fork");
    if (command == 0) _exit(execute(&confinement, self));
    return supervise(command, signals, parent, confinement.limits.processes);
}

#else
typedef int cbranch_nothing_here;
#endif
