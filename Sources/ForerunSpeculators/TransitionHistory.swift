package import ForerunCore

/// What just happened in a run, as ``TransitionModel`` looks at it: the last calls, by tool and status.
package struct TransitionHistory: Sendable, Hashable {
    /// The longest context that is looked at, in events.
    package static let longest = 3
    /// More of a message than this does not make it more of a kind.
    private static let digestedBytes = 16 << 10

    /// Whose turn is to come.
    package let role: String
    /// The last events, oldest first, at most ``longest``: a call with its status, or the words of a person.
    package let events: [String]
    /// A digest of the last turn's calls with their arguments, or of the message after it. Never the words themselves.
    package let last: String?

    package init(_ request: ModelRequest) {
        role = request.role.name
        var events: [String] = []
        var failed: [Int: Bool] = [:]
        var last: String?
        // A role that sees only the last entry learns nothing from earlier ones.
        var rest = request.view == .whole ? request.transcript : Transcript(request.entries)
        while events.count < Self.longest, let entry = rest.last {
            rest = rest.dropLast
            switch entry {
            case .output(let call, let output):
                failed[call] = output.isError
            case .message(let text):
                events.append("message")
                last = last ?? Self.digest("message\n\(text)")
                failed = [:]
            case .turn(let turn):
                let signatures = turn.calls.enumerated().map { index, call in
                    "\(call.name) \(failed[index].map { $0 ? "error" : "ok" } ?? "-")"
                }
                events += signatures.reversed()
                if events.isEmpty { events.append("text") }
                let lines = zip(signatures, turn.calls).map { "\($0)\n\($1.arguments.canonicalText)" }
                last = last ?? Self.digest(lines.joined(separator: "\n"))
                failed = [:]
            }
        }
        self.events = events.prefix(Self.longest).reversed()
        self.last = last
    }

    private static func digest(_ text: String) -> String {
        String(StableDigest.hex(of: text.utf8.prefix(digestedBytes)).prefix(16))
    }

    /// The names of the contexts that hold here, from the most general to the most special.
    var contexts: [String] {
        let lengths = 0...events.count
        let general = lengths.map { ([role] + events.suffix($0)).joined(separator: "\u{1F}") }
        return general + (last.map { ["\(role)\u{1F}#\($0)"] } ?? [])
    }
}
