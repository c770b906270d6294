import ForerunCore
import ForerunSpeculators

/// What runs of an agent have taught: `$XDG_DATA_HOME/forerun/learned/AGENT.json`.
///
/// Never more than a help: a file that is missing, damaged or cannot be written only means that less is known.
struct LearnedState: Sendable {
    private let path: String
    /// Calls that followed each other.
    let transitions: TransitionSpeculator
    /// What `forerun learn` has learnt of recorded runs, and of how many; `nil`: nothing.
    let patterns: (speculator: PatternSpeculator, source: String)?
    /// How often the guesses of each source came true.
    let calibration: Calibration

    /// - Parameter isKept: `false`: begin with nothing.
    init(agent: String, variables: [String: String], isKept: Bool) {
        let base =
            variables["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (variables["HOME"] ?? "/") + "/.local/share"
        path = "\(base)/forerun/learned/\(agent).json"
        let known = isKept ? (try? FileAccess.text(of: path)).flatMap { $0 }.flatMap { try? JSON(parsing: $0) } : nil
        transitions =
            known?["transitions"].flatMap { try? TransitionSpeculator(snapshot: $0) } ?? TransitionSpeculator()
        let library = isKept ? (try? PatternLibrary.open(variables, makes: false)) ?? nil : nil
        patterns = library?.speculator(of: agent)
        calibration = known?["calibration"].map { Calibration(snapshot: $0) } ?? Calibration()
    }

    /// Keeps what is known now. Of two runs that end together, the later one counts.
    func save(_ calibration: Calibration) {
        let state: JSON = [
            "version": 1, "transitions": transitions.snapshot, "calibration": calibration.snapshot,
        ]
        try? FileAccess.replace(path, with: state.text + "\n")
    }
}
