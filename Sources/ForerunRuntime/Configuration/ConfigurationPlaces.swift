/// Where configuration, agents and prompts are looked for.
package struct ConfigurationPlaces: Sendable {
    package let home: String
    /// `$XDG_CONFIG_HOME/forerun`, or `~/.config/forerun`.
    package let userDirectory: String
    package let project: Project?
    /// The directory of the shipped `Agents` and `Prompts`; `nil`: nowhere to be found.
    package let share: String?

    package init(home: String, userDirectory: String, project: Project?, share: String?) {
        self.home = home
        self.userDirectory = userDirectory
        self.project = project
        self.share = share
    }

    /// - Parameters:
    ///   - workspace: the directory that the run is about.
    ///   - executable: the running program; by default, the one that this process runs.
    package init(
        environment: [String: String], workspace: String, executable: String? = nil
    ) throws(ConfigurationError) {
        home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "/"
        // A relative path there is void, says the XDG base directory specification.
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
        userDirectory = base + "/forerun"
        project = try Project(around: workspace, trusted: TrustedProjects(userDirectory: userDirectory))
        share = Self.share(environment, executable ?? "/proc/self/exe")
    }

    package var trustedProjects: TrustedProjects { TrustedProjects(userDirectory: userDirectory) }

    /// `FORERUN_SHARE`; beside an installed program; or the checkout that the program was built in.
    private static func share(_ environment: [String: String], _ executable: String) -> String? {
        if let named = environment["FORERUN_SHARE"], !named.isEmpty { return named }
        guard let program = FileAccess.canonical(executable) ?? FileAccess.canonical(CommandLine.arguments[0]) else {
            return nil
        }
        var directory = FileAccess.parent(of: program)
        let installed = FileAccess.parent(of: directory) + "/share/forerun"
        if isShare(installed) { return installed }
        while directory != "/" {
            if isShare(directory) { return directory }
            directory = FileAccess.parent(of: directory)
        }
        return nil
    }

    private static func isShare(_ directory: String) -> Bool {
        FileAccess.isDirectory(directory + "/Agents") && FileAccess.isDirectory(directory + "/Prompts")
    }
}
