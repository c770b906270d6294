// What the files of this target share. Everything here is of one single-threaded program.
#ifndef CBRANCH_INTERNAL_H
#define CBRANCH_INTERNAL_H

#ifdef __linux__

#include "Kernel.h"
#include "include/CBranch.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>

#define PATH_LIMIT 4096
#define MESSAGE_LIMIT (256 * 1024)
#define DESCRIPTOR_LIMIT 8

// MARK: - Failures

/// Why something did not work: which step, the error, and sentences for people.
struct failure {
    int error;
    char step[32];
    char detail[384];
    char remedy[384];
};

/// Fills in `failure` and returns -1. `format` is the sentence.
int fail(struct failure *failure, const char *step, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// MARK: - Messages

/// A received message; `strings` lies in the receiver's buffer, and further ones may lie in `more`.
struct message {
    uint32_t kind, id;
    const char *strings[2];
    size_t lengths[2];
    int descriptors[DESCRIPTOR_LIMIT];
    int descriptor_count;
};

/// Walks over the strings of a message: returns the next one or NULL. Start with `*position` all zero.
struct position {
    int part;
    size_t offset;
};
const char *message_next(const struct message *message, struct position *position);
/// The value if `string` is `key=value`, else NULL.
const char *value_of(const char *string, const char *key);

/// A message being written.
struct writer {
    char bytes[2048];
    size_t length;
};
void writer_start(struct writer *writer, uint32_t kind, uint32_t id);
void writer_add(struct writer *writer, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
void writer_add_failure(struct writer *writer, const char *request, const struct failure *failure);

/// Reads a whole number; false where it is none or out of range.
bool parse_number(const char *text, uint64_t *value);

// MARK: - Who we are

struct identity {
    uid_t uid;
    gid_t gid;
    /// Whether this is root with its rights over files: commands keep CHOWN, DAC_OVERRIDE and FOWNER then.
    bool keeps_rights;
    /// Whether a user namespace was made (else: tier T1b).
    bool has_namespace;
    mode_t umask;
};

/// Enters user and mount namespaces. Afterwards the process has every capability over what it makes.
int identity_enter(struct identity *identity, bool without_user_namespace, struct failure *failure);
/// Gives up for good what a command must never have: bounding set, ambient set, root's special rights, new privileges.
int identity_lock(const struct identity *identity, struct failure *failure);
/// Leaves the calling process only what commands keep. 0 or -1.
int identity_drop(const struct identity *identity);
/// Explains an error of a namespace or mount call as far as the kernel lets one tell.
void identity_explain(struct failure *failure);
bool identity_is_in_chroot(void);

// MARK: - Small things

/// Whether `milliseconds` have passed since this was last true for `last` (which starts at 0).
bool is_due(int64_t *last, int milliseconds);
int write_file(int directory, const char *path, const char *text);
ssize_t read_file(int directory, const char *path, char *text, size_t capacity);
/// Makes a directory with exactly this mode.
int make_directory(int directory, const char *path, mode_t mode);
/// Makes an empty file, or takes the one that is there.
int touch(const char *path, mode_t mode);
/// Makes the directories of a path, the last one included. `mode` for all that are missing.
int make_path(int directory, const char *path, mode_t mode);
/// Deletes whatever the name is, whole trees too, without following symlinks or entering other file systems.
int delete_tree(int directory, const char *name);
bool path_is_within(const char *path, const char *directory);
/// The rest of `path` below `directory` (without leading slash), or NULL.
const char *path_below(const char *path, const char *directory);
bool name_is_good(const char *name);
/// A path relative to the workspace: no `..`, not absolute, not empty.
bool relative_is_good(const char *path);

/// A list of strings that it owns.
struct list {
    char **items;
    int count;
};
int list_add(struct list *list, const char *text);
int list_printf(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool list_has(const struct list *list, const char *text);
void list_free(struct list *list);

// MARK: - Mounts

#define READ_ONLY (K_ATTR_RDONLY | K_ATTR_NOSUID | K_ATTR_NODEV)

/// Attaches a detached mount at a path. 0 or -1.
int mount_attach(int mount, int directory, const char *path);
/// Clones the mount tree at a path (`recursive`), sets `attributes` and attaches it at `target`. A descriptor of it, or
/// -1.
int mount_bind(int from, const char *source, int to, const char *target, uint64_t attributes, bool recursive);
/// The same without the descriptor. 0 or -1.
int mount_bind_only(int from, const char *source, int to, const char *target, uint64_t attributes, bool recursive);
/// A new file system, detached, from NULL-terminated pairs of options (value NULL: flag). -1 and errno; `log` (256)
/// gets what the kernel says.
int mount_make(const char *type, const char *const options[][2], uint64_t attributes, char *log);
void mount_read_log(int context, char *log);
/// The places of all mounts.
void mounts_read(struct list *places);
/// A mount strictly below a directory, or NULL.
const char *mounts_below(const struct list *places, const char *directory);

// MARK: - The host's world

/// What was asked for at OPEN.
struct settings {
    char *workspace, *present, *disk;
    uint64_t memory, inodes;
    struct list masks, protects, reserves, allows, homes;
    bool old_mounts, without_user_namespace;
};

/// A path in the workspace that commands find covered or read-only.
struct cover {
    char *path;  // relative to the workspace
    bool is_hidden;
};

/// The mounts that branches are made from. In the host's mount namespace, `/` is a small file system with: `r` (the
/// root that commands see), `m` (layers in memory), `d` (layers on disk), `b` (the real workspace), `p` (a /proc for
/// the host), `t` (the base of /tmp), `v` (the base of reserved paths in the workspace), `e` and `f` (an empty
/// directory and file).
struct template {
    char present[PATH_LIMIT];
    struct cover *covers;
    int cover_count;
    struct list protects;
    bool has_disk, has_reserves;
    /// Paths below /tmp that are shown; they wait at `a0`, `a1`, ...
    struct list shown_in_tmp;
    bool memory_layers, disk_layers;
    bool old_mounts, in_chroot;
    mode_t workspace_mode;
    int memory_fd, disk_fd;
};

int template_build(struct template *template, struct settings *settings, const struct identity *identity,
                   struct failure *failure);

/// Whether a path lies in what branches never see of the system.
bool is_left_out(const char *path);
/// The devices that commands get, in /dev.
#define SYSTEM_DEVICES 6
extern const char *const system_devices[SYSTEM_DEVICES];
/// Shows the root directory, opened as `system`, but for what is left out.
int system_show(int system, const struct list *places, struct failure *failure);
/// Makes /dev. `sources` are the devices, opened before anything covered them, or -1.
int system_show_devices(const int sources[SYSTEM_DEVICES], struct failure *failure);
/// Shows a path that lies below something left out. `source` was opened before.
void system_show_allowed(struct template *template, const char *path, int source);
/// Shows a home directory through an overlay of its own: a socket reached through it is not the one that somebody
/// listens on. What of `absent` lies in it stays away. Where `places` of mounts lie inside, its entries are shown one by
/// one, each of them so, and what is made beside them later stays away.
void system_show_home(const struct template *template, const char *path, const struct list *places,
                      const struct list *absent);
/// Notes that branches are to cover a path of the workspace. 0 or -1.
int cover_add(struct template *template, const char *path, bool is_hidden);
/// Hides one path. `number` makes names unique.
int cover_path(struct template *template, const char *path, int number, struct failure *failure);
/// Adds the sockets of the machine that are bound to a name: a read-only mount does not keep one from connecting.
void cover_sockets(struct list *masks, const struct settings *settings, const struct list *places);
/// Hides what is to be hidden; what lies in the workspace is left to each branch.
int cover_masks(struct template *template, const struct settings *settings, struct failure *failure);
/// Makes the base layer of paths that are missing in the workspace and must stay so.
void cover_reserves(struct template *template, const struct settings *settings);

// MARK: - Runs

struct limits {
    uint64_t processes, open_files, file_size, memory, cpu_seconds;
};

/// One command, as asked for.
struct run {
    uint32_t id;
    const char *upper;
    const char **lowers;
    int lower_count;
    char **arguments, **environment;
    const char *cwd;
    bool network, notice, freezable, canary;
    bool samples;  // limits are watched by the branch's first process, not by a control group
    int umask;
    int nice;
    struct limits limits;
    int output, error;
};

enum felt {
    FELT_NETWORK = 1,
    FELT_MEMORY = 2,
    FELT_PROCESSES = 4,
    FELT_FILE_SIZE = 8,
    FELT_SPACE = 16,
    FELT_CPU = 32,
    FELT_DISK = 64,
};
#define FELT_COUNT 7
extern const char *const felt_names[FELT_COUNT];

/// What a branch tells its host, in memory that both see.
struct slot {
    /// Bits of `enum felt`.
    uint32_t felt;
    /// 0: being made. 1: the program runs or is just about to. 2: it has ended, see `status`.
    uint32_t state;
    int status;
    struct failure failure;
};

/// What does not change between the runs of a host.
struct world {
    struct identity identity;
    struct template template;
    int landlock;
    int program;          // this program, to execute the canary
    int runtime;          // the socket
    int channel, inner;   // host's and branches' ends of the socket on which branches speak to the host
    bool network_notify;
    bool own_process_limit;  // RLIMIT_NPROC counts in a user namespace of the branch's own
    bool pid_limit;          // the kernel limits the pids of a namespace
    uint64_t oom_kills;      // of the machine, when a branch last said so
};

/// What the first process of a branch is born with.
struct birth {
    /// NULL: it is made beforehand, and waits on `orders` for the message RUN and its descriptors, the third of which
    /// is a network namespace.
    const struct run *run;
    int orders;
    /// A network namespace or -1: make one, if the run may not reach the real one.
    int network;
    /// What names its places for /dev/shm and /var/tmp.
    uint32_t scratch;
    struct slot *slot;
};

/// The first process of a branch. Never returns.
void branch_main(const struct world *world, const struct birth *birth) __attribute__((noreturn));

/// Reads the message RUN. The result points into the message and static memory.
int run_read(const struct message *message, struct run *run, struct failure *failure);

/// Whether the kernel takes the layers of an overlay one by one (Linux 6.7). Older ones say so only when they mount: it is
/// tried with two directories.
bool overlay_takes_layers(const char *upper, const char *lower);
/// Shows `target` through a read-only overlay with `front` on top.
void overlay_cover(const struct template *template, const char *front, const char *target);
/// Mounts the overlay `kind` (`ws`, `tmp`) of a run at `target`. A descriptor of the mount, or -1.
int overlay_mount(const struct template *template, const struct run *run, const char *kind, const char *base,
                  const char *target, struct failure *failure);
/// Makes the directories of a run in its upper layer.
int overlay_prepare(const struct template *template, const struct run *run, struct failure *failure);
/// Shows the /tmp of a run: an overlay only where a lower layer has one. A descriptor of the mount, or -1.
int overlay_show_tmp(const struct template *template, const struct run *run, struct failure *failure);
/// Removes the work directories, and an empty `tmp`. Only after the branch has gone.
void overlay_finish(const struct template *template, const char *upper);

/// What the command's process needs once everything is mounted.
struct command {
    const struct world *world;
    const struct run *run;
    int null, ruleset, procfs;
    bool nests_user_namespace;
    // Becomes 1 before the program does anything.
    uint32_t *state;
    // Answers, in memory shared with the parent until exec.
    const char *step;
    int error;
    int listener;
};

/// Starts the command (returns after exec). Its pid, or -1 with `step` and `error`.
pid_t command_start(struct command *command);

/// Landlock: its ABI (0: none), and a rule set that allows writing below the given directories only.
int landlock_version(void);
int landlock_rules(int version, const int *writable, int count, int devices, bool denies_tcp);
int landlock_enter(int ruleset);

/// The system call filter.
struct filter_options {
    bool notices_network;   // report sockets of the network to the listener
    bool denies_network;    // EACCES for sockets of the network
    bool denies_unix;       // EACCES for sockets with names in the file system
    uint64_t file_size;     // report larger files to the listener (0: do not)
};
struct sock_fprog;
/// Builds the program; the result is in static memory.
int filter_build(const struct filter_options *options, struct sock_fprog *program);
/// Installs it. 0, or the listener's descriptor where `wants_listener`, or -1.
int filter_install(const struct sock_fprog *program, bool wants_listener);
/// Answers what waits on a listener. Bits of `enum felt` that it means.
uint32_t filter_answer(int listener);
bool filter_can_notify(void);

/// Looks at the processes that a /proc shows: bits of `enum felt`. `is_over`: they must be ended.
uint32_t limits_sample(int procfs, const struct limits *limits, bool ends_excess, bool *is_over);
/// How many processes the kernel has ended for want of memory since it started, also for that of a control group. `path`
/// leads to /proc/vmstat. UINT64_MAX: the kernel does not say.
uint64_t limits_oom_kills(int directory, const char *path);

/// Network namespaces.
int network_enter(int pooled, int inner, uint32_t id);
int network_raise_loopback(void);

/// The canary: what a branch must do and must refuse, tried from inside. An exit status, with lines on stdout.
int canary_main(void);

int host_main(int socket);
/// `old_mounts`: as kernels before 6.7 have to.
int probe_main(const char *workspace, bool old_mounts);
int confine_main(int argc, char **argv);

// MARK: - Control groups

struct groups {
    int directory, parent;  // our own group in the v2 hierarchy and the one around it, or -1
    char name[32];
    bool has_limits;        // pids and memory are there
};
void groups_open(struct groups *groups);
/// A new group for one branch; a descriptor or -1. `name` gets its name.
int groups_make(const struct groups *groups, uint32_t id, char name[32]);
void groups_limit(const struct groups *groups, int group, const struct limits *limits);
void groups_remove(const struct groups *groups, const char *name);
/// Bits of `enum felt` from the counters of a group.
uint32_t groups_felt(int group);
int groups_freeze(int group, bool frozen);
void groups_close(struct groups *groups);

// MARK: - The host's parts

#define BRANCH_LIMIT 1024

/// The one host of this program.
struct host {
    struct world world;
    struct groups groups;
    /// One for each branch, in memory that all share.
    struct slot *slots;
};
extern struct host host;

/// Sends an answer to the runtime, or keeps it until the socket takes it.
void say(const struct writer *writer, const int *descriptors, int count);
void say_failure(uint32_t id, const char *request, const struct failure *failure);

/// RUN.
int branches_start(const struct message *message, struct failure *failure);
void branches_signal(uint32_t id, int number);
int branches_freeze(uint32_t id, bool frozen, struct failure *failure);
/// Whether a run has this layer as its upper one.
bool branches_write_to(const char *layer);
/// How many run.
int branches_running(void);
/// Restrictions of the host's own watch: memory for layers, disk, control groups. Reports new ones at once.
void branches_watch(void);
/// What branches say: the network namespaces that they have made, and that nothing of what they ran is left.
void branches_hear(void);
/// Children have ended: says so.
void branches_reap(int signals);
/// Makes one more branch beforehand. Whether others are wanted.
bool branches_refill(void);
/// Ends all.
void branches_close(void);

/// Whether this is `m:NAME` or `d:NAME`.
bool layer_is_good(const char *layer);
int layer_root(const char *layer);
/// Whether less than a part of the memory for layers is left.
bool memory_is_short(unsigned int part);
/// Moves something out of the way; the sweeper deletes it.
int trash_put(int root, const char *name);
/// Deletes what lies in the trash.
void trash_empty(void);
/// The same for the layers in memory, at once, what sweepers are at included.
void trash_finish(void);
void sweeper_start(void);
/// Whether this was the sweeper; then there is a new one.
bool sweeper_has_ended(pid_t pid);
/// Lets the sweeper delete what lies in the trash on disk, and waits for it.
void sweeper_finish(void);

#endif
#endif
