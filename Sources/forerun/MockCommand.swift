import ArgumentParser

struct MockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "mock")
}
