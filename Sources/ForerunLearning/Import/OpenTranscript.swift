import ForerunCore

/// One file that is being read.
struct OpenTranscript {
    private enum Source {
        case lines(LineReader)
        case document(DocumentReader)
        /// A database, or a tree of files: a session a step.
        case sessions(any SessionSource)
        case nothing
    }

    /// As far as a file is looked into for its format.
    private static let recognitionPieces = 400
    private static let recognitionBytes = 8 << 20

    private var file: SourceFile
    private let bytes: ByteSource?
    private var source: Source
    private var kind: (any TranscriptParser.Type)?
    private var parser: (any TranscriptParser)?
    /// Pieces that wait until the format is known, and their bytes.
    private var waiting: [Piece] = []
    private var waitingBytes = 0
    /// The surest format so far that is not sure, by its place among all.
    private var candidate: Int?

    /// Bytes of the file itself that were read.
    private(set) var bytesRead = 0

    init(_ file: FileTree.File, pieceLimit: Int, sink: inout ImportSink) {
        self.file = SourceFile(path: file.path)
        sink.beginSession()
        do throws(ByteSource.Failure) {
            let bytes = try ByteSource(file.path)
            var head: [UInt8] = []
            while head.count < 1 << 16, try bytes.read(into: &head) > 0 {}
            self.bytes = bytes
            source = Self.source(bytes, head: head, file: file, limit: pieceLimit, sink: &sink)
        } catch {
            bytes = nil
            source = .nothing
            Self.report(error, to: &sink)
        }
    }

    private static func source(
        _ bytes: ByteSource, head: [UInt8], file: FileTree.File, limit: Int, sink: inout ImportSink
    ) -> Source {
        if head.starts(with: "SQLite format 3\0".utf8) {
            guard let database = AgentDatabase.open(file.path, sink: &sink) else { return .nothing }
            return .sessions(database)
        }
        if let tree = OpenCodeTree(file.path, head: head) { return .sessions(tree) }
        guard let first = head.first(where: { $0 > 0x20 }) else { return .nothing }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == 0xEF || isLines(file.path, head)
        else {
            sink.problem(.unknownFormat, line: nil, "neither JSON nor a database")
            return .nothing
        }
        return isLines(file.path, head)
            ? .lines(LineReader(bytes, head: head, limit: limit))
            : .document(DocumentReader(bytes, head: head, limit: limit))
    }

