import ForerunCore
import Synchronization

extension Conversation {
    /// What a person entered: a message, or a command that begins with a slash.
    package func enter(_ line: String) {
        if let retry = takeRetry(line) { return retry.resume(returning: true) }
        switch ChatInput(line) {
        case .nothing: break
        case .message(let text): enter(message: text)
        case .command(let command, let rest): obey(command, rest)
        case .unknown(let word, let remedy):
            person.complain(
                Complaint("there is no command /\(DisplayText.line(word, limit: 40))", remedy: remedy, status: .usage))
        }
    }

    /// After a failure, whatever is entered goes on: a message waits for its turn, nothing tries again.
    private func takeRetry(_ line: String) -> CheckedContinuation<Bool, Never>? {
        switch ChatInput(line) {
        case .command, .unknown: return nil
        case .nothing, .message: break
        }
        return state.withLock { state in
            guard let retry = state.retry else { return nil }
            state.retry = nil
            state.isFailed = false
            if case .message(let text) = ChatInput(line) {
                state.queue.append(text)
                state.unnoted.append(text)
            }
            return retry
        }
    }

    /// A message, as it is. - Parameter isUrgent: it does not wait for the agent's last word.
    package func enter(message text: String, isUrgent: Bool = false) {
        let (run, isNext) = state.withLock { state -> (PreparedRun?, Bool) in
            guard !state.isEnded else { return (nil, true) }
            guard let run = state.run, state.isReady else {
                state.queue.append(text)
                state.unnoted.append(text)
                return (nil, false)
            }
            if state.isAwaited || isUrgent {
                state.isAwaited = false
                return (run, true)
            }
            state.queue.append(text)
            return (run, false)
        }
        // Before it is sent: what the agent has not heard when the process dies is not lost.
        run == nil ? showQueue() : note("message.queued", [text], in: run)
        if isNext { run?.send(text, isUrgent: isUrgent) }
    }

    /// Nothing more will be entered: the conversation ends once everything is answered.
    package func end() {
        let (run, retry, isAwaited) = state.withLock { state in
            state.isEnded = true
            defer { state.retry = nil }
            return (state.run, state.retry, state.isAwaited)
        }
        retry?.resume(returning: false)
        if isAwaited { run?.endMessages() }
    }

    /// Stops what the agent does. What waits is given back, to be changed and sent again.
    package func halt() {
        let (run, queue) = state.withLock { state -> (PreparedRun?, [String]) in
            guard let run = state.run, !state.isAwaited else { return (nil, []) }
            defer { state.queue = [] }
            return (run, state.queue)
        }
        guard let run else { return }
        if !queue.isEmpty {
            note("message.unqueued", queue, in: run)
            person.giveBack(queue.joined(separator: "\n"))
        }
        run.halt()
    }

    /// The agent has nothing to do.
    package var isIdle: Bool { state.withLock { !$0.isBusy } }

    // MARK: - Commands

    private func obey(_ command: SlashCommand, _ rest: String) {
        switch command {
        case .help: person.say(SlashCommand.table)
        case .stop: halt()
        case .quit: turn(.quit)
        case .undo: turn(.undo)
        case .now: sendNow(rest)
        case .queue: queue(rest)
        case .cost: Task { @concurrent in await self.tellCosts() }
        case .diff: Task { @concurrent in await self.tellChanges(rest) }
        }
    }

    /// Ends the run at hand, for something else.
    private func turn(_ turning: Turning) {
        let (run, retry, queue) = state.withLock { state in
            state.turning = turning
            if turning == .quit { state.isEnded = true }
            defer {
                state.queue = []
                state.retry = nil
            }
            return (state.run, state.retry, state.queue)
        }
        note("message.unqueued", queue, in: run)
        if let retry { return retry.resume(returning: false) }
        run?.halt()
        run?.endMessages()
    }

    private func sendNow(_ text: String) {
        guard text.isEmpty else { return enter(message: text, isUrgent: true) }
        let first = state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
        guard let first else { return person.say(["no message waits; /now TEXT sends one at once"]) }
        enter(message: first, isUrgent: true)
        showQueue()
    }

    private func queue(_ rest: String) {
        guard rest != "drop" else {
            let (run, dropped) = state.withLock { state in
                defer { state.queue = [] }
                return (state.run, state.queue)
            }
            note("message.unqueued", dropped, in: run)
            return person.say(["dropped \(PresentedNumber.count(dropped.count, "message"))"])
        }
        let queue = state.withLock { $0.queue }
        person.say(queue.isEmpty ? ["no message waits"] : queue.map { DisplayText.line($0, limit: 200) })
    }

    func note(_ type: String, _ texts: [String], in run: PreparedRun?) {
        for text in texts {
            guard let line = run?.noteQueue(type, text) else { continue }
            person.show(.fact(line))
        }
        if !texts.isEmpty { showQueue() }
    }

    // MARK: - What it came to

    private func tellChanges(_ rest: String) async {
        guard rest.isEmpty || rest == "last" else {
            return person.complain(
                Complaint("/diff \(rest) is not known", remedy: "/diff or /diff last", status: .usage))
        }
        guard let run = state.withLock({ $0.run }) else { return person.say(["the workspace is not open"]) }
        do throws(EnvironmentFailure) {
            switch try await run.changes(sinceMark: rest == "last") {
            case nil: person.say(["there is no workspace"])
            case "": person.say(["nothing changed"])
            case let diff?: person.say(text: diff)
            }
        } catch {
            person.complain(Complaint(error))
        }
    }

    private func tellCosts() async {
        let (run, runs) = state.withLock { ($0.run, $0.runs) }
        guard let run, run.logPath != nil else { return person.say(["nothing is known yet"]) }
        run.flushLog()
        do throws(Complaint) {
            person.say(ChatCosts.lines(try CostBook(runs, variables: run.request.variables)))
        } catch {
            person.complain(error)
        }
    }
}
