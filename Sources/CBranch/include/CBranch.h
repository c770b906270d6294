/// Copy-on-write branches of a workspace on Linux: the program `forerun-branch`, and the system calls that Swift cannot
/// make by itself.
///
/// # `forerun-branch serve`
///
/// One *host* for each open workspace. File descriptor 3 is one end of a SOCK_SEQPACKET socket pair; the runtime holds
/// the other. A message is one datagram: `struct cbranch_header`, then strings `key=value`, each ended by a NUL byte; a
/// key that may be given several times is marked with `*`. Descriptors travel by SCM_RIGHTS. Where the strings do not
/// fit into a datagram (about 200 KB), any number of the last of them go into a memfd that is the *last* descriptor of
/// the message, after the ones listed below (up to 64 MB). Ids are chosen by the runtime; the answers to a message bear
/// its id. Use each id once (TERM, KILL, FREEZE and THAW name the id of a RUN). Unknown keys are ignored.
///
/// Runtime to host:
///
/// - OPEN, the first message:
///   `workspace=PATH`; `present=PATH`, where commands see it (default: its real path); `disk=PATH`, a directory of
///   the runtime's for layers on disk; `memory=BYTES` (default 256 MB) and `inodes=N` (200,000), the caps of the
///   layers in memory, which hold /dev/shm and /var/tmp of running commands too; `mask=PATH`*, a file or directory
///   that is hidden (missing is fine); `protect=REL`*, a path in the workspace that may be read and not written;
///   `reserve=REL`*, the same, and where it is missing in an existing directory it shows as an empty file (or
///   directory, if it ends in `/`); `allow=PATH`*, shown read-only although it lies below /run, /tmp or /dev;
///   `home=PATH`*, shown through a read-only overlay, so that no socket in it can be connected to (elsewhere only
///   sockets that exist at OPEN are hidden).
///   For tests: `mount=old` (the mount interface of kernels before 6.7), `tier=T1b` (as root: no user namespace).
///   Answer: OPENED, or FAILED and the host ends.
/// - RUN with 2 descriptors, stdout and stderr (stdin is /dev/null):
///   `upper=LAYER`, fresh; `lower=LAYER`*, newest first; `arg=`*, the first of which is the program (without `/` it
///   is looked up in the PATH of `env`); `env=NAME=VALUE`*; `cwd=PATH`, relative to the workspace; `umask=OCTAL`;
///   `nice=N`; `network=0|1`; `notice=0|1`, report attempts at the network and at files above `file-size`;
///   `freezable=1`.
///   Limits: `processes=N`, `open-files=N`, `file-size=BYTES`, `memory=BYTES`, `cpu-seconds=N`. Without control
///   groups the branch is ended when its processes hold more than `memory` (a look each 20 ms), and for uid 0
///   `processes` is at least 300.
///   Answers: STARTED once the program has been executed, FELT any number of times, ENDED; or FAILED, after which the
///   upper layer may exist in part.
/// - TERM (SIGTERM, SIGCONT to every process of the branch), KILL (of all of them): no answer but ENDED.
/// - FREEZE, THAW: DONE or FAILED.
/// - REMOVE: `name=LAYER`. DONE once it is out of the way (its files are deleted later), or FAILED.
/// - STAT: STATED.
/// - CLOSE: the host kills what runs and ends, as it does when the socket ends.
///
/// Host to runtime:
///
/// - OPENED with descriptors of the directory of the layers in memory, and of those on disk if any (layer `m:NAME` is
///   the directory NAME in the first, `d:NAME` in the second): `tier=T0|T1|T1b` (T1: overlays cannot write to `disk`;
///   T1b: no user namespace), `memory-layers=0|1`, `disk-layers=0|1`, `landlock=ABI`, `cgroup=v2|none`, `freeze=0|1`,
///   `network-notify=0|1`, `present=PATH`.
/// - STARTED with a pidfd of the branch's first process.
/// - FELT `what=network|memory|processes|file-size|space|disk|cpu`: a restriction was met, or nearly; each kind once a run.
///   `memory` also where the kernel has ended processes of the machine for want of it meanwhile; `space`: of the layers in
///   memory, `disk`: of those on disk, for a run that writes there.
/// - ENDED: `exit=N` or `signal=N`, `felt=WHAT`*, `made=REL`* (protected paths that the layer holds now). Every process
///   of the branch is gone and its file systems are unmounted.
/// - FAILED: `request=open|run|freeze|thaw|remove|unknown`, `step=`, `errno=N`, `detail=` (a sentence), `remedy=` (a
///   sentence, where there is one). The program could not be executed: `step=exec`.
/// - STATED: `bytes-used=`, `bytes=`, `inodes-used=`, `inodes=` (of the layers in memory), `branches=N` (running).
/// - DONE: `request=`.
///
/// # Layers
///
/// A layer is a directory with up to two directories, `ws` (changes of the workspace) and `tmp` (of /tmp), as the
/// kernel's overlay file system writes them with the option `userxattr`: a deleted path is a character device 0:0, a
/// directory that hides what lies below it has the attribute `user.overlay.opaque` = `y`. A run makes them in its upper
/// layer, along with `ws.work` and `tmp.work`, which are gone when it has ended; so is an empty `tmp`. NAME: letters,
/// digits, `.`, `_`, `-`, at most 64, not starting with `.`.
#ifndef CBRANCH_H
#define CBRANCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "CBranchDescriptors.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What every message starts with, in the byte order of the machine.
struct cbranch_header {
    uint32_t kind;
    uint32_t id;
};

