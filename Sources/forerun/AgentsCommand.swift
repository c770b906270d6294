import ArgumentParser

struct AgentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "agents")
}
