import ArgumentParser
import ForerunRuntime

/// `forerun config`: what counts, and why.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show the configuration.", subcommands: [Show.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show every value that counts.",
            discussion: """
                Later layers win: built-in, ~/.config/forerun/config.yaml, .forerun/config.yaml of the project (which can only \
                tighten until you trust it: forerun init --trust), the agent's file, variables (FORERUN_ACTOR, FORERUN_MODE, \
                FORERUN_SPECULATOR, FORERUN_SET_…), flags.
                """)

        @Argument(help: "Show what counts for a run of this agent.", completion: .agents)
        var agent: String?

        @Flag(help: "Say where each value comes from.")
        var origin = false

        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup(title: "Settings") var settings: SettingOptions

        func run() throws {
            let directory = try workspace.absolutePath()
            let flags = try settings.values()
            do throws(ConfigurationError) {
                let places = try ConfigurationPlaces(environment: processVariables, workspace: directory)
                let layers = try ConfigurationLayers(places: places, environment: processVariables, flags: flags)
                let definition = try agent.map { name throws(ConfigurationError) in
                    try AgentDefinition(file: try ResourceLocator(places).agent(name))
                }
                let resolved = try layers.resolved(for: definition)
                OutputFile.standard.write(ConfigurationListing.text(resolved, withOrigins: origin))
                for ignored in resolved.ignored { OutputFile.error.write("forerun: \(ignored)\n") }
            } catch {
                throw Complaint(error)
            }
        }
    }
}
