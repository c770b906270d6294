import Dispatch
package import ForerunCore
import Glibc
import Synchronization

/// A conversation on a terminal: a prompt that is always there, what is said and done above it.
///
/// Everything is read and drawn on one queue of its own: a slow terminal holds up nothing else.
package final class ChatTerminal: ChatPerson {
    struct State: Sendable {
        var view: ChatView
        var editor: LineEditor
        var keys = KeyDecoder()
        var painter = PromptPainter()
        var answer: CheckedContinuation<Bool, Never>?
        var start: ContinuousClock.Instant
        /// Ctrl-C was the last key, with nothing typed.
        var isWarned = false
        var isClosed = false
    }

    private let style: ViewStyle
    private let queue = DispatchQueue(label: "forerun.chat")
    private let state: Mutex<State>
    private let clock = ContinuousClock()
    private let conversation = Mutex<Conversation?>(nil)
    private let reader = DispatchQueue(label: "forerun.chat.keys")
    private static let interval = DispatchTimeInterval.milliseconds(50)

    /// - Parameter history: what was said before, oldest first.
    package init(style: ViewStyle, history: [String] = []) {
        self.style = style
        state = Mutex(
            State(view: ChatView(style), editor: LineEditor(history: history), start: ContinuousClock().now))
    }

    /// Takes the terminal, until ``close()``.
    ///
    /// - Returns: whether it can.
    package func open(_ conversation: Conversation) -> Bool {
        self.conversation.withLock { $0 = conversation }
        guard TerminalMode.enter() else { return false }
        reader.async { self.read() }
        schedule()
        return true
    }

    /// Gives the terminal back. What was said stays to be read.
    package func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                let text = self.state.withLock { state -> String in
                    state.isClosed = true
                    state.view.endLine()
                    return state.painter.clear(width: OutputFile.error.size.columns) + state.view.takeScrolled()
                }
                OutputFile.error.write(text)
                TerminalMode.restore()
                continuation.resume()
            }
        }
    }

    // MARK: - The person

    package var staysOn: Bool { true }
    package var deniedUnasked: Int { 0 }

    /// The first lines, and the last words of a conversation that goes on.
    package func greet(agent: String, isResumed: Bool) {
        draw { state in
            let words = isResumed ? "goes on" : "/help lists the commands, Ctrl-D ends"
            state.view.say("\(agent): \(words)", .dim)
        }
    }

    package func begin(_ run: PreparedRun) {
        draw { [clock] state in state.start = clock.now }
        for note in run.notes { draw { $0.view.say("forerun: \(DisplayText.harmless(note))", .dim) } }
    }

    package func show(_ notice: RunNotice) {
        draw { [clock] state in
            if case .event(_, let time) = notice { state.start = clock.now - .seconds(time) }
            state.view.on(notice)
        }
    }

    package func approve(_ call: Call) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    self.state.withLock { state in
                        // What was typed before the question was no answer to it.
                        state.view.question = call
                        state.answer = continuation
                    }
                    self.paint()
                }
            }
        } onCancel: {
            queue.async { self.answer(false) }
        }
    }

    package func say(_ lines: [String]) {
        draw { state in for line in lines { state.view.say(DisplayText.harmless(line), .dim) } }
    }

    package func say(text: String) {
        draw { state in
            state.view.endLine()
            state.view.add(DisplayText.harmless(text))
            state.view.endLine()
        }
    }

    package func complain(_ complaint: Complaint) {
        draw { [style] state in
            let lines = complaint.text.split(separator: "\n")
            for (number, line) in lines.enumerated() {
                state.view.say(style.paint(String(line), number == 0 ? .bad : .dim))
            }
        }
    }

    package func showQueue(_ messages: [String]) { draw { $0.view.showQueue(messages) } }
    package func giveBack(_ text: String) { draw { $0.editor.giveBack(text) } }
    package func end(_ run: PreparedRun, _ report: RunReport) async {}

    private func draw(_ change: @escaping @Sendable (inout State) -> Void) {
        queue.async { self.state.withLock { change(&$0) } }
    }

    // MARK: - Keys

    /// Reads until the terminal is given back, or is gone.
    private func read() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !state.withLock({ $0.isClosed }) {
            var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 100) > 0 else { continue }
            let count = Glibc.read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return with { $0.interrupt() } }
            let bytes = buffer[..<count]
            queue.sync {
                for key in state.withLock({ $0.keys.keys(bytes) }) { press(key) }
                paint()
            }
        }
    }

    private func press(_ key: Key) {
        if state.withLock({ $0.answer != nil }) { return answer(key) }
        let action = state.withLock { state -> LineEditor.Action? in
            if key != .interrupt { state.isWarned = false }
            return state.editor.on(key)
        }
        switch action {
        case .submit(let line): with { $0.enter(line) }
        case .submitNow(let line): with { $0.enter("/now \(line)") }
        case .interrupt: interrupt()
        case .endOfFile: with { $0.end() }
        case .suspend: suspend()
        case .clearScreen:
            state.withLock { _ = $0.painter.clear(width: 80) }
            OutputFile.error.write("\u{1B}[H\u{1B}[2J")
        case nil: break
        }
    }

    private func answer(_ key: Key) {
        switch key {
        case .text("y"), .text("Y"): answer(true)
        case .text("n"), .text("N"), .enter, .endOfFile: answer(false)
        case .interrupt:
            answer(false)
            with { $0.halt() }
        default: break
        }
    }

    private func answer(_ isAllowed: Bool) {
        let answer = state.withLock { state in
            state.view.question = nil
            defer { state.answer = nil }
            return state.answer
        }
        answer?.resume(returning: isAllowed)
    }

    /// Ctrl-C with nothing typed: stops the agent; a second time it ends everything.
    private func interrupt() {
        let isIdle = conversation.withLock { $0?.isIdle ?? true }
        let isSecond = state.withLock { state in
            defer { state.isWarned = true }
            return state.isWarned
        }
        switch (isIdle, isSecond) {
        case (true, false): say(["press Ctrl-C again to end the conversation, or Ctrl-D; /help lists the commands"])
        case (true, true): with { $0.enter("/quit") }
        case (false, false): with { $0.halt() }
        case (false, true):
            OutputFile.error.write("\n")
            TerminalMode.restore()
            _exit(ExitStatus.interrupted.code)
        }
    }

    private func suspend() {
        let text = state.withLock { $0.painter.clear(width: OutputFile.error.size.columns) }
        OutputFile.error.write(text)
        TerminalMode.restore()
        kill(0, SIGTSTP)
        // Goes on here once the shell says so.
        _ = TerminalMode.enter()
    }

    private func with(_ body: (Conversation) -> Void) {
        if let conversation = conversation.withLock({ $0 }) { body(conversation) }
    }

    // MARK: - Drawing

    private func schedule() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in
            guard let self, !self.state.withLock({ $0.isClosed }) else { return }
            self.paint()
            self.schedule()
        }
    }

    private func paint() {
        let size = OutputFile.error.size
        let text = state.withLock { state -> String in
            guard !state.isClosed else { return "" }
            let components = (clock.now - state.start).components
            let now = Double(components.seconds) + Double(components.attoseconds) * 1e-18
            let prompt = state.view.question == nil ? style.paint(style.symbol(.prompt), .bold) + " " : "[y/N] "
            let isAsking = state.view.question != nil
            let editor = isAsking ? LineEditor() : state.editor
            let typed = editor.rows(
                prompt: prompt, width: isAsking ? 6 : 2, columns: size.columns, height: max(1, size.rows / 2))
            let rows = state.view.rows(
                columns: size.columns, height: max(0, size.rows - typed.rows.count - 1), at: now)
            return state.painter.frame(
                scrolled: state.view.takeScrolled(), rows: rows + typed.rows, row: rows.count + typed.row,
                column: typed.column, width: size.columns)
        }
        OutputFile.error.write(text)
    }
}
