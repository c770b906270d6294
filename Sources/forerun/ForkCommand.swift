import ArgumentParser
import ForerunCore
import ForerunRuntime

/// `forerun fork`: a new run from an earlier turn of another.
struct ForkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork",
        abstract: "Begin a new run from an earlier turn of another.",
        discussion: """
            The new run begins with the first turns of the other and goes on from there, with a log of its own. The other \
            one's log stays as it is. The agent, the workspace and the flags are those of the other run; flags given here \
            come after them.

            What the other run changed in the workspace after that turn is taken back first, as the last thing before the new \
            run begins. forerun undo 'undo RUN' brings it back. Where somebody else, or a later run, changed the same files \
            since, or calls that left their branch cannot be taken back, nothing is done; --as-is takes the files as they are.

            Use it so:
              forerun fork 4f2a --at 3                     again from after turn 3
              forerun fork 4f2a --at 3 "Use a table."      with another word from you
              forerun fork 4f2a --at 0 "Another task."     from the beginning

            EXIT CODES
              Those of forerun run. No such turn: 2.
            """)

    @Argument(help: "The run: a name, or as much of its beginning or end as is unambiguous.", completion: .runs)
    var run: String

    @Argument(help: "What you say after that turn; - takes it from standard input.")
    var task: String?

    @Option(help: ArgumentHelp("How many turns of the other run the new one begins with.", valueName: "turns"))
    var at: Int

    @Flag(help: "Take nothing back: the new run begins with the files as they are.")
    var asIs = false

    @OptionGroup var presentation: PresentationOptions

    @OptionGroup(title: "Recording") var recording: TrafficOptions

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func validate() throws {
        if at < 0 { throw ValidationError("--at \(at): turns are counted from 0") }
        try presentation.validate()
    }

    func run() async throws {
        let signals = Signals()
        let name = try PastRuns(variables: processVariables).find(run)
        // A pipe that somebody left open says nothing that was meant for this.
        let words = try task.flatMap { task throws(Complaint) in task == "-" ? try TaskInput.task(task) : task }
        let request = try await AgentRuntime.fork(
            of: name, at: at, task: words, takesBack: !asIs, settings: try settings.values(),
            variables: processVariables)
        let status = try await presentation.invoke(request, signals, recording)
        if status != .done { throw status }
    }
}