/// Messages of the runtime.
enum cbranch_request {
    CBRANCH_OPEN = 1,
    CBRANCH_RUN = 2,
    CBRANCH_TERM = 3,
    CBRANCH_KILL = 4,
    CBRANCH_FREEZE = 5,
    CBRANCH_THAW = 6,
    CBRANCH_REMOVE = 7,
    CBRANCH_STAT = 8,
    CBRANCH_CLOSE = 9,
};

/// Messages of the host.
enum cbranch_answer {
    CBRANCH_OPENED = 64,
    CBRANCH_STARTED = 65,
    CBRANCH_FELT = 66,
    CBRANCH_ENDED = 67,
    CBRANCH_FAILED = 68,
    CBRANCH_DONE = 69,
    CBRANCH_STATED = 70,
};

/// The program `forerun-branch`: `serve`, `probe [--old-mounts] WORKSPACE`, `confine --write DIR... -- COMMAND...`.
int cbranch_main(int argc, char **argv);

#ifdef __linux__

/// How `cbranch_openat` resolves a path (openat2(2)); RESOLVE_CACHED is left out, as nobody here waits for it.
enum cbranch_resolve {
    CBRANCH_NO_XDEV = 0x01,
    CBRANCH_NO_MAGICLINKS = 0x02,
    CBRANCH_NO_SYMLINKS = 0x04,
    CBRANCH_BENEATH = 0x08,
    CBRANCH_IN_ROOT = 0x10,
};

/// Deletes a path and everything below it, however deep and whatever its modes. 0, also where nothing is, or -1 and errno.
int cbranch_delete_tree(int directory, const char *path);

/// How `cbranch_renameat` renames (renameat2(2)).
enum cbranch_rename {
    CBRANCH_NOREPLACE = 1,
    CBRANCH_EXCHANGE = 2,
};

/// Opens a path with openat2(2); O_CLOEXEC is always set. -1 and errno: ENOSYS before Linux 5.6.
int cbranch_openat(int directory, const char *path, int flags, mode_t mode, uint64_t resolve);

/// Renames with renameat2(2). 0, or -1 and errno.
int cbranch_renameat(int from, const char *source, int to, const char *target, unsigned int flags);

/// Makes the file that says "deleted here" in a layer: a character device 0:0. Needs no privilege since Linux 5.8.
int cbranch_make_whiteout(int directory, const char *path);

/// Whether what lstat found is the file that says "deleted here".
int cbranch_is_whiteout(mode_t mode, dev_t device);

/// Marks an open directory as hiding what lies below it in lower layers.
int cbranch_set_opaque(int directory);

/// Whether an open directory hides what lies below it. 1, 0, or -1 and errno.
int cbranch_is_opaque(int directory);

/// The value of an extended attribute of a path, symlinks not followed. Its length, or -1 and errno (ENODATA: none).
ssize_t cbranch_get_attribute(int directory, const char *path, const char *name, void *value, size_t capacity);

/// Sets an extended attribute of a path, symlinks not followed. 0, or -1 and errno.
int cbranch_set_attribute(int directory, const char *path, const char *name, const void *value, size_t length);

/// Removes an extended attribute of a path, symlinks not followed. 0, or -1 and errno.
int cbranch_remove_attribute(int directory, const char *path, const char *name);

/// The names of all extended attributes of a path, each ended by NUL, symlinks not followed. Length, or -1 and errno.
ssize_t cbranch_list_attributes(int directory, const char *path, char *names, size_t capacity);

/// Sends one datagram with up to 8 descriptors. 0, or -1 and errno.
int cbranch_send(int socket, const void *bytes, size_t length, const int *descriptors, int count);

/// Receives one datagram with up to 8 descriptors, all of them close-on-exec. Its length, 0 at the end of the socket,
/// or -1 and errno (EMSGSIZE: it did not fit). `count` is the capacity of `descriptors` before and their number after.
ssize_t cbranch_receive(int socket, void *bytes, size_t capacity, int *descriptors, int *count);

/// Whether a process is gone: waits on a pidfd for up to `milliseconds`. 1, 0, or -1 and errno.
int cbranch_wait_pidfd(int pidfd, int milliseconds);

/// Sends a signal through a pidfd. 0, or -1 and errno.
int cbranch_signal_pidfd(int pidfd, int signal);

/// A new anonymous file in memory, close-on-exec. -1 and errno.
int cbranch_memory_file(const char *name);

#endif

#ifdef __cplusplus
}
#endif

#endif
