import ArgumentParser
import ForerunRuntime

/// `forerun undo`: takes back what a run changed in a workspace.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Restore a workspace to what it was before a run.",
        discussion: """
            What runs replace is kept, the newest 500 changes and 1 GiB of it. Everything that the run changed is restored, or \
            nothing, if others or later runs have changed the same files since. Undoing can be undone: it is listed as a run.

            Use it so: forerun undo (lists runs), forerun undo RUN
            """)

    @Argument(help: "The run, as its log and the list name it; without, the runs that can be undone are listed.")
    var run: String?

    @OptionGroup var workspace: WorkspaceOption

    func run() async throws {
        let history = try WorkspaceHistory.open(workspace.absolutePath(), variables: processVariables)
        guard let run else {
            let lines = history.lines
            OutputFile.standard.write(lines.map { $0 + "\n" }.joined())
            if lines.isEmpty { OutputFile.error.write("there is no run to undo here\n") }
            return
        }
        for path in try history.undo(run) { OutputFile.standard.write("restored \(path)\n") }
    }
}
