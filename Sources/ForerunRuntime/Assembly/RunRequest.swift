/// What a user asks for: which agent, on what, with which settings.
package struct RunRequest: Sendable {
    /// The name of an agent, or the path of an agent file.
    package var agent: String
    package var task: String?
    /// The user speaks first, and after each of the agent's last words.
    package var isConversation = false
    /// Of a conversation that goes on, what the user had said and the agent had not heard.
    package var queued: [String] = []
    /// The directory that the run is about.
    package var workspace: String
    /// Flags.
    package var assignments: [ConfigurationAssignment]
    /// The process's environment variables.
    package var variables: [String: String]
    /// Whether the run writes an event log.
    package var keepsLog: Bool
    /// Whether what the run teaches is kept for later ones. Only runs with a log are learnt from.
    package var teaches = true
    /// Where the workspace really lies, if commands shall see it at ``workspace`` all the same (`--compare`, `--verify`).
    package var workspaceCopy: String?
    /// The run that goes on, or that this one begins with the first turns of.
    package var continuing: ContinuedRun?
    /// What is taken back in the workspace before the run begins.
    var rewind: WorkspaceRewind?
    /// Keep what the workspace was like at the start, for ``PreparedRun/verify()``.
    package var keepsSnapshot: Bool

    package init(
        agent: String, task: String? = nil, workspace: String, assignments: [ConfigurationAssignment] = [],
        variables: [String: String], keepsLog: Bool = true, workspaceCopy: String? = nil,
        keepsSnapshot: Bool = false
    ) {
        self.agent = agent
        self.task = task
        self.workspace = workspace
        self.assignments = assignments
        self.variables = variables
        self.keepsLog = keepsLog
        self.workspaceCopy = workspaceCopy
        self.keepsSnapshot = keepsSnapshot
    }
}
