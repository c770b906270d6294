import ForerunCore

/// One JSON value of a file: a line, or a part of a document.
struct Piece {
    /// Where the file is one document and that an object: the member that the value is, or is an element of.
    var member: String?
    var value: JSON
    /// The line on which it ends, from 1.
    var line: Int
}

/// The file that is read.
struct SourceFile {
    let path: String
    /// Which of the documents in it, from 1, where it holds several.
    var document = 1

    /// The last component without `.gz` and the last extension.
    var stem: String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(".gz") { name.removeLast(3) }
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// Stands for the place in the ids of runs whose logs have none: `<stem>-<8 digits of the path's digest>`.
    var id: String {
        let id = "\(stem)-\(StableDigest.hex(of: path.utf8).prefix(8))"
        return document == 1 ? id : "\(id)/\(document)"
    }
}

/// How sure a format is that a file is one of its own.
enum Recognition {
    case no
    /// If no other format is sure.
    case perhaps
    case yes
}

/// Reads one file of one format, a piece at a time.
protocol TranscriptParser: SendableMetatype {
    static func recognises(_ piece: Piece) -> Recognition
    init(_ file: SourceFile)
    mutating func read(_ piece: Piece, into sink: inout ImportSink)
    /// The file, or the document, ends: everything that is still held is handed on. Nothing is read afterwards.
    mutating func finish(into sink: inout ImportSink)
}

/// Where parsers put what they read.
struct ImportSink {
    /// Runs that wait to be taken, oldest first.
    var runs: [RecordedRun] = []
    var problems = ImportProblems()
    /// The file that is read.
    var path = ""
    /// Digests of the calls and turns of all files so far: logs of resumed and forked sessions repeat them.
    private var seen: [Int: Int] = [:]
    private var session = 0

    mutating func emit(_ run: RecordedRun) {
        var run = run
        run.path = path
        if !run.steps.isEmpty { runs.append(run) }
    }

    mutating func emit(_ builder: RunBuilder) { emit(builder.run) }

    mutating func problem(_ reason: ImportProblem.Reason, line: Int?, _ detail: String = "", count: Int = 1) {
        problems.add(ImportProblem(reason, path: path, line: line, detail: detail), count: count)
    }

    /// Begins a session: what was seen before belongs to others.
    mutating func beginSession() { session += 1 }

    /// Whether another session has a call or turn of this format and id already.
    mutating func isRepeated(_ format: String, _ id: String) -> Bool {
        var hasher = Hasher()
        hasher.combine(format)
        hasher.combine(id)
        let digest = hasher.finalize()
        if let first = seen[digest] { return first != session }
        seen[digest] = session
        return false
    }
}

/// The formats whose files are lines or documents of JSON, the surest first.
enum TranscriptFormats {
    static let all: [any TranscriptParser.Type] = [
        Traces.self, EventLogLines.self, Codex.self, CodexExec.self, Pi.self, GeminiCLI.self, ClaudeCode.self,
        GooseLines.self, MiniSWEAgent.self, SWEAgent.self, TauBench.self, OpenCodeExport.self, MessageList.self,
    ]
}
