import ForerunCore
import ForerunLearning

/// What a line of shell may touch.
enum ShellEffect {
    /// `nil`: unknown (a program, a test, a build, anything computed by the shell).
    static func of(_ text: String) -> Effect? {
        guard !text.contains("$("), !text.contains("`"), !text.contains("<("), !text.contains(">(") else { return nil }
        let commands = ShellCommand.parse(text)
        guard !commands.isEmpty else { return nil }
        var effect = Effect.readOnly
        for command in commands {
            if command.hasPowers { return nil }
            let uses = ShellUse.uses(of: [command])
            guard !uses.isEmpty || command.isReader else { return nil }
            for case .edit in uses {
                // A program may write what it prints: what it does besides is not known.
                guard uses.count > 1 || command.isReader || isEditor(command) else { return nil }
                effect = .contained
            }
        }
        return effect
    }

    /// It edits files by itself, not only by where its output goes.
    private static func isEditor(_ command: ShellCommand) -> Bool {
        var bare = command
        bare.redirections = []
        return ShellUse.uses(of: [bare]).contains { if case .edit = $0 { true } else { false } }
    }
}
