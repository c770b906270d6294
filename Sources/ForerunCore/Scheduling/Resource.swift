/// Something of which only so much can be used at a time: an endpoint, a tool.
package struct Resource: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String, Sendable {
        case endpoint, rate, tool
    }

    private let kind: Kind
    private let name: String
    /// To which it belongs alone; `nil`: it is the whole process's.
    let run: RunID?
    /// Computed once: slots, rates and estimates are looked up by resources all the time.
    private let hash: Int

    private init(kind: Kind, name: String, run: RunID?) {
        self.kind = kind
        self.name = name
        self.run = run
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(name)
        hasher.combine(run)
        hash = hasher.finalize()
    }

    /// The name of an endpoint; `nil` for tools.
    var endpoint: String? { kind == .endpoint ? name : nil }

    package static func endpoint(_ name: String) -> Resource { Resource(kind: .endpoint, name: name, run: nil) }

    /// The rate limit of one model of an endpoint. It has no slots.
    package static func rate(_ endpoint: String, _ model: String) -> Resource {
        Resource(kind: .rate, name: "\(endpoint)/\(model)", run: nil)
    }

    /// Reads of an environment are a matter of its run. What changes something may be heavy (commands): it is counted for
    /// the whole process.
    package static func tool(_ name: String, _ effect: Effect, of run: RunID) -> Resource {
        Resource(kind: .tool, name: name, run: effect == .readOnly ? run : nil)
    }

    package static func == (left: Resource, right: Resource) -> Bool {
        left.hash == right.hash && left.kind == right.kind && left.run == right.run && left.name == right.name
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    package var description: String { "\(kind) \(name)" + (run.map { " of \($0)" } ?? "") }
}

extension Resource {
    /// Kind, name and, where it is a run's own, the number of the run.
    package var json: JSON {
        run.map { [.string(kind.rawValue), .string(name), .int($0.number)] } ?? [.string(kind.rawValue), .string(name)]
    }

    /// - Returns: `nil` where this is no resource.
    package init?(_ json: JSON) {
        guard let parts = json.arrayValue, (2...3).contains(parts.count),
            let kind = parts[0].stringValue.flatMap(Kind.init), let name = parts[1].stringValue
        else { return nil }
        let run = parts.count == 3 ? parts[2].intValue : nil
        guard parts.count == 2 || run != nil else { return nil }
        self.init(kind: kind, name: name, run: run.map { RunID($0) })
    }
}

/// Where work runs.
package enum Lane: String, Sendable, Hashable {
    /// Authoritative.
    case active
    /// Speculative: uses slack only, and yields.
    case shadow
    /// Cancelled but not over yet: it still takes a slot, of the shadow's share.
    case ending
}

/// The identity of a run within a process.
package struct RunID: Sendable, Hashable, CustomStringConvertible {
    package let number: Int
    package init(_ number: Int) { self.number = number }
    package var description: String { "r\(number)" }
}

/// The identity of a piece of work within a run. Ids grow: a larger one was started later.
package struct WorkID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let number: Int
    package init(_ number: Int) { self.number = number }
    package static func < (left: WorkID, right: WorkID) -> Bool { left.number < right.number }
    package var description: String { "#\(number)" }
}
