import ArgumentParser
import ForerunCore
import ForerunRuntime

/// `forerun resume`: goes on with a run that was cut off.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was killed or cut off.",
        discussion: """
            Goes on from the last committed turn, whatever ended the run: kill -9, Ctrl-C, a power failure, an endpoint that \
            was gone, a full disk, a limit. No turn is lost and none is asked twice; the workspace is exactly as the last \
            commit left it. The agent, the workspace and the flags are those of the run; flags given here come after them.

            A call that leaves its branch (an external one) and had been begun when the run was cut off is not made again: \
            whether it took effect is unknown, and the actor and you are told so.

            Header fields, queries and addresses with a password that were given as flags are not in the log. Give them \
            again with --set.

            WHICH RUN
              20261121-093012-4f2a   a name, or as much of its beginning or end as is
                                     unambiguous
              --last                 the last one (the default)

            EXIT CODES
              Those of forerun run. A run that is finished already: 2; forerun fork
              goes on from its end.
            """)

    @Argument(help: "The run. Default: the last one.", completion: .runs)
    var run: String?

    @Flag(help: "The last run.")
    var last = false

    @OptionGroup var presentation: PresentationOptions

    @OptionGroup(title: "Recording") var recording: TrafficOptions

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func validate() throws {
        if last, run != nil { throw ValidationError("--last and the name of a run exclude each other") }
        try presentation.validate()
    }

    func run() async throws {
        let signals = Signals()
        let past = try PastRuns(variables: processVariables)
        let name = try past.find(run)
        let request = try await AgentRuntime.resumption(
            of: name, settings: try settings.values(), variables: processVariables)
        let status = try await presentation.invoke(request, signals, recording)
        if status != .done { throw status }
    }
}
