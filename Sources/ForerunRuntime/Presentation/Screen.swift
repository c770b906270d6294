import ForerunCore

/// What a ``Console`` draws on: standard output and standard error, in one of the forms.
struct Screen: Sendable {
    private let form: Console.Form
    private let style: ViewStyle
    private var lines = EventLines()
    private var plain: PlainLines
    private var view: LiveViewModel
    private var painter = TerminalPainter()
    private var isSuspended = false
    private var isClosed = false
    private var output: OutputFile { .standard }
    private var error: OutputFile { .error }
    private let sanitizes: Bool
    /// `nil`: none are read.
    private let keys: TerminalKeys?
    private var keyReader = KeyReader()
    /// Of forms without a view.
    private var ownProgress = RunProgress()
    /// A half of a comparison: its words are not the point.
    private var isHalf = false

    private let clock = ContinuousClock()
    /// When the run began.
    private var start: ContinuousClock.Instant

    init(_ form: Console.Form, style: ViewStyle, canAsk: Bool, readsKeys: Bool = false) {
        self.form = form
        self.style = style
        plain = PlainLines(style, canAsk: canAsk)
        if case .live(let title) = form {
            keys = readsKeys ? TerminalKeys() : nil
            view = LiveViewModel(title: title, style: style, hasKeys: keys != nil)
        } else {
            keys = nil
            view = LiveViewModel(title: "", style: style)
        }
        sanitizes = OutputFile.standard.isTerminal
        start = clock.now
        keys?.take()
    }

    /// What the run has come to so far.
    var progress: RunProgress { isLive ? view.progress : ownProgress }

    private var elapsed: Double {
        let components = (clock.now - start).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    mutating func begin(_ started: JSON, title: String, side: Comparison.Side?, _ facts: LiveFacts) {
        isHalf = side != nil
        ownProgress = RunProgress()
        start = clock.now
        switch form {
        case .json:
            lines.side = side
            write(lines.tagged(started))
        case .plain: if let side { error.write("\(side.rawValue)\n") }
        case .live:
            scroll()
            let title = side.map { "\(title) \($0.rawValue)" } ?? title
            view = LiveViewModel(title: title, style: style, facts: facts, hasKeys: keys != nil)
        case .quiet: break
        }
    }

    mutating func show(_ notice: RunNotice) {
        if case .event(_, let time) = notice { start = clock.now - .seconds(time) }
        if !isLive { ownProgress.on(notice) }
        switch form {
        case .json:
            // The last line comes when all others are out.
            if case .finished = notice, !isHalf { return }
            write(lines.object(for: notice, at: elapsed))
        case .plain:
            for piece in plain.pieces(for: notice) {
                switch piece {
                case .text(let text): writeText(text)
                case .line(let line): error.write(line + "\n")
                }
            }
        case .live:
            if isHalf, case .text = notice { return }
            view.on(notice, at: elapsed)
            if case .finished = notice { scroll() }
        case .quiet:
            for case .text(let text) in plain.pieces(for: notice) { writeText(text) }
        }
    }

    private func writeText(_ text: String) {
        guard !isHalf else { return }
        output.write(sanitizes ? DisplayText.harmless(text) : text)
    }

    mutating func note(_ text: String) {
        switch form {
        case .json: write(lines.note(text))
        case .plain, .quiet: error.write("forerun: \(DisplayText.harmless(text))\n")
        case .live:
            view.note(style.paint("forerun: \(DisplayText.harmless(text))", .dim))
            scroll()
        }
    }

    mutating func advise(_ text: String) { if form != .quiet { note(text) } }

    mutating func report(_ lines: [String]) {
        guard form == .plain || isLive else { return }
        scroll()
        error.write(lines.map { $0 + "\n" }.joined())
    }

    mutating func object(_ object: JSON) { if form == .json { write(object) } }

    mutating func result(_ lines: [String]) {
        guard form != .json else { return }
        scroll()
        output.write(lines.map { $0 + "\n" }.joined())
    }

    mutating func text(_ text: String) {
        guard form != .json else { return }
        scroll()
        output.write(sanitizes ? DisplayText.harmless(text) : text)
    }

    mutating func suspend() {
        scroll()
        keys?.release()
        isSuspended = true
    }

    mutating func resume() {
        isSuspended = false
        keys?.take()
    }

    mutating func close() {
        scroll()
        keys?.release()
        isClosed = true
    }

    /// - Returns: whether to go on.
    mutating func tick() -> Bool {
        guard !isClosed else { return false }
        guard !isSuspended else { return true }
        if let keys {
            if keys.mustStop { stop(keys) }
            press(keys.read())
        }
        paint()
        return true
    }

    /// Leaves the terminal to others until the process goes on.
    private mutating func stop(_ keys: TerminalKeys) {
        scroll()
        keys.release()
        TerminalKeys.stop()
        keys.take()
    }

    private mutating func press(_ bytes: [UInt8]) {
        let pressed = keyReader.keys(bytes)
        guard !pressed.isEmpty else { return }
        let size = error.size
        for key in pressed { view.press(key, width: size.columns, height: size.rows, at: elapsed) }
    }

    private var isLive: Bool { if case .live = form { true } else { false } }

    private func write(_ object: JSON) { output.write(object.text + "\n") }

    /// Takes the rows off the screen, what scrolled stays.
    private mutating func scroll() {
        guard isLive else { return }
        error.write(painter.clear(width: error.size.columns) + view.takeScrolled())
    }

    /// A terminal that takes nothing at the moment gets the next frame, or the one after that.
    private mutating func paint() {
        guard error.isWritable else { return }
        let size = error.size
        view.rates = view.facts.rates()
        let rows = view.rows(width: size.columns, height: size.rows, at: elapsed)
        error.write(painter.frame(scrolled: view.takeScrolled(), rows: rows, width: size.columns))
    }
}
