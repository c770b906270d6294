import ForerunCore

/// Session logs of Claude Code: lines that name their parents, of one or more sessions a file.
///
/// One answer comes as several lines of the same message id; results come in lines of the user. Sub-agents ("sidechains")
/// are runs of their own, whether they have files of their own or not. The times of tools are left out, since people are
/// asked for permission in them, and so are the numbers of output tokens, which are those of the first piece of a stream.
struct ClaudeCode: TranscriptParser {
    static let format = "claude-code"

    private struct Entry {
        let isAssistant: Bool
        let message: JSON
        /// The message id and the request id of an answer.
        let key: String?
        let time: Double?
        /// Told by the program rather than said by anybody.
        let isMeta: Bool
        let line: Int
    }

    /// A session, or the sub-agents of one.
    private struct Thread {
        let session: String
        let isSidechain: Bool
        let agent: String?
        var tree = EntryTree()
        /// By the indices of the tree; `nil`: an entry that is no message.
        var entries: [Entry?] = []
        var workingDirectory: String?
    }

    private let file: SourceFile
    private var threads: [Thread] = []
    private var indices: [String: Int] = [:]

    init(_ file: SourceFile) { self.file = file }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        guard piece.member == nil, let type = value["type"]?.stringValue else { return .no }
        if value["sessionId"]?.stringValue != nil {
            // Lines without a place in the tree have the session's id at least.
            return value["uuid"] != nil || value["message"] != nil ? .yes : .perhaps
        }
        return (type == "summary" && value["leafUuid"] != nil) || type.hasPrefix("file-history-") ? .perhaps : .no
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        guard let type = value["type"]?.stringValue else {
            return sink.problem(.unknownShape, line: piece.line, "no type")
        }
        guard let session = value["sessionId"]?.stringValue, let id = value["uuid"]?.stringValue else {
            // Titles, queues, modes, snapshots: nothing that anybody said.
            if value["message"] != nil { sink.problem(.unknownShape, line: piece.line, "a message without ids") }
            return
        }
        let isSidechain = value["isSidechain"]?.boolValue ?? false
        let agent = value["agentId"]?.stringValue
        let key = isSidechain ? "\(session)/\(agent ?? "")" : session
        let place = indices[key] ?? threads.count
        if place == threads.count {
            indices[key] = place
            threads.append(Thread(session: session, isSidechain: isSidechain, agent: agent))
        }
        // Where a context was compacted, the chain goes on by another name.
        let parent = value["parentUuid"]?.stringValue ?? value["logicalParentUuid"]?.stringValue
        guard threads[place].tree.add(id, parent: parent) != nil else { return }
        var entry: Entry?
        if type == "user" || type == "assistant", let message = value["message"], message.objectValue != nil {
            let messageID = message["id"]?.stringValue
            entry = Entry(
                isAssistant: type == "assistant", message: message,
                key: messageID.map { "\($0) \(value["requestId"]?.stringValue ?? "")" },
                time: Timestamp.seconds(value["timestamp"]), isMeta: value["isMeta"]?.boolValue ?? false,
                line: piece.line)
        } else if type == "user" || type == "assistant" {
            sink.problem(.unknownShape, line: piece.line, "\(type) line without a message")
        }
        threads[place].entries.append(entry)
        threads[place].workingDirectory = threads[place].workingDirectory ?? value["cwd"]?.stringValue
    }

    mutating func finish(into sink: inout ImportSink) {
        // Sessions first: what sub-agents repeat of them is theirs.
        for thread in threads.filter({ !$0.isSidechain }) + threads.filter(\.isSidechain) {
            let kept = thread.tree.kept { thread.entries[$0] != nil }
            if !thread.isSidechain || thread.agent != nil {
                let id = thread.isSidechain ? "\(thread.session)/\(thread.agent ?? "")" : thread.session
                emit(thread, Array(thread.entries.indices), kept, id: id, &sink)
                continue
            }
            // Older logs do not name the sub-agents; each begins a tree of its own.
            let trees = Dictionary(grouping: zip(thread.tree.roots(), thread.entries.indices)) { $0.0 }
            for (number, root) in trees.keys.sorted().enumerated() {
                let members = (trees[root] ?? []).map(\.1)
                emit(thread, members, kept, id: "\(thread.session)/sidechain-\(number + 1)", &sink)
            }
        }
    }

    /// Hands on the entries `members` of a thread as one run.
    private func emit(_ thread: Thread, _ members: [Int], _ kept: [Bool], id: String, _ sink: inout ImportSink) {
        sink.beginSession()
        // Parallel calls fork the chain: the other lines of an answer that was kept, and the results, count as well.
        var keptAnswers: Set<String> = []
        for index in members where kept[index] {
            if let key = thread.entries[index]?.key { keptAnswers.insert(key) }
        }
        var builder = RunBuilder(Self.format, id: id, path: file.path)
        builder.heading.agent = Self.format
        builder.heading.parent = thread.isSidechain ? thread.session : nil
        builder.heading.workingDirectory = thread.workingDirectory
        var pass = Pass()
        for index in members {
            guard let entry = thread.entries[index] else { continue }
            let isKept = kept[index] || (entry.key.map { keptAnswers.contains($0) } ?? false)
            if entry.isAssistant {
                pass.answer(entry, isKept: isKept, &builder, &sink)
            } else {
                pass.words(entry, isKept: isKept, &builder, &sink)
            }
        }
        if pass.givenUp > 0 { sink.problem(.givenUp, line: nil, "session \(id)", count: pass.givenUp) }
        if pass.repeated > 0 { sink.problem(.repeated, line: nil, "session \(id)", count: pass.repeated) }
        sink.emit(builder)
    }

    /// What is known while the lines of one run are put together.
    private struct Pass {
        var givenUp = 0
        var repeated = 0
        private var calls: Set<String> = []
        /// Calls that were left out, whose outputs are then left out too.
        private var leftOut: Set<String> = []
        private var texts: Set<String> = []

        mutating func answer(_ entry: Entry, isKept: Bool, _ builder: inout RunBuilder, _ sink: inout ImportSink) {
            let isRepeated = entry.key.map { sink.isRepeated(ClaudeCode.format, $0) } ?? false
            var blocks = entry.message["content"]?.arrayValue ?? []
            if let text = entry.message["content"]?.stringValue { blocks = [["type": "text", "text": .string(text)]] }
            let model = entry.message["model"]?.stringValue
            if let model, model != "<synthetic>" { builder.heading.model = model }
            var begins = isKept && !isRepeated
            for block in blocks {
                let type = block["type"]?.stringValue
                var text = ""
                if type == "text" {
                    text = block["text"]?.stringValue ?? ""
                    // A line may repeat what an earlier line of its answer had.
                    if let key = entry.key, !texts.insert("\(key)\n\(text)").inserted { text = "" }
                }
                if begins || !text.isEmpty, isKept, !isRepeated {
                    builder.turn(text, key: entry.key, at: entry.time, usage: usage(entry.message["usage"]))
                    begins = false
                }
                guard type == "tool_use" else { continue }
                guard let id = block["id"]?.stringValue, let name = block["name"]?.stringValue else {
                    sink.problem(.unknownShape, line: entry.line, "a call without id or name")
                    continue
                }
                guard calls.insert(id).inserted else { continue }
                guard isKept, !isRepeated else {
                    leftOut.insert(id)
                    if isRepeated { repeated += 1 } else { givenUp += 1 }
                    continue
                }
                builder.call(MessageContent.call(name, block["input"]), id: id, at: entry.time)
            }
        }

        mutating func words(_ entry: Entry, isKept: Bool, _ builder: inout RunBuilder, _ sink: inout ImportSink) {
            let content = entry.message["content"]
            for block in content?.arrayValue ?? [] where block["type"]?.stringValue == "tool_result" {
                let id = block["tool_use_id"]?.stringValue ?? ""
                guard !leftOut.contains(id) else { continue }
                let text = MessageContent.output(block["content"])
                let output = Output(text, isError: block["is_error"]?.boolValue ?? false)
                if !builder.output(output, for: id, at: entry.time, isTimed: false), answered.insert(id).inserted {
                    sink.problem(.strayOutput, line: entry.line, id)
                }
                answered.insert(id)
            }
            guard isKept, !entry.isMeta else { return }
            builder.message(MessageContent.text(content), at: entry.time)
        }

        private var answered: Set<String> = []

        /// The input side only.
        private func usage(_ usage: JSON?) -> Usage? {
            guard let usage, let input = usage["input_tokens"]?.intValue else { return nil }
            let cached = usage["cache_read_input_tokens"]?.intValue ?? 0
            let written = usage["cache_creation_input_tokens"]?.intValue ?? 0
            return Usage(input: input + cached + written, cached: cached)
        }
    }
}
