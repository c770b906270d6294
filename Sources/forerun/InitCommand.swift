import ArgumentParser
import ForerunRuntime

/// `forerun init`: the files to begin with.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write the files to begin with.",
        discussion: """
            Writes a commented config.yaml for you where there is none, and .forerun/ in the workspace where there is none. \
            What is there already stays as it is.
            """)

    @Flag(help: "Trust the project: its configuration and agents then count in full, not only where they tighten.")
    var trust = false

    @Flag(help: "Write your own config.yaml only, nothing in the workspace.")
    var userOnly = false

    @OptionGroup var workspace: WorkspaceOption

    func validate() throws {
        if trust, userOnly { throw ValidationError("--trust is about the project, --user-only leaves it out") }
    }

    func run() throws {
        let directory = try workspace.absolutePath()
        do throws(ConfigurationError) {
            let places = try ConfigurationPlaces(environment: processVariables, workspace: directory)
            let files = StartingFiles(places: places, workspace: directory)
            for line in try files.write(forProject: !userOnly) { OutputFile.standard.write(line + "\n") }
            if trust { OutputFile.standard.write(try files.trustProject() + "\n") }
        } catch {
            throw Complaint(error)
        }
    }
}
