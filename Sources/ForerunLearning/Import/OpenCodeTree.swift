import ForerunCore

/// A session of opencode before its database: `storage/session/<project>/<id>.json`, its messages and their parts in
/// directories beside it, named after them.
final class OpenCodeTree: SessionSource {
    private let path: String
    private let head: JSON
    private let storage: String
    private(set) var bytesRead = 0
    private var isDone = false

    /// - Returns: `nil` where the file is no session in such a place.
    init?(_ path: String, head: [UInt8]) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let place = parts.lastIndex(of: "session"), place > 0, place + 3 == parts.count,
            path.hasSuffix(".json"), let session = LenientJSON.parse(String(decoding: head, as: UTF8.self)),
            session["id"]?.stringValue != nil, session["messages"] == nil
        else { return nil }
        self.path = path
        self.head = session
        storage = parts[..<place].joined(separator: "/")
    }

    func step(into sink: inout ImportSink) -> Bool {
        guard !isDone, let id = head["id"]?.stringValue else { return false }
        isDone = true
        var session = OpenCodeMessages(id: id, path: path)
        session.head(head)
        // Their ids grow with time.
        for (name, message) in documents(in: "\(storage)/message/\(id)", &sink) {
            let messageID = message["id"]?.stringValue ?? name
            let parts = documents(in: "\(storage)/part/\(messageID)", &sink).map(\.1)
            session.add(message, parts: parts, line: nil, to: &sink)
        }
        sink.emit(session.builder)
        return false
    }

    /// The JSON files of a directory, by name.
    private func documents(in directory: String, _ sink: inout ImportSink) -> [(String, JSON)] {
        FileTree([directory]).files.compactMap { file in
            guard let value = document(file, &sink) else { return nil }
            return (SourceFile(path: file.path).stem, value)
        }
    }

    private func document(_ file: FileTree.File, _ sink: inout ImportSink) -> JSON? {
        func problem(_ reason: ImportProblem.Reason, _ detail: String) {
            sink.problems.add(ImportProblem(reason, path: file.path, detail: detail))
        }
        guard file.size <= TranscriptReader.pieceLimit else {
            problem(.tooLong, "")
            return nil
        }
        var bytes: [UInt8] = []
        do throws(ByteSource.Failure) {
            let source = try ByteSource(file.path)
            while try source.read(into: &bytes) > 0 {}
        } catch {
            problem(.unreadable, "\(error)")
            return nil
        }
        bytesRead += bytes.count
        switch LenientJSON.parse(bytes[...]) {
        case .success(let parsed): return parsed.value
        case .failure(let error):
            problem(.notJSON, error.description)
            return nil
        }
    }
}
