import Glibc

/// What no command gets to see.
enum Secrets {
    /// Relative to the user's home.
    private static let inHome = [
        ".ssh", ".aws", ".azure", ".config/forerun", ".config/gcloud", ".config/gh", ".config/op", ".docker", ".gnupg",
        ".kube", ".local/share/keyrings", ".local/state/forerun", ".netrc", ".npmrc", ".password-store", ".pgpass",
        ".pypirc", ".git-credentials", ".cargo/credentials", ".cargo/credentials.toml", ".mozilla",
        ".config/google-chrome", ".config/chromium",
    ]

    /// Homes of the user, as they are.
    static let homes: [String] = {
        let named = [
            getenv("HOME").map { String(cString: $0) }, getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) },
        ]
        return Set(named.compactMap { $0.flatMap(RealPath.of) }).subtracting(["/"]).sorted()
    }()

    /// Files and directories that are hidden, as they are; below homes also those that are not there yet.
    ///
    /// - Parameter variable: a variable of the environment.
    static func masks(
        scratch: [String], variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }
    ) -> [String] {
        var paths = ["/var/run/docker.sock", "/run/docker.sock", "/var/lib/docker", "/var/lib/containers"] + scratch
        for home in homes { paths += inHome.map { "\(home)/\($0)" } }
        for name in ["XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "GNUPGHOME", "DOCKER_CONFIG", "KUBECONFIG"] {
            if let value = variable(name), value.hasPrefix("/") { paths.append(value) }
        }
        // The logs of runs, and the pipes through which runs are told something; settings, which may hold keys.
        for name in ["XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            if let value = variable(name), value.hasPrefix("/") { paths.append("\(value)/forerun") }
        }
        // Mounting needs the true path; a link would be followed to somewhere else.
        let missing = homes.flatMap { home in inHome.map { "\(home)/\($0)" } }.filter { RealPath.of($0) == nil }
        return Set(paths.compactMap(RealPath.of) + missing.map(willBe)).sorted()
    }

    /// Where a file that is missing would really be, were it made now.
    private static func willBe(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return path }
        let parent = String(path[..<slash])
        return (RealPath.of(parent) ?? willBe(parent)) + path[slash...]
    }
}
