// What a branch must do and must refuse, tried from inside. `forerun-branch probe` runs it; each line says
// `try-NAME=ok` or why not.
#ifdef __linux__

#include "Internal.h"

#include <dirent.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int failures;

static void report(const char *name, bool worked, const char *why) {
    if (worked) printf("try-%s=ok\n", name);
    else printf("try-%s=failed: %s\n", name, why);
    if (!worked) failures++;
    fflush(stdout);
}

static bool can_write(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
    return file >= 0;
}

static void try_files(void) {
    int file = open("forerun-canary/file", O_RDWR | O_APPEND | O_CLOEXEC);
    char text[16] = "";
    bool worked = file >= 0 && write(file, "b", 1) == 1 && pread(file, text, sizeof text - 1, 0) == 2 &&
                  strcmp(text, "ab") == 0;
    report("copy-up", worked, strerror(errno));
    if (file >= 0) close(file);
    worked = unlink("forerun-canary/directory/file") == 0 && rmdir("forerun-canary/directory") == 0 &&
             mkdir("forerun-canary/directory", 0700) == 0;
    report("delete", worked, strerror(errno));
    report("opaque", worked && access("forerun-canary/directory/file", F_OK) != 0, "what was deleted comes back");
    report("rename", rename("forerun-canary/file", "forerun-canary/directory/file") == 0, strerror(errno));
    report("tmp", can_write("/tmp/forerun-canary"), strerror(errno));
    report("shm", can_write("/dev/shm/forerun-canary"), strerror(errno));
}

static void try_read_only(void) {
    static const char *const places[] = {
        "/forerun-canary",     "/etc/forerun-canary",           "/usr/forerun-canary",  "/dev/forerun-canary",
        "/run/forerun-canary", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"};
    const char *written = NULL;
    for (size_t index = 0; index < sizeof places / sizeof *places && !written; index++)
        if (can_write(places[index])) written = places[index];
    report("read-only", !written, written ? written : "");
}

static void try_proc(void) {
    char text[32];
    ssize_t length = readlink("/proc/self", text, sizeof text - 1);
    text[length < 0 ? 0 : length] = 0;
    report("proc", length > 0 && atoi(text) == getpid() && getpid() < 100, "/proc is not of the branch");
    report("init-is-closed", open("/proc/1/root/.", O_PATH | O_CLOEXEC) < 0, "/proc/1/root can be entered");
}

static void try_network(void) {
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    address.sin_addr.s_addr = htonl(0xc0000201);  // 192.0.2.1, which is nobody's
    bool reached = file >= 0 && connect(file, (struct sockaddr *)&address, sizeof address) == 0;
    report("network-down", !reached && (file < 0 || errno == ENETUNREACH), "the network answers");
    if (file >= 0) close(file);
    struct if_nameindex *interfaces = if_nameindex();
    bool alone = true;
    for (struct if_nameindex *entry = interfaces; entry && entry->if_index; entry++)
        if (strcmp(entry->if_name, "lo") != 0 && strchr(entry->if_name, '0') == NULL) alone = false;
    if (interfaces) if_freenameindex(interfaces);
    report("interfaces", alone, "there is more than loopback");
    static const int families[] = {AF_VSOCK, AF_PACKET, AF_ALG};
    bool refused = true;
    for (size_t index = 0; index < sizeof families / sizeof *families; index++) {
        file = socket(families[index], SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (file >= 0) refused = false;
        if (file >= 0) close(file);
    }
    report("families", refused, "sockets of other families can be made");
}

static void try_privileges(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    syscall(SYS_capget, &header, data);
    uint32_t files = 1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER;
    uint32_t allowed = getuid() == 0 ? files : 0;
    report("capabilities", (data[0].permitted & ~allowed) == 0 && data[1].permitted == 0, "there are some");
    report("no-new-privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "not set");
    report("filter", prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2, "no system call filter");
    report("mount", mount("tmpfs", "/tmp", "tmpfs", 0, NULL) != 0, "mounts can be made");
    report("namespaces", unshare(CLONE_NEWUSER) != 0, "user namespaces can be made");
    report("ptrace", ptrace(PTRACE_ATTACH, 1, NULL, NULL) != 0, "the first process can be traced");
}

static void try_descriptors(void) {
    DIR *stream = opendir("/proc/self/fd");
    int count = 0;
    struct dirent *entry;
    while (stream && (entry = readdir(stream)))
        if (entry->d_name[0] != '.' && atoi(entry->d_name) > 2 && atoi(entry->d_name) != dirfd(stream)) count++;
    // The program itself was opened by the one who executed it, if it had no path.
    report("descriptors", stream && count == 0, "descriptors are inherited");
    if (stream) closedir(stream);
    const char *hidden = getenv("CANARY_HIDDEN");
    if (hidden) report("mask", access(hidden, F_OK) != 0, "what was to be hidden is seen");
}

int canary_main(void) {
    if (getenv("CANARY_WAITS"))
        for (;;) pause();
    try_files();
    try_read_only();
    try_proc();
    try_network();
    try_privileges();
    try_descriptors();
    return failures == 0 ? 0 : 1;
}

#else
typedef int cbranch_nothing_here;
#endif
