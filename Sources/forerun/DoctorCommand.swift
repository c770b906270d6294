import ArgumentParser
import ForerunCore
import ForerunRuntime

/// `forerun doctor`: can runs work here?
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Check endpoints, keys, models, the sandbox, the chess engine, directories and the OpenTelemetry collector.",
        discussion: """
            Each line says ok, warn or fail; what is not ok comes with a remedy. The exit code is that of a run that fails for \
            the same reason: 3 configuration, 4 key, 6 endpoint or model.
            """)

    @Argument(help: "Check what this agent needs. Default: what any of them needs.", completion: .agents)
    var agent: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var workspace: WorkspaceOption
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        let variables = processVariables
        let doctor = Doctor(
            workspace: try workspace.absolutePath(), agent: agent, assignments: try settings.values(),
            variables: variables)
        let choice = settings.color.flatMap(Configuration.Color.init) ?? .auto
        let style = ViewStyle(choice, isTerminal: OutputFile.standard.isTerminal, environment: variables)
        let findings = await doctor.examine { finding in
            if !json { OutputFile.standard.write(finding.text(style)) }
        }
        if json { OutputFile.standard.write(findings.json.text + "\n") }
        if findings.status != .done { throw findings.status }
    }
}
