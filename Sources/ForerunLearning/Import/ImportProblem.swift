/// Something that could not be read, or was left out: named, never silent.
package struct ImportProblem: Sendable, Hashable, CustomStringConvertible {
    /// What kind of problem it is; a bounded set, fit for counting.
    package struct Reason: Sendable, Hashable, Comparable, CustomStringConvertible {
        package let description: String

        private init(_ description: String) { self.description = description }

        package static func < (left: Reason, right: Reason) -> Bool { left.description < right.description }

        /// The system, or the database, refused to hand out the contents.
        package static let unreadable = Reason("unreadable file")
        /// No format that is known here.
        package static let unknownFormat = Reason("unknown format")
        /// A known agent's database or file, of a version whose shape is not known here.
        package static let unknownVersion = Reason("unknown version")
        /// A line or a part that is no JSON.
        package static let notJSON = Reason("no JSON")
        /// The file ends within a line, a document or its compressed data: it is being written, or its writer was killed.
        package static let cutOff = Reason("cut off")
        /// A line or a part of more bytes than ``TranscriptReader/pieceLimit``.
        package static let tooLong = Reason("too long")
        /// JSON that was no valid Unicode or held no finite number; it was read with replacements.
        package static let repaired = Reason("repaired")
        /// JSON of a shape that the format does not have.
        package static let unknownShape = Reason("unknown shape")
        /// An output whose call is missing.
        package static let strayOutput = Reason("output without a call")
        /// Calls on a branch that was given up later: rewound, edited, rolled back. Counted by calls.
        package static let givenUp = Reason("calls on a branch that was given up")
        /// Calls that another session has as well, since it was resumed or forked. Counted by calls, which are read once.
        package static let repeated = Reason("calls that another session has as well")
        /// Calls of the simulated user (tau2-bench), which the agent does not see. Counted by calls.
        package static let usersCalls = Reason("calls of the simulated user")
    }

    package var path: String
    /// From 1; `nil` where the problem is not one line's.
    package var line: Int?
    package var reason: Reason
    package var detail: String

    package init(_ reason: Reason, path: String, line: Int? = nil, detail: String = "") {
        self.path = path
        self.line = line
        self.reason = reason
        self.detail = detail
    }

    package var description: String {
        let place = line.map { "\(path):\($0)" } ?? path
        return detail.isEmpty ? "\(place): \(reason)" : "\(place): \(reason): \(detail)"
    }
}

/// The problems of an import, counted by reason, the first few of each named.
package struct ImportProblems: Sendable, Hashable {
    /// How many of each reason are named.
    package static let namedLimit = 5

    package private(set) var counts: [ImportProblem.Reason: Int] = [:]
    package private(set) var named: [ImportProblem] = []
    private var namedCounts: [ImportProblem.Reason: Int] = [:]

    package init() {}

    package var isEmpty: Bool { counts.isEmpty }
    package func count(_ reason: ImportProblem.Reason) -> Int { counts[reason] ?? 0 }

    /// Counts a problem `count` times and names it once.
    package mutating func add(_ problem: ImportProblem, count: Int = 1) {
        guard count > 0 else { return }
        counts[problem.reason, default: 0] += count
        guard namedCounts[problem.reason, default: 0] < Self.namedLimit else { return }
        namedCounts[problem.reason, default: 0] += 1
        named.append(problem)
    }
}

/// How far an import is.
package struct ImportProgress: Sendable, Hashable {
    /// Files read to their end, and those to read; unchanged ones are not among them.
    package var files = 0
    package var filesInAll = 0
    /// Bytes of the files themselves, as they lie on the disk.
    package var bytes = 0
    package var bytesInAll = 0
    /// Files that a bookmark says are unchanged.
    package var unchanged = 0
    /// Files in a walked directory whose names are no transcript's.
    package var ignored = 0
    package var runs = 0
    package var calls = 0

    package init() {}
}
