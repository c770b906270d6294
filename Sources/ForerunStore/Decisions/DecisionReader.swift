import ForerunCore

/// Reads a file of decisions line by line.
struct DecisionReader {
    enum Line {
        /// A part begins: the run itself, or that it was gone on with.
        case began(CoreStart, VerdictTape)
        /// An event: when it came, what it was, and what was said and commanded on it.
        case event(nanoseconds: Int, DecisionRow, Answers)
        /// The part came to its end.
        case ended(events: Int)
        /// The file had become as large as it may be.
        case cut
    }

    /// What an event brought about.
    struct Answers: Sendable {
        var slots: [UInt8] = []
        var calls = VerdictTape()
        /// How many commands, and their digest; `nil`: none.
        var commands: (count: Int, digest: UInt32)?
    }

    private var bytes: ArraySlice<UInt8>
    /// The number of the line that was read last, from 1.
    private(set) var line = 0
    /// The file ends within a line: it is being written, or its writer was killed.
    private(set) var hasTornTail = false

    init(path: String) throws(StoreError) {
        guard let size = File.stamp(of: path)?.size, size <= 2 * DecisionLog.limit else {
            throw StoreError(
                File.exists(path) ? .damaged : .notFound, path: path,
                message: File.exists(path) ? "The file is larger than any that was written" : "there is no such file")
        }
        bytes = try File(path, .read).contents()[...]
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    /// The next line; `nil` at the end.
    mutating func next() throws(DecisionFault) -> Line? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            hasTornTail = !bytes.isEmpty
            return nil
        }
        let text = bytes[..<end]
        bytes = bytes[(end + 1)...]
        line += 1
        guard let json = try? JSON(parsing: text) else { throw DecisionFault("it is no JSON") }
        guard json.arrayValue == nil else { return try Self.event(json) }
        switch json["type"] {
        case "decisions.began":
            let version = try json.int("version")
            guard version <= DecisionLog.version else {
                throw DecisionFault("version \(version) is newer than this program, which reads \(DecisionLog.version)")
            }
            return .began(try CoreStart(json.member("start")), try Self.calls(json))
        case "decisions.ended": return .ended(events: try json.int("events"))
        case "decisions.cut": return .cut
        default: throw DecisionFault("it is of no known kind")
        }
    }

    /// Whether what follows begins a part: then a line that cannot be read is what a killed process left.
    var isBeforeStart: Bool { bytes.starts(with: #"{"type":"decisions.began""#.utf8) }

    private static func event(_ json: JSON) throws(DecisionFault) -> Line {
        var (row, last) = try DecisionRow.splitting(json)
        let time = try row.moment()
        var answers = Answers()
        guard let last else { return .event(nanoseconds: time, row, answers) }
        if let slots = last["slots"] { answers.slots = Array(try slots.string().utf8) }
        answers.calls = try calls(last)
        if let commands = last["commands"] {
            let parts = try commands.string().split(separator: ":")
            guard parts.count == 2, let count = Int(parts[0]), count >= 0, let digest = UInt32(parts[1], radix: 16)
            else { throw DecisionFault("a digest of commands is none") }
            answers.commands = (count, digest)
        }
        return .event(nanoseconds: time, row, answers)
    }

    private static func calls(_ json: JSON) throws(DecisionFault) -> VerdictTape {
        var tape = VerdictTape()
        if let codes = json["calls"] { tape.codes = Array(try codes.string().utf8) }
        if let rejected = json["rejected"] {
            var row = try DecisionRow(rejected)
            while !row.isAtEnd { tape.outputs.append(try row.output()) }
        }
        return tape
    }
}