    /// Whether each line is a value of its own, rather than the whole file one document.
    private static func isLines(_ path: String, _ head: [UInt8]) -> Bool {
        let name = FileTree.plainName(path)
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return true }
        guard let end = head.firstIndex(of: 10), let next = head[end...].first(where: { $0 > 0x20 }) else {
            return false
        }
        guard next == UInt8(ascii: "{") || next == UInt8(ascii: "[") else { return false }
        if case .success = LenientJSON.parse(head[..<end]) { return true }
        return false
    }

    /// Reads one piece further. - Returns: false at the end.
    mutating func step(into sink: inout ImportSink) -> Bool {
        defer { if let bytes { bytesRead = bytes.bytesRead } }
        do throws(ByteSource.Failure) {
            switch source {
            case .lines(var reader):
                // Moved out and back, so that its buffer is never copied.
                source = .nothing
                let goesOn = try stepLine(&reader, &sink)
                source = .lines(reader)
                return goesOn
            case .document(var reader):
                source = .nothing
                let goesOn = try stepDocument(&reader, &sink)
                source = .document(reader)
                return goesOn
            case .sessions(let sessions):
                let goesOn = sessions.step(into: &sink)
                bytesRead = sessions.bytesRead
                return goesOn
            case .nothing:
                finish(&sink)
                return false
            }
        } catch {
            Self.report(error, to: &sink)
            finish(&sink)
            source = .nothing
            return false
        }
    }

    private mutating func stepLine(_ reader: inout LineReader, _ sink: inout ImportSink) throws(ByteSource.Failure)
        -> Bool
    {
        switch try reader.next() {
        case nil:
            finish(&sink)
            return false
        case .tooLong: sink.problem(.tooLong, line: reader.line)
        case .text(let range, let isTorn):
            switch LenientJSON.parse(reader.bytes[range]) {
            case .success(let parsed):
                if parsed.isRepaired { sink.problem(.repaired, line: reader.line) }
                take(Piece(member: nil, value: parsed.value, line: reader.line), bytes: range.count, &sink)
            case .failure(let error): sink.problem(isTorn ? .cutOff : .notJSON, line: reader.line, error.description)
            }
        }
        return true
    }

    private mutating func stepDocument(
        _ reader: inout DocumentReader, _ sink: inout ImportSink
    ) throws(ByteSource.Failure) -> Bool {
        switch try reader.next() {
        case nil:
            finish(&sink)
            return false
        case .tooLong: sink.problem(.tooLong, line: reader.line)
        case .damaged(let message):
            sink.problem(message.hasSuffix("early") ? .cutOff : .notJSON, line: reader.line, message)
        case .end:
            // Another document may follow; it is of the same format.
            if candidate != nil { decide(&sink) }
            parser?.finish(into: &sink)
            file.document += 1
            parser = kind?.init(file)
        case .piece(let range, let member):
            switch LenientJSON.parse(reader.bytes[range]) {
            case .success(let parsed):
                if parsed.isRepaired { sink.problem(.repaired, line: reader.line) }
                take(Piece(member: member, value: parsed.value, line: reader.line), bytes: range.count, &sink)
            case .failure(let error): sink.problem(.notJSON, line: reader.line, error.description)
            }
        }
        return true
    }

    private mutating func take(_ piece: Piece, bytes: Int, _ sink: inout ImportSink) {
        if parser != nil {
            parser?.read(piece, into: &sink)
            return
        }
        waiting.append(piece)
        waitingBytes += bytes
        for (rank, format) in TranscriptFormats.all.enumerated() {
            switch format.recognises(piece) {
            case .no: continue
            case .perhaps: candidate = min(candidate ?? rank, rank)
            case .yes:
                begin(format, &sink)
                return
            }
        }
        if waiting.count >= Self.recognitionPieces || waitingBytes >= Self.recognitionBytes { decide(&sink) }
    }

    private mutating func begin(_ format: any TranscriptParser.Type, _ sink: inout ImportSink) {
        kind = format
        var parser = format.init(file)
        for piece in waiting { parser.read(piece, into: &sink) }
        waiting = []
        waitingBytes = 0
        self.parser = parser
    }

    /// Settles on a format with what there is.
    private mutating func decide(_ sink: inout ImportSink) {
        guard parser == nil, !waiting.isEmpty else { return }
        if let candidate {
            begin(TranscriptFormats.all[candidate], &sink)
        } else {
            // The rest may still be recognised.
            sink.problem(.unknownShape, line: waiting.first?.line, "no known agent's", count: waiting.count)
            waiting = []
            waitingBytes = 0
        }
    }

    private mutating func finish(_ sink: inout ImportSink) {
        if parser == nil, candidate == nil, !waiting.isEmpty {
            sink.problem(.unknownFormat, line: nil, "no transcript of an agent that is known here")
            waiting = []
        }
        decide(&sink)
        parser?.finish(into: &sink)
        parser = nil
        source = .nothing
    }

    private static func report(_ failure: ByteSource.Failure, to sink: inout ImportSink) {
        switch failure {
        case .system(let words): sink.problem(.unreadable, line: nil, words)
        case .truncated: sink.problem(.cutOff, line: nil, "the compressed data end early")
        case .damaged: sink.problem(.unreadable, line: nil, "the compressed data are damaged")
        }
    }
}

/// A store that holds several sessions, each read in one step.
protocol SessionSource: AnyObject {
    /// Bytes of the store that were read, as far as that is known.
    var bytesRead: Int { get }
    /// Reads one session. - Returns: false when there is none left.
    func step(into sink: inout ImportSink) -> Bool
}
