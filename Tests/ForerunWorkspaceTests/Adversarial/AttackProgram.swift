import Glibc
import Testing

@testable import ForerunWorkspace

/// A C program that tries system calls which shells cannot make, one line `name=ok` or `name=ERRNO` each.
///
/// Run outside of a branch it shows that the same call works there; run inside, that it does not.
enum AttackProgram {
    /// The executable; `nil` where there is no C compiler.
    static let bytes: [UInt8]? = compile(source, "-Wno-unused-result")

    /// What a C program is as an executable.
    static func compile(_ text: String, _ options: String = "") -> [UInt8]? {
        guard let place = try? TemporaryDirectory(["program.c": text]),
            system(
                "cd '\(place.path)' && PATH=$PATH:/opt/swift/usr/bin && for c in gcc clang cc; do "
                    + "$c -O1 \(options) -o program program.c -lpthread 2>log && exit 0; done; exit 1") == 0
        else { return nil }
        return try? place.directory.content(of: RelativePath("program"))
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <dirent.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/fs.h>
        #include <linux/if_alg.h>
        #include <linux/netlink.h>
        #include <linux/vm_sockets.h>
        #include <mqueue.h>
        #include <pthread.h>
        #include <sched.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/file.h>
        #include <sys/ioctl.h>
        #include <sys/ipc.h>
        #include <sys/mman.h>
        #include <sys/mount.h>
        #include <sys/msg.h>
        #include <sys/prctl.h>
        #include <sys/ptrace.h>
        #include <sys/sem.h>
        #include <sys/shm.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/types.h>
        #include <sys/uio.h>
        #include <sys/un.h>
        #include <sys/wait.h>
        #include <sys/xattr.h>
        #include <termios.h>
        #include <unistd.h>

        static int link_file(void);
        static void say(const char *name, long result) {
            printf("%s=%s\n", name, result >= 0 ? "ok" : strerrorname_np(errno));
            fflush(stdout);
        }
        #define TRY(name, call) do { errno = 0; say(name, (long)(call)); } while (0)

        // ---- Group 1: every way to change a file
        static void attack_write(const char *directory) {
            if (chdir(directory) != 0) { printf("no-such-place=%s\n", strerrorname_np(errno)); return; }
            int ro = open("file", O_RDONLY), fd;
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", ro);
            struct timespec times[2] = {{1, 0}, {1, 0}};
            TRY("open-write", fd = open("file", O_WRONLY));
            if (fd >= 0) TRY("write", pwrite(fd, "X", 1, 0));
            TRY("open-append", fd = open("file", O_WRONLY | O_APPEND));
            if (fd >= 0) TRY("append", write(fd, "X", 1));
            TRY("open-truncate", open("file", O_WRONLY | O_TRUNC));
            TRY("open-read-truncate", open("file", O_RDONLY | O_TRUNC));
            TRY("truncate", truncate("file", 1));
            TRY("reopen", open(link, O_RDWR));
            fd = open("file", O_PATH);
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            TRY("reopen-path", open(link, O_WRONLY));
            TRY("chmod", chmod("file", 0606));
            TRY("fchmod", fchmod(ro, 0604));
            TRY("chown", chown("file", getuid(), getgid()));
            TRY("utimens", utimensat(AT_FDCWD, "file", times, 0));
            TRY("futimens", futimens(ro, times));
            TRY("setxattr", setxattr("file", "user.attack", "x", 1, 0));
            TRY("fsetxattr", fsetxattr(ro, "user.attack", "y", 1, 0));
            unsigned flags = 0;
            if (ioctl(ro, FS_IOC_GETFLAGS, &flags) == 0) {
                flags ^= FS_NODUMP_FL;
                TRY("setflags", ioctl(ro, FS_IOC_SETFLAGS, &flags));
            }
            fd = open("file", O_RDWR);
            void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd < 0 ? ro : fd, 0);
            errno = map == MAP_FAILED ? errno : 0;
            say("mmap", map == MAP_FAILED ? -1 : 0);
            map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, ro, 0);
            if (fd < 0 && map != MAP_FAILED) TRY("mprotect", mprotect(map, 4096, PROT_READ | PROT_WRITE));
            TRY("fallocate", fallocate(fd < 0 ? ro : fd, 0, 0, 8192));
            TRY("create", open("new", O_WRONLY | O_CREAT, 0600));
            TRY("tmpfile", open(".", O_WRONLY | O_TMPFILE, 0600));
            TRY("mkdir", mkdir("new-directory", 0700));
            TRY("mkfifo", mkfifo("new-fifo", 0600));
            TRY("symlink", symlink("file", "new-link"));
            TRY("link", link_file());
            TRY("exchange", syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "other", 2u));
            TRY("rename", rename("other", "renamed"));
            TRY("rename-back", rename("renamed", "other"));
            TRY("rename-over", rename("other", "file"));
            TRY("chmod-directory", chmod(".", 0711));
            TRY("rmdir", rmdir("directory"));
            TRY("unlink", unlink("file"));
            int parent = open(".", O_RDONLY | O_DIRECTORY);
            TRY("openat-create", openat(parent, "again", O_WRONLY | O_CREAT, 0600));
        }

        // ---- Groups 11 and 13: namespaces, mounts, and what does its work elsewhere
        static int in_child(long (*call)(void)) {
            int status;
            pid_t pid = fork();
            if (pid == 0) { errno = 0; _exit(call() >= 0 ? 0 : errno); }
            waitpid(pid, &status, 0);
            errno = WIFEXITED(status) ? WEXITSTATUS(status) : EFAULT;
            return errno == 0 ? 0 : -1;
        }
        static long user(void) { return unshare(CLONE_NEWUSER); }
        static long user_mount(void) { return unshare(CLONE_NEWUSER | CLONE_NEWNS); }
        static long mnt(void) { return unshare(CLONE_NEWNS); }
        static long net(void) { return unshare(CLONE_NEWNET); }
        static long pidns(void) { return unshare(CLONE_NEWPID); }
        static long ipc(void) { return unshare(CLONE_NEWIPC); }
        static long uts(void) { return unshare(CLONE_NEWUTS); }
        static long cgroup(void) { return unshare(CLONE_NEWCGROUP); }
        static long timens(void) { return unshare(0x80); }
        static long clone_user(void) {
            long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
            if (pid == 0) _exit(0);
            return pid;
        }
        static long clone3_user(void) {
            unsigned long long arguments[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
            long pid = syscall(SYS_clone3, arguments, sizeof arguments);
            if (pid == 0) _exit(0);
            return pid;
        }
        static long set_ns(void) {
            int fd = open("/proc/self/ns/net", O_RDONLY);
            return fd < 0 ? -1 : setns(fd, 0);
        }
        static long set_ns_init(void) {
            int fd = open("/proc/1/ns/mnt", O_RDONLY);
            return fd < 0 ? -1 : setns(fd, 0);
        }
        static long tmpfs(void) { return mount("tmpfs", "/tmp", "tmpfs", 0, ""); }
        static long bind_mount(void) { return mount("/etc", "/tmp", NULL, MS_BIND, NULL); }
        static long remount(void) { return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL); }
        static long proc(void) { return mount("proc", "/proc", "proc", 0, ""); }
        static long unmount(void) { return umount2("/tmp", MNT_DETACH); }
        static long unmount_proc(void) { return umount2("/proc", MNT_DETACH); }
        static long root(void) { return chroot("/tmp"); }
        static long pivot(void) { return syscall(SYS_pivot_root, "/", "/tmp"); }
        static long open_fs(void) { return syscall(430, "tmpfs", 0); }
        static long open_tree_(void) { return syscall(428, AT_FDCWD, "/", 1); }
        static long move(void) { return syscall(429, AT_FDCWD, "/tmp", AT_FDCWD, "/etc", 0); }
        static long setattr(void) {
            unsigned long long attributes[4] = {0, 1, 0, 0};
            return syscall(442, AT_FDCWD, "/", 0, attributes, sizeof attributes);
        }
        static long host_name(void) { return sethostname("attack", 6); }
        static long uring(void) { char room[256] = {0}; return syscall(SYS_io_uring_setup, 4, room); }
        static long fault(void) { return syscall(SYS_userfaultfd, 1); }
        static long bpf_(void) { char room[128] = {0}; return syscall(SYS_bpf, 0, room, sizeof room); }
        static long perf(void) {
            unsigned room[32] = {1, sizeof room};
            return syscall(SYS_perf_event_open, room, 0, -1, -1, 0);
        }
        static long key(void) { return syscall(SYS_add_key, "user", "attack", "x", 1, -2); }
        static long keyctl_(void) { return syscall(SYS_keyctl, 0, -3, 1); }
        static long notify(void) { return syscall(SYS_fanotify_init, 0, 0); }
        static long handle(void) {
            struct { struct file_handle head; char room[128]; } file = {.head.handle_bytes = 128};
            int mount_id, fd = open("/", O_RDONLY);
            if (name_to_handle_at(AT_FDCWD, "/etc", &file.head, &mount_id, 0) != 0) return -1;
            return open_by_handle_at(fd, &file.head, O_RDONLY);
        }
        static long old_call(void) {
        #ifdef __x86_64__
            long result;
            __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");  // getpid of 32-bit programs
            if (result < 0) { errno = (int)-result; return -1; }
            return 0;
        #else
            errno = ENOSYS;
            return -1;
        #endif
        }
        static long tiocsti(void) {
            int master = posix_openpt(O_RDWR | O_NOCTTY);
            if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return -1;
            setsid();
            int slave = open(ptsname(master), O_RDWR);
            if (slave < 0) return -1;
            return ioctl(slave, TIOCSTI, "x");
        }
        static void attack_kernel(const char *place) {
            // Nothing of this may ever reach the machine itself: outside of a branch only in namespaces of its own.
            if (!strcmp(place, "outside")) {
                if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS) != 0 ||
                    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
                    printf("namespaces=%s\n", strerrorname_np(errno));
                    return;
                }
            } else if (prctl(PR_GET_SECCOMP) != 2) {
                printf("no-filter=ok\n");
                return;
            }
            static const struct { const char *name; long (*call)(void); } list[] = {
                {"unshare-user", user}, {"unshare-user-mount", user_mount}, {"unshare-mount", mnt},
                {"unshare-net", net}, {"unshare-pid", pidns}, {"unshare-ipc", ipc}, {"unshare-uts", uts},
                {"unshare-cgroup", cgroup}, {"unshare-time", timens}, {"clone-user", clone_user},
                {"clone3-user", clone3_user}, {"setns", set_ns}, {"setns-init", set_ns_init}, {"mount-tmpfs", tmpfs},
                {"mount-bind", bind_mount}, {"remount", remount}, {"mount-proc", proc}, {"umount", unmount},
                {"umount-proc", unmount_proc}, {"chroot", root}, {"pivot-root", pivot}, {"fsopen", open_fs},
                {"open-tree", open_tree_}, {"move-mount", move}, {"mount-setattr", setattr},
                {"sethostname", host_name}, {"io-uring", uring}, {"userfaultfd", fault}, {"bpf", bpf_},
                {"perf", perf}, {"add-key", key}, {"keyctl", keyctl_}, {"fanotify", notify},
                {"open-by-handle", handle}, {"int80", old_call}, {"tiocsti", tiocsti},
            };
            for (size_t index = 0; index < sizeof list / sizeof *list; index++)
                TRY(list[index].name, in_child(list[index].call));
        }

        // ---- Group 12: other processes
        static void attack_process(pid_t pid) {
            char path[64], byte = 0;
            struct iovec here = {&byte, 1}, there = {(void *)attack_process, 1};
            TRY("kill-0", kill(pid, 0));
            TRY("ptrace-seize", ptrace(0x4206, pid, 0, 0));
            TRY("vm-readv", process_vm_readv(pid, &here, 1, &there, 1, 0));
            int pidfd;
            TRY("pidfd-open", pidfd = (int)syscall(SYS_pidfd_open, pid, 0));
            TRY("pidfd-getfd", syscall(438, pidfd, 0, 0));
            const char *names[] = {"mem", "environ", "root", "cwd", "fd", "maps", "ns/mnt"};
            for (int index = 0; index < 7; index++) {
                snprintf(path, sizeof path, "/proc/%d/%s", pid, names[index]);
                TRY(names[index], open(path, O_RDONLY));
            }
            snprintf(path, sizeof path, "/proc/%d/root/etc", pid);
            TRY("through-root", open(path, O_RDONLY));
        }

        // ---- Groups 8, 9, 10: descriptors and sockets
        static void attack_descriptors(void) {
            DIR *stream = opendir("/proc/self/fd");
            struct dirent *entry;
            while ((entry = readdir(stream))) {
                int fd = atoi(entry->d_name);
                char target[512] = "";
                if (entry->d_name[0] == '.' || fd == dirfd(stream)) continue;
                if (readlinkat(dirfd(stream), entry->d_name, target, sizeof target - 1) < 0) continue;
                if (fd > 2) printf("descriptor %d %s\n", fd, target);
            }
            // Some are seen only by trying.
            for (int fd = 3; fd < 1024; fd++)
                if (fd != dirfd(stream) && fcntl(fd, F_GETFD) >= 0) printf("open %d\n", fd);
        }
        static void attack_families(void) {
            static const struct { const char *name; int family, type, protocol; } list[] = {
                {"vsock", AF_VSOCK, SOCK_STREAM, 0}, {"netlink-audit", AF_NETLINK, SOCK_RAW, 9},
                {"netlink-uevent", AF_NETLINK, SOCK_RAW, 15}, {"netlink-diag", AF_NETLINK, SOCK_RAW, 4},
                {"netlink-xfrm", AF_NETLINK, SOCK_RAW, 6}, {"netlink-generic", AF_NETLINK, SOCK_RAW, 16},
                {"packet", AF_PACKET, SOCK_RAW, 0x300}, {"packet-dgram", AF_PACKET, SOCK_DGRAM, 0},
                {"alg", AF_ALG, SOCK_SEQPACKET, 0}, {"key", AF_KEY, SOCK_RAW, 2}, {"raw", AF_INET, SOCK_RAW, 1},
                {"raw6", AF_INET6, SOCK_RAW, 58}, {"bluetooth", AF_BLUETOOTH, SOCK_RAW, 1}, {"can", AF_CAN, SOCK_RAW, 1},
                {"tipc", AF_TIPC, SOCK_DGRAM, 0}, {"xdp", AF_XDP, SOCK_RAW, 0}, {"rds", AF_RDS, SOCK_SEQPACKET, 0},
                {"smc", 43, SOCK_STREAM, 0}, {"qipcrtr", 42, SOCK_DGRAM, 0}, {"kcm", 41, SOCK_DGRAM, 0},
            };
            for (size_t index = 0; index < sizeof list / sizeof *list; index++)
                TRY(list[index].name, socket(list[index].family, list[index].type, list[index].protocol));
            int pair[2];
            TRY("socketpair-unix", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        }
        static void attack_unix(const char *name) {
            struct sockaddr_un address = {.sun_family = AF_UNIX};
            socklen_t length = sizeof address;
            strncpy(address.sun_path, name, sizeof address.sun_path - 1);
            if (name[0] == '@') {
                address.sun_path[0] = 0;
                length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
            }
            int fd = socket(AF_UNIX, SOCK_STREAM, 0);
            TRY("connect-unix", connect(fd, (struct sockaddr *)&address, length));
            char byte, control[64];
            struct iovec bytes = {&byte, 1};
            struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control,
                                     .msg_controllen = sizeof control};
            struct timeval limit = {2, 0};
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            TRY("receive", recvmsg(fd, &message, 0) > 0 && message.msg_controllen > 0 ? 0 : -1);
            int datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
            TRY("send-unix", sendto(datagram, "x", 1, 0, (struct sockaddr *)&address, length));
        }
        static void attack_network(int port) {
            struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
            struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
            TRY("tcp4", connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&four, sizeof four));
            TRY("tcp6", connect(socket(AF_INET6, SOCK_STREAM, 0), (struct sockaddr *)&six, sizeof six));
            four.sin_addr.s_addr = htonl(0xc0000201);
            TRY("udp-elsewhere", sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (struct sockaddr *)&four, sizeof four));
            TRY("fast-open", sendto(socket(AF_INET, SOCK_STREAM, 0), "x", 1, 0x20000000, (struct sockaddr *)&four, sizeof four));
        }

        // ---- Group 12: memory and queues that have names
        static void ipc_make(int number) {
            TRY("shm", shmget(number, 4096, IPC_CREAT | 0666));
            TRY("msg", msgget(number, IPC_CREAT | 0666));
            TRY("sem", semget(number, 1, IPC_CREAT | 0666));
            char name[32];
            snprintf(name, sizeof name, "/attack-%d", number);
            TRY("mq", mq_open(name, O_CREAT | O_RDWR, 0666, NULL));
            TRY("posix-shm", shm_open(name, O_CREAT | O_RDWR, 0666));
        }
        static void ipc_find(int number) {
            TRY("shm", shmget(number, 0, 0));
            TRY("msg", msgget(number, 0));
            TRY("sem", semget(number, 0, 0));
            char name[32];
            snprintf(name, sizeof name, "/attack-%d", number);
            TRY("mq", mq_open(name, O_RDWR));
            TRY("posix-shm", shm_open(name, O_RDWR, 0));
        }
        static void ipc_remove(int number) {
            shmctl(shmget(number, 0, 0), IPC_RMID, NULL);
            msgctl(msgget(number, 0), IPC_RMID, NULL);
            semctl(semget(number, 0, 0), 0, IPC_RMID);
            char name[32];
            snprintf(name, sizeof name, "/attack-%d", number);
            mq_unlink(name);
            shm_unlink(name);
        }

        // ---- Group 3: two names exchanged again and again
        static void swap(const char *one, const char *two, int milliseconds) {
            struct timespec start, now;
            clock_gettime(CLOCK_MONOTONIC, &start);
            do {
                for (int index = 0; index < 100; index++) syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 2u);
                clock_gettime(CLOCK_MONOTONIC, &now);
            } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
        }

        // ---- Group 18 and 19
        static void bomb(int count) {
            int made = 0;
            for (; made < count; made++) {
                pid_t pid = fork();
                if (pid == 0) { sleep(1000); _exit(0); }
                if (pid < 0) break;
            }
            printf("made=%d of %d %s\n", made, count, made < count ? strerrorname_np(errno) : "");
        }
        static void zombies(int count) {
            for (int index = 0; index < count; index++) {
                pid_t pid = fork();
                if (pid == 0) { if (index % 2) { if (fork() == 0) _exit(0); } _exit(0); }
            }
            printf("zombies made\n");
        }
        static void memory(long megabytes) {
            for (long index = 0; index < megabytes; index++) {
                char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (block == MAP_FAILED) { printf("memory=%s at %ld\n", strerrorname_np(errno), index); return; }
                memset(block, 1, 1 << 20);
                if (index % 16 == 15) usleep(10000);
            }
            printf("memory=ok\n");
        }
        static void files(int count) {
            char name[32];
            for (int index = 0; index < count; index++) {
                snprintf(name, sizeof name, "i%d", index);
                int fd = open(name, O_WRONLY | O_CREAT, 0600);
                if (fd < 0) { printf("files=%s at %d\n", strerrorname_np(errno), index); return; }
                close(fd);
            }
            printf("files=ok\n");
        }
        static void deep(int depth) {
            for (int index = 0; index < depth; index++)
                if (mkdir("d", 0700) != 0 || chdir("d") != 0) { printf("deep=%s at %d\n", strerrorname_np(errno), index); return; }
            printf("deep=ok\n");
        }
        static void flood(long megabytes) {
            static char block[1 << 20];
            memset(block, 'x', sizeof block);
            for (long index = 0; index < megabytes; index++) write(1, block, sizeof block);
        }

        int main(int argc, char **argv) {
            const char *what = argc > 1 ? argv[1] : "", *one = argc > 2 ? argv[2] : "0", *two = argc > 3 ? argv[3] : "0";
            if (!strcmp(what, "write")) attack_write(one);
            else if (!strcmp(what, "kernel")) attack_kernel(one);
            else if (!strcmp(what, "process")) attack_process(atoi(one));
            else if (!strcmp(what, "descriptors")) attack_descriptors();
            else if (!strcmp(what, "families")) attack_families();
            else if (!strcmp(what, "unix")) attack_unix(one);
            else if (!strcmp(what, "network")) attack_network(atoi(one));
            else if (!strcmp(what, "ipc-make")) ipc_make(atoi(one));
            else if (!strcmp(what, "ipc-find")) ipc_find(atoi(one));
            else if (!strcmp(what, "ipc-remove")) ipc_remove(atoi(one));
            else if (!strcmp(what, "swap")) swap(one, two, atoi(argv[4]));
            else if (!strcmp(what, "bomb")) bomb(atoi(one));
            else if (!strcmp(what, "zombies")) zombies(atoi(one));
            else if (!strcmp(what, "memory")) memory(atol(one));
            else if (!strcmp(what, "files")) files(atoi(one));
            else if (!strcmp(what, "deep")) deep(atoi(one));
            else if (!strcmp(what, "flood")) flood(atol(one));
            else if (!strcmp(what, "setxattr")) TRY("setxattr", lsetxattr(argv[3], one, argv[4], strlen(argv[4]), 0));
            else if (!strcmp(what, "caps"))
                TRY("caps", setxattr(one, "security.capability", "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0));
            else if (!strcmp(what, "mknod")) {
                TRY("whiteout", mknod("whiteout", S_IFCHR | 0600, 0));
                TRY("null", mknod("null", S_IFCHR | 0600, 0x103));
                TRY("disk", mknod("disk", S_IFBLK | 0600, 0x801));
                TRY("fifo", mkfifo("fifo", 0600));
                struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
                TRY("socket", bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address));
            }
            else if (!strcmp(what, "tty")) {
                TRY("tty", open("/dev/tty", O_RDWR));
                for (int fd = 0; fd < 3; fd++) TRY("type", ioctl(fd, TIOCSTI, "x"));
            }
            else if (!strcmp(what, "stop-init")) {
                TRY("stop-init", kill(1, SIGSTOP));
                TRY("kill-init", kill(1, SIGKILL));
                TRY("term-init", kill(1, SIGTERM));
            }
            else return 2;
            return 0;
        }
        static int link_file(void) { return link("file", "new-name"); }
        """#
}
