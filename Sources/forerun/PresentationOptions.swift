import ArgumentParser
import ForerunCore
import ForerunRuntime

/// How a run is shown, and where its results go.
struct PresentationOptions: ParsableArguments {
    @Flag(help: "Print events as JSON lines; the last one is run.completed.")
    var json = false

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Write the final message to a file.", valueName: "file"), completion: .file())
    var output: String?

    @Flag(help: "Afterwards, print what changed in the workspace.")
    var diff = false

    @Flag(name: [.short, .long], help: "Print confirmed text and errors only.")
    var quiet = false

    func validate() throws {
        if json, quiet { throw ValidationError("--json and --quiet exclude each other") }
    }

    var form: Stage.Form { json ? .json : quiet ? .quiet : .automatic }

    /// Runs what was asked for, from the first line to the last.
    ///
    /// - Parameters:
    ///   - compares: in turn and with speculation.
    ///   - readsInput: standard input is the task.
    ///   - complete: adds to the request what is read last, once it is known that the rest makes sense.
    func invoke(
        _ request: RunRequest, _ signals: Signals, _ recording: TrafficOptions, compares: Bool = false,
        readsInput: Bool = false,
        complete: (ResolvedConfiguration, inout RunRequest) throws(Complaint) -> Void = { _, _ in }
    ) async throws(Complaint) -> ExitStatus {
        let message = try output.map { path throws(Complaint) in try ResultFile(path, for: "the final message") }
        let resolved: ResolvedConfiguration
        do throws(RunFailure) { resolved = try AgentRuntime.resolve(request) } catch { throw Complaint(error) }
        var request = request
        try complete(resolved, &request)
        let stage = Stage(resolved, form: form, readsKeys: !readsInput)
        let traffic = try recording.traffic()
        if let warning = traffic.warning { OutputFile.error.write("forerun: warning: \(warning)\n") }
        let runtime = AgentRuntime.withOwnConnections(traffic)
        let invocation = Invocation(
            request: request, runtime: runtime, stage: stage, signals: signals, message: message)
        do throws(RunFailure) {
            let status =
                compares ? try await invocation.comparison() : try await invocation.run(showsDiff: diff)
            await runtime.shutDown()
            guard let complaint = traffic.complaint else { return status }
            OutputFile.error.write(complaint.text)
            return status == .done ? complaint.status : status
        } catch {
            await stage.console.close()
            throw Complaint(error)
        }
    }
}

extension CompletionKind {
    /// The names of the recorded runs, the last first.
    static var runs: CompletionKind {
        .custom { _, _, _ in runNames }
    }

    /// The last runs, the newest first.
    static var runNames: [String] {
        guard let past = try? PastRuns(variables: processVariables) else { return [] }
        return ((try? past.names) ?? []).reversed().prefix(50).map { "\($0)" }
    }
}
