import ForerunCore
import ForerunSpeculators
import OrderedCollections

/// What runs of an agent have taught: `$XDG_DATA_HOME/forerun/learned/AGENT.json`.
///
/// Never more than a help: a file that is missing, damaged or cannot be written only means that less is known.
struct LearnedState: Sendable {
    private let path: String
    /// Calls that followed each other.
    let transitions: TransitionSpeculator
    /// Tools, and where their arguments came from.
    let graph: GraphSpeculator
    /// What model speculators are told: patterns, and the commands that are frequent in this workspace.
    let hints: ModelHints
    /// What `forerun learn` has learnt of recorded runs, and of how many; `nil`: nothing.
    let patterns: (speculator: PatternSpeculator, source: String)?
    /// What the guesses of each source proved to be worth, how long work takes, what speculation came to.
    let experience: Experience

    /// Workspaces whose commands are remembered, those that were used last.
    private static let workspaceLimit = 32
    private let workspace: String
    private let otherCommands: OrderedDictionary<String, JSON>

    /// - Parameter isKept: `false`: begin with nothing.
    init(agent: String, workspace: String = "", variables: [String: String], isKept: Bool) {
        let base =
            variables["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (variables["HOME"] ?? "/") + "/.local/share"
        path = "\(base)/forerun/learned/\(agent).json"
        let known = isKept ? (try? FileAccess.text(of: path)).flatMap { $0 }.flatMap { try? JSON(parsing: $0) } : nil
        transitions =
            known?["transitions"].flatMap { try? TransitionSpeculator(snapshot: $0) } ?? TransitionSpeculator()
        let library = isKept ? (try? PatternLibrary.open(variables, makes: false)) ?? nil : nil
        patterns = library?.speculator(of: agent)
        graph = known?["graph"].flatMap { try? GraphSpeculator(snapshot: $0) } ?? GraphSpeculator()
        self.workspace = String(StableDigest.hex(of: workspace.utf8).prefix(16))
        var commands = known?["commands"]?.objectValue ?? [:]
        let here = commands.removeValue(forKey: self.workspace)
        otherCommands = commands
        hints = ModelHints(
            patterns: patterns?.speculator, commands: here.map { CommandTemplates(snapshot: $0) } ?? CommandTemplates())
        experience = Experience(
            ensemble: known?["calibration"].map { Ensemble(snapshot: $0) } ?? Ensemble(),
            estimates: known?["estimates"].map { Estimates(snapshot: $0) } ?? Estimates(),
            switchboard: known?["switchboard"].map { Switchboard(snapshot: $0) } ?? Switchboard())
    }

    /// Keeps what is known now. Of two runs that end together, the later one counts.
    func save(_ experience: Experience) {
        var commands = otherCommands.suffix(Self.workspaceLimit - 1).map { ($0.key, $0.value) }
        commands.append((workspace, hints.commands.snapshot))
        let state: JSON = [
            "version": 1, "transitions": transitions.snapshot, "graph": graph.snapshot,
            "commands": JSON(members: commands), "calibration": experience.ensemble.snapshot,
            "estimates": experience.estimates.snapshot, "switchboard": experience.switchboard.snapshot,
        ]
        try? FileAccess.replace(path, with: state.text + "\n")
    }
}
