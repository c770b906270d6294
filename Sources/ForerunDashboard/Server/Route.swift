import ForerunStore
import HTTPTypes

/// What a path leads to. Nothing in a path ever becomes a part of a file's path: runs are known by names of one form, everything else
/// by a word of a list.
enum Route: Sendable, Equatable {
    /// The program in the browser looks at the path itself.
    case page
    case asset(Asset)
    case runs
    /// Tells when the list has changed.
    case runsEvents
    case run(RunName)
    case runEvents(RunName)
    /// All of the output of call `index` of a turn.
    case output(RunName, turn: Int, index: Int)
    /// What the branch of a world changed.
    case branch(RunName, world: Int)
    case report
    case patterns
    case settings
    case cancel(RunName)
    case speculation(RunName)

    /// `nil`: it leads nowhere.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        func run(_ index: Int) -> RunName? { parts.count > index ? RunName(parts[index]) : nil }
        func number(_ index: Int) -> Int? {
            guard parts.count > index, (1...9).contains(parts[index].utf8.count),
                parts[index].utf8.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            return Int(parts[index])
        }
        switch (parts.first, parts.count) {
        case ("", 1), ("insights", 1), ("patterns", 1): self = .page
        case ("runs", 2):
            guard run(1) != nil else { return nil }
            self = .page
        case ("assets", 2):
            guard let asset = Asset(name: parts[1]) else { return nil }
            self = .asset(asset)
        case ("api", 2):
            switch parts[1] {
            case "runs": self = .runs
            case "events": self = .runsEvents
            case "report": self = .report
            case "patterns": self = .patterns
            case "settings": self = .settings
            default: return nil
            }
        case ("api", 3...):
            guard parts[1] == "runs", let name = run(2) else { return nil }
            switch (parts.count > 3 ? parts[3] : "", parts.count) {
            case ("", 3): self = .run(name)
            case ("events", 4): self = .runEvents(name)
            case ("cancel", 4): self = .cancel(name)
            case ("speculation", 4): self = .speculation(name)
            case ("outputs", 6):
                guard let turn = number(4), let index = number(5) else { return nil }
                self = .output(name, turn: turn, index: index)
            case ("branches", 5):
                guard let world = number(4) else { return nil }
                self = .branch(name, world: world)
            default: return nil
            }
        default: return nil
        }
    }

    var isPage: Bool { self == .page }

    var changesSomething: Bool {
        switch self {
        case .cancel, .speculation: true
        default: false
        }
    }

    var methods: [HTTPRequest.Method] { changesSomething ? [.post] : [.get, .head] }
}
