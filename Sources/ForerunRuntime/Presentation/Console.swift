import Dispatch
package import ForerunCore
import Synchronization

/// Where a run is shown: as JSON lines, as plain lines, or as a live view.
///
/// Everything is drawn in order on one queue of its own: a slow terminal or reader holds up nothing else.
package final class Console: Sendable {
    package enum Form: Sendable, Hashable {
        case json
        case plain
        /// - Parameter title: what runs.
        case live(title: String)
        /// Confirmed text only.
        case quiet
    }

    private let queue = DispatchQueue(label: "forerun.console")
    private let screen: Mutex<Screen>
    private static let interval = DispatchTimeInterval.milliseconds(66)

    /// - Parameters:
    ///   - canAsk: somebody is there to answer.
    ///   - readsKeys: what is typed while the live view is shown is for the view: standard input is a terminal that holds nothing
    ///     else.
    package init(_ form: Form, style: ViewStyle, canAsk: Bool = false, readsKeys: Bool = false) {
        let screen = Screen(form, style: style, canAsk: canAsk, readsKeys: readsKeys)
        self.screen = Mutex(screen)
        if case .live = form { schedule() }
    }

    /// Shows what happens. Returns at once.
    package func show(_ notice: RunNotice) { draw { $0.show(notice) } }

    /// A run begins. The last one is over.
    ///
    /// - Parameters:
    ///   - side: the half of a comparison that it is.
    ///   - facts: what the view shows beside events.
    package func begin(_ started: JSON, title: String, side: Comparison.Side? = nil, facts: LiveFacts = LiveFacts()) {
        draw { $0.begin(started, title: title, side: side, facts) }
    }

    /// A word to the user, `forerun: …`.
    package func note(_ text: String) { draw { $0.note(text) } }

    /// A word that those can do without who want it quiet.
    package func advise(_ text: String) { draw { $0.advise(text) } }

    /// Lines for standard error, in plain and live form.
    package func report(_ lines: [String]) { draw { $0.report(lines) } }

    /// The same, of what the run has come to.
    package func report(_ lines: @escaping @Sendable (RunProgress) -> [String]) {
        draw { $0.report(lines($0.progress)) }
    }

    /// An object of the JSON form.
    package func object(_ object: JSON) { draw { $0.object(object) } }

    /// Lines of ours for standard output, in all forms but JSON.
    package func result(_ lines: [String]) { draw { $0.result(lines) } }

    /// Text of others for standard output, in all forms but JSON.
    package func text(_ text: String) { draw { $0.text(text) } }

    /// Stops drawing while the terminal is used for something else.
    package func suspend() async { await perform { $0.suspend() } }
    package func resume() { draw { $0.resume() } }

    /// Gives the terminal back as it was, for a process that ends at once.
    package static func restoreTerminal() { TerminalKeys.restore() }

    /// Waits until all is written, and takes the live view off the screen.
    package func close() async { await perform { $0.close() } }

    private func draw(_ body: @escaping @Sendable (inout Screen) -> Void) {
        queue.async { self.screen.withLock { body(&$0) } }
    }

    private func perform(_ body: @escaping @Sendable (inout Screen) -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.screen.withLock { body(&$0) }
                continuation.resume()
            }
        }
    }

    /// Redraws the live view until it is closed.
    private func schedule() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in
            guard let self, self.screen.withLock({ $0.tick() }) else { return }
            self.schedule()
        }
    }
}
