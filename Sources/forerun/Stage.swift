import ForerunCore
import ForerunRuntime
import Glibc

/// Where a run is shown, and who is asked: chosen by what standard input, output and error are.
struct Stage: Sendable {
    enum Form {
        case json
        case quiet
        /// A live view on a terminal, plain lines elsewhere.
        case automatic
    }

    let console: Console
    let user: TerminalUser
    let style: ViewStyle
    /// For what goes to standard output.
    let resultStyle: ViewStyle
    let title: String
    let settings: AgentSettings

    /// - Parameter readsKeys: standard input holds nothing else, so that keys may be for the live view.
    init(_ resolved: ResolvedConfiguration, form: Form, readsKeys: Bool = true) {
        let environment = processVariables
        let isLive =
            form == .automatic && OutputFile.standard.isTerminal && OutputFile.error.isTerminal
            && environment["TERM"] != "dumb"
        let color = resolved.configuration.ui.color
        style = ViewStyle(color, isTerminal: OutputFile.error.isTerminal, environment: environment)
        resultStyle = ViewStyle(color, isTerminal: OutputFile.standard.isTerminal, environment: environment)
        settings = resolved.settings
        title = resolved.agent?.name ?? ""
        let canAsk = form != .json && isatty(0) == 1 && OutputFile.error.isTerminal
        let chosen: Console.Form =
            switch form {
            case .json: .json
            case .quiet: .quiet
            case .automatic: isLive ? .live(title: title) : .plain
            }
        console = Console(chosen, style: style, canAsk: canAsk, readsKeys: readsKeys)
        user = TerminalUser(console, style: style, canAsk: canAsk)
    }
}
