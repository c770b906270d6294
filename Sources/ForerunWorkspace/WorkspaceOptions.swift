package import ForerunCore

/// How a workspace is opened.
public struct WorkspaceOptions: Sendable {
    /// How commands are kept inside of their branch.
    public enum SandboxMode: String, Sendable, CaseIterable {
        /// Without a working sandbox the workspace does not open.
        case required
        /// Without a working sandbox the workspace opens, and commands are refused.
        case preferred
        /// Commands run as the user, on the real directory, and never ahead of the actor.
        case off
    }

    public var sandbox: SandboxMode
    /// Lets commands reach the network. Ahead of the actor they have none, and one that misses it there is run again.
    public var network: Bool
    /// No branches where they would be copies: every change is made in the real directory at once.
    public var direct: Bool
    /// The absolute path that commands see the workspace at; `nil`: where it is. It must exist or be below `/tmp`.
    public var presentedPath: String?
    /// Names of environment variables that commands get beyond PATH, HOME, LANG, LC_*, USER and TZ.
    public var environment: [String]
    /// Seconds that a command may take unless its call says otherwise.
    public var commandTimeout: Int
    /// Bytes of output that a call returns at most.
    public var outputLimit: Int
    /// A workspace of more files, or of more bytes, is opened without branches where they would be copies.
    public var maxFiles: Int
    public var maxBytes: Int
    /// What the user's policy says of a tool on a path; calls that need approval have got it when they are performed.
    package var permission: @Sendable (_ tool: String, _ subject: CallSubject) -> Permission = { _, _ in .allow }
    /// How changes reach the real directory.
    package var commits = CommitOptions()
    /// Bytes that layers may take in memory; beyond, they are on disk.
    package var layerMemory = 1 << 30
    /// An existing directory for layers on disk; `nil`: among the temporary files.
    package var layerDirectory: String?
    /// Where the program `forerun-branch` is; `nil`: where it is usually found.
    package var helper: String?
    /// Where temporary files go; `nil`: on the file system of the workspace where that is possible, else in `$TMPDIR`.
    public var temporaryDirectory: String?

    public init(
        sandbox: SandboxMode = .preferred, network: Bool = false, direct: Bool = false, presentedPath: String? = nil,
        environment: [String] = [], commandTimeout: Int = 120, outputLimit: Int = 32 * 1024, maxFiles: Int = 50_000,
        maxBytes: Int = 2 << 30, temporaryDirectory: String? = nil
    ) {
        self.sandbox = sandbox
        self.network = network
        self.direct = direct
        self.presentedPath = presentedPath
        self.environment = environment
        self.commandTimeout = commandTimeout
        self.outputLimit = outputLimit
        self.maxFiles = maxFiles
        self.maxBytes = maxBytes
        self.temporaryDirectory = temporaryDirectory
    }
}
