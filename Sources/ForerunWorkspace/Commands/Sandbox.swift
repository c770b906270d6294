import Glibc

/// How commands are kept inside of their branch: bubblewrap, with the whole system read-only, no network, a private
/// `/tmp` that is fresh for each command, and the user's secrets covered.
struct Sandbox: Sendable {
    /// Where the directory that a command works in appears to it.
    let presentedPath: String
    let allowsNetwork: Bool
    /// Covered because temporary directories of other branches are in it.
    let scratch: String
    /// The absolute path of `bwrap`.
    let program: String

    /// - Returns: `nil` where bubblewrap is not installed.
    init?(presentedPath: String, allowsNetwork: Bool, scratch: String) {
        guard let program = Self.find("bwrap") else { return nil }
        self.program = program
        self.presentedPath = presentedPath
        self.allowsNetwork = allowsNetwork
        self.scratch = scratch
    }

    /// The arguments for `bwrap` that run `command` in `directory`.
    func arguments(directory: String, command: [String]) -> [String] {
        var arguments = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
        // Daemons listen in /run, and a socket can be used however read-only its directory is.
        let run = Self.real("/run")
        if let run {
            arguments += ["--tmpfs", run]
            // Programs of NixOS are found through here.
            for path in ["/run/current-system", "/run/wrappers", "/run/opengl-driver"] {
                arguments += ["--ro-bind-try", path, path]
            }
        }
        let hidden = ["/tmp", "/dev"] + (run.map { [$0] } ?? [])
        let masks = Self.masks(scratch: scratch).filter { mask in !hidden.contains { Self.isWithin(mask.path, $0) } }
        // What covers the workspace comes before it, what it covers comes after.
        arguments += masks.filter { Self.isWithin(presentedPath, $0.path) }.flatMap(\.arguments)
        arguments += ["--bind", directory, presentedPath]
        arguments += masks.filter { mask in
            if Self.isWithin(presentedPath, mask.path) { return false }
            guard Self.isWithin(mask.path, presentedPath) else { return true }
            return access(directory + mask.path.dropFirst(presentedPath.count), F_OK) == 0
        }.flatMap(\.arguments)
        arguments += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
        if !allowsNetwork { arguments.append("--unshare-net") }
        arguments += ["--die-with-parent", "--new-session"]
        if geteuid() == 0 {
            // Root keeps the rights that its files need, not the one to mount.
            arguments += ["--cap-drop", "ALL"]
            for right in ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"] { arguments += ["--cap-add", right] }
        }
        return arguments + ["--chdir", presentedPath, "--"] + command
    }

    // MARK: - Secrets

    private struct Mask {
        let path: String
        let isDirectory: Bool
        var arguments: [String] { isDirectory ? ["--tmpfs", path] : ["--ro-bind", "/dev/null", path] }
    }

    /// What no command gets to see, relative to the user's home.
    private static let secrets = [
        ".ssh", ".aws", ".azure", ".config/forerun", ".config/gcloud", ".config/gh", ".config/op", ".docker", ".gnupg",
        ".kube", ".local/share/keyrings", ".netrc", ".npmrc", ".password-store", ".pgpass", ".pypirc",
        ".git-credentials", ".cargo/credentials", ".cargo/credentials.toml", ".mozilla", ".config/google-chrome",
        ".config/chromium",
    ]

    private static func masks(scratch: String) -> [Mask] {
        var paths = ["/var/run/docker.sock", "/run/docker.sock", "/var/lib/docker", "/var/lib/containers", scratch]
        let homes = [
            getenv("HOME").map { String(cString: $0) }, getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) },
        ]
        for home in Set(homes.compactMap { $0 }) where home != "/" { paths += secrets.map { "\(home)/\($0)" } }
        for name in ["XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "GNUPGHOME", "DOCKER_CONFIG", "KUBECONFIG"] {
            if let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") { paths.append(value) }
        }
        // Mounting needs the true path; a link would be followed to somewhere else.
        return Set(paths.compactMap(real)).sorted().compactMap { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Mask(path: path, isDirectory: status.st_mode & S_IFMT == S_IFDIR)
        }
    }

    static func isWithin(_ path: String, _ directory: String) -> Bool {
        path == directory || path.hasPrefix(directory == "/" ? "/" : directory + "/")
    }

    /// The absolute path without symlinks; `nil` where nothing is.
    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The absolute path of a program.
    static func find(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
