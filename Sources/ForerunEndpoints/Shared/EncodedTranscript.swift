import ForerunCore

/// The messages that a transcript becomes, as bytes. A persistent list, as the transcript itself: what was encoded once
/// is shared by everything that grew from it.
final class EncodedTranscript: Sendable {
    /// Elements that follow each other on one side, each with a comma before it.
    struct Run: Sendable {
        let side: RequestSide
        var bytes: [UInt8]
    }

    let parent: EncodedTranscript?
    /// Those of the entries after `parent`.
    let runs: [Run]
    /// Of this and all before it.
    let byteCount: Int
    /// How many turns there are so far.
    let turnCount: Int

    init(parent: EncodedTranscript?, entries: some Sequence<Transcript.Entry>, _ writer: some RequestWriter) {
        self.parent = parent
        var turns = parent?.turnCount ?? 0
        var count = parent?.byteCount ?? 0
        var runs: [Run] = []
        for entry in entries {
            let side = writer.side(of: entry)
            if runs.last?.side != side { runs.append(Run(side: side, bytes: [])) }
            writer.append(entry, turn: turns, to: &runs[runs.count - 1].bytes)
            if case .turn = entry { turns += 1 }
        }
        for run in runs { count += run.bytes.count }
        self.runs = runs
        byteCount = count
        turnCount = turns
    }

    /// All runs, oldest first; neighbours may be of one side, and some may be empty.
    func forEachRun(_ body: (Run) -> Void) {
        var chain: [EncodedTranscript] = []
        var current: EncodedTranscript? = self
        while let here = current {
            chain.append(here)
            current = here.parent
        }
        for part in chain.reversed() { part.runs.forEach(body) }
    }
}

/// Whose words an element of a request is.
enum RequestSide: Sendable, Hashable {
    /// Each element says so itself.
    case either
    case user
    case assistant
}

/// How requests are written in a wire format.
protocol RequestWriter: Sendable {
    /// Everything up to the first element of the transcript.
    func head(of role: ModelRequest.Role) -> [UInt8]

    func side(of entry: Transcript.Entry) -> RequestSide

    /// Appends the elements that an entry becomes, each with a comma before it.
    ///
    /// - Parameter turn: how many turns come before.
    func append(_ entry: Transcript.Entry, turn: Int, to bytes: inout [UInt8])

    /// Appends the transcript and what follows it to a head.
    func finish(_ body: inout [UInt8], with transcript: EncodedTranscript?)
}

extension RequestWriter {
    func side(of entry: Transcript.Entry) -> RequestSide { .either }

    func finish(_ body: inout [UInt8], with transcript: EncodedTranscript?) {
        let start = body.count
        let isFirst = body.last == UInt8(ascii: "[")
        transcript?.forEachRun { body += $0.bytes }
        if isFirst, body.count > start { body.remove(at: start) }
        body += "]}".utf8
    }
}

/// The call that an output answers: the outputs that follow a turn are its.
func answeredTurn(before turn: Int) -> Int { max(0, turn - 1) }
