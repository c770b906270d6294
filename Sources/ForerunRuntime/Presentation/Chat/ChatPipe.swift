import Dispatch
package import ForerunCore
import Glibc
import Synchronization

/// A conversation without a terminal: messages are lines of standard input, answers go to standard output.
///
/// A backslash at the end of a line goes on with the next one. As JSON, each line is an object: `{"type":"message","text":…}`,
/// with `"now":true` for one that does not wait, or `{"type":"command","text":"/undo"}`.
package final class ChatPipe: ChatPerson {
    private let console: Console
    private let isJSON: Bool
    private let title: String
    /// Until standard input is read.
    private let conversation = Mutex<Conversation?>(nil)
    private let denials = Atomic<Int>(0)
    private let queue = DispatchQueue(label: "forerun.chat")
    private let report: @Sendable (PreparedRun, RunReport) -> [String]

    /// - Parameters:
    ///   - report: lines about a run that is over, for standard error.
    package init(
        _ console: Console, isJSON: Bool, title: String,
        report: @escaping @Sendable (PreparedRun, RunReport) -> [String] = { _, _ in [] }
    ) {
        self.console = console
        self.isJSON = isJSON
        self.title = title
        self.report = report
    }

    /// Reads standard input to its end, once the conversation has begun.
    package func open(_ conversation: Conversation) { self.conversation.withLock { $0 = conversation } }

    private func read() {
        guard let conversation = conversation.withLock({ $0.take() }) else { return }
        queue.async {
            var message = ""
            while let line = readLine(strippingNewline: true) {
                if self.isJSON {
                    self.enter(json: line, conversation)
                } else if line.hasSuffix("\\") {
                    message += line.dropLast() + "\n"
                } else {
                    conversation.enter(message + line)
                    message = ""
                }
            }
            if !message.isEmpty { conversation.enter(message) }
            conversation.end()
        }
    }

    private func enter(json line: String, _ conversation: Conversation) {
        guard !line.allSatisfy(\.isWhitespace) else { return }
        let object = try? JSON(parsing: line)
        guard let text = object?["text"]?.stringValue, !text.isEmpty else { return refuse(line) }
        switch object?["type"]?.stringValue {
        case "message": conversation.enter(message: text, isUrgent: object?["now"]?.boolValue ?? false)
        case "command" where text.hasPrefix("/"): conversation.enter(text)
        default: refuse(line)
        }
    }

    private func refuse(_ line: String) {
        complain(
            Complaint(
                "a line of standard input is no message: \(DisplayText.line(line, limit: 80))",
                remedy: #"Write {"type":"message","text":"…"} or {"type":"command","text":"/undo"}, one a line"#,
                status: .usage))
    }

    // MARK: - The person

    package var staysOn: Bool { false }
    package var deniedUnasked: Int { denials.load(ordering: .relaxed) }

    package func begin(_ run: PreparedRun) {
        console.begin(run.started, title: title)
        for note in run.notes { console.advise(note) }
        read()
    }

    package func show(_ notice: RunNotice) { console.show(notice) }

    package func approve(_ call: Call) async -> Bool {
        denials.add(1, ordering: .relaxed)
        return false
    }

    package func say(_ lines: [String]) {
        guard isJSON else { return console.report(lines) }
        for line in lines { console.note(line) }
    }

    package func say(text: String) {
        isJSON ? console.object(EventLines().diff(text)) : console.text(text)
    }

    package func complain(_ complaint: Complaint) {
        guard isJSON else { return OutputFile.error.write(complaint.text) }
        console.object([
            "type": "error", "message": .string(complaint.cause), "remedy": .string(complaint.remedy),
        ])
    }

    package func showQueue(_ messages: [String]) {}
    package func giveBack(_ text: String) {}

    package func end(_ run: PreparedRun, _ report: RunReport) async {
        console.report(self.report(run, report))
        console.object(report.json)
    }
}
