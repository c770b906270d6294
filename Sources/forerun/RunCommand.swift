import ArgumentParser
import ForerunCore
import ForerunRuntime
import Synchronization

/// `forerun run`: runs an agent.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an agent.",
        discussion: """
            Confirmed text goes to standard output, everything about the run to standard error. Where both are terminals, \
            a live view shows the actor, the work done ahead, hits and misses.

            STANDARD INPUT
              With the task -, standard input is the task, read to its end.
              Beside a task, it is appended as a block <stdin>...</stdin>: a file at
              once, a pipe if it says something or ends within 0.3 seconds.
              Without a task, it is the task; a pipe has 1 second.
              A silent pipe, a terminal and /dev/null are left alone: an inherited
              standard input never makes a run wait. Say - to wait for a slow one.

            SPECULATORS
              Patterns that forerun learn has found guess in every run. Others are
              listed in the agent's file or the configuration:
                speculation: {speculators: [{kind: model, samples: 3}, {kind: transition}]}
              kind is model, parts, transition, graph, heads or engine. Their guesses become
              one calibrated probability each; run.completed says how true these were
              (brier, calibrationError).

            APPROVALS
              Calls that the agent's permissions ask for are shown, and you answer y
              or n. Without a terminal they are denied; the actor is told so, goes on,
              and the exit code is 8 if the run finishes.

            EXIT CODES
            \(ExitStatus.table)

            RECORDING
              --record writes what endpoints answered, with its timing, as JSON lines
              that only you can read. Keys are masked. A full disk ends the recording,
              not the run. --playback answers equal requests (method, path and body)
              from it, without keys or a network; a request that it does not have fails
              the run, and the nearest one is shown.

            KEYS
              While the live view is shown: d guesses with their probabilities and
              sources, t timeline, c cost, limits and rate limits, ? all keys. Arrows and
              PgUp, PgDn scroll, Esc closes. They are read only where standard input is a
              terminal. NO_COLOR and a locale without UTF-8 are kept to; in a pipe there
              are plain lines.

            OPENTELEMETRY
              OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 exports the run as spans
              (invoke_agent, chat, execute_tool) and metrics over OTLP/HTTP; the other
              standard variables count too, and TRACEPARENT makes the run a part of
              your trace. Words, arguments and outputs are left out, unless
              OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true. A collector that
              is dead or slow costs a run nothing but a note, and 3 seconds at its end.
              Without these variables nothing is exported.

            CTRL-C
              Once: what is committed stays, all else is undone, and the run ends.
              Twice: the process stops at once.
            """)

    @Argument(
        help: "The name of an agent (forerun agents lists them), or the path of an agent file.", completion: .agents)
    var agent: String

    @Argument(help: "What to do; - takes it from standard input.")
    var task: String?

    @OptionGroup var workspace: WorkspaceOption

    @Flag(
        help: """
            Run twice on fresh copies of the workspace, in turn and with speculation, and compare. Changes nothing. With \
            --json, the last event is comparison.
            """)
    var compare = false

    @Flag(
        help:
            "Afterwards, play the run again in turn with the same answers and check that everything comes out the same."
    )
    var verify = false

    @OptionGroup var presentation: PresentationOptions

    @OptionGroup(title: "Recording") var recording: TrafficOptions

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func validate() throws {
        if compare, verify { throw ValidationError("--compare and --verify exclude each other") }
        if compare, presentation.diff {
            throw ValidationError("--compare changes nothing, so there is nothing for --diff to show")
        }
    }

    func run() async throws {
        let status = try await status()
        if status != .done { throw status }
    }

    private func status() async throws(Complaint) -> ExitStatus {
        let request = RunRequest(
            agent: agent, workspace: try workspace.absolutePath(), assignments: try settings.values(),
            variables: processVariables, keepsSnapshot: verify)
        return try await presentation.invoke(request, Signals(), recording, compares: compare, readsInput: task == "-")
        {
            resolved, request throws(Complaint) in
            request.task = try TaskInput.task(task)
            guard request.task != nil || resolved.settings.environment.kind == .chess else {
                throw Complaint(
                    "agent \(agent) needs a task",
                    remedy: "Say what to do: forerun run \(agent) \"…\", or - to read it from standard input",
                    status: .usage)
            }
        }
    }
}
