import ArgumentParser
import ForerunRuntime

/// `forerun agents`: which agents there are.
struct AgentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "List the agents, or show one.",
        discussion:
            "Agents of the project (if you trust it) come before yours, and yours before those that ship with Forerun.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the agents.")

        @OptionGroup var workspace: WorkspaceOption

        func run() throws {
            let agents = try Self.locator(workspace).agents()
            let width = (agents.map(\.name.count).max() ?? 0) + 2
            for agent in agents {
                do throws(ConfigurationError) {
                    let definition = try AgentDefinition(file: agent.path)
                    let gap = String(repeating: " ", count: width - agent.name.count)
                    OutputFile.standard.write(
                        "\(agent.name)\(gap)\(definition.description) (\(agent.origin.rawValue))\n")
                } catch {
                    OutputFile.error.write(Complaint(error).text)
                }
            }
            guard !agents.isEmpty else {
                throw Complaint(
                    "there are no agents", remedy: "Set FORERUN_SHARE to the directory that holds Agents and Prompts",
                    status: .configuration)
            }
        }

        static func locator(_ workspace: WorkspaceOption) throws(Complaint) -> ResourceLocator {
            let path = try workspace.absolutePath()
            do throws(ConfigurationError) {
                return ResourceLocator(try ConfigurationPlaces(environment: processVariables, workspace: path))
            } catch {
                throw Complaint(error)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show what an agent is told, and where its file is.")

        @Argument(help: "The name of an agent, or the path of its file.", completion: .agents)
        var agent: String

        @OptionGroup var workspace: WorkspaceOption

        func run() throws {
            let locator = try List.locator(workspace)
            do throws(ConfigurationError) {
                let file = try locator.agent(agent)
                let definition = try AgentDefinition(file: file)
                OutputFile.standard.write(
                    "\(definition.name): \(definition.description)\n\(file)\n\n\(definition.instructions)\n")
                OutputFile.error.write("\nIts settings: forerun config show --origin \(definition.name)\n")
            } catch {
                throw Complaint(error)
            }
        }
    }
}
