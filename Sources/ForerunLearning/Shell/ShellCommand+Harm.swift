extension ShellCommand {
    /// Commands that change nothing, unless their arguments say so (``hasPowers``).
    private static let readers: Set<String> = [
        "echo", "pwd", "true", "false", "which", "printf", "whoami", "uname", "file", "stat", "du", "df", "test", "[",
        "head", "tail", "wc", "sort", "uniq", "cut", "tr", "nl", "cat", "basename", "dirname", "realpath", "date",
        "sed", "gsed", "awk", "gawk",
    ]
    /// Of git.
    private static let readersOfGit: Set<String> = ["status", "log", "diff", "show", "blame", "rev-parse", "ls-files"]
    /// Words that make a command do more than its name says.
    private static let powers = ["-exec", "-delete", "-ok", "-fls", "-fprint", "--output", "xargs"]

    /// Its name is that of a command that changes nothing.
    package var isReader: Bool {
        guard let name else { return true }
        return Self.readers.contains(name)
            || name == "git" && bareWords.dropFirst().first.map(Self.readersOfGit.contains) == true
    }

    /// Its arguments make it run other commands, or change something that is not among its operands, as far as is known.
    package var hasPowers: Bool {
        let arguments = Array(bareWords.dropFirst())
        if words.contains(where: { word in Self.powers.contains { word.contains($0) } }) || writesDevice { return true }
        switch name {
        case "sed", "gsed": return !SedCommand(arguments).onlyTransforms
        case "awk", "gawk": return !Self.awkOnlyPrints(arguments)
        case "sort":
            return Self.hasOption("o", of: arguments, valued: "kStT")
                || arguments.contains {
                    // Long names may be cut short: --output, --compress-program.
                    $0.hasPrefix("--o") || $0.hasPrefix("--co")
                }
        case "uniq", "xxd":
            // The second one is written.
            let valued = name == "uniq" ? ["-f", "-s", "-w"] : ["-c", "-g", "-l", "-n", "-o", "-s"]
            return Self.operandCount(arguments, valued: valued) > 1
        case "date":
            return Self.hasOption("s", of: arguments, valued: "dfrI") || arguments.contains { $0.hasPrefix("--s") }
                || Self.operands(arguments, valued: ["-d", "-f", "-r"]).contains { !$0.hasPrefix("+") }
        case "tree": return Self.hasOption("o", of: arguments, valued: "LPIHT")
        case "fd", "fdfind":
            return ["x", "X"].contains { Self.hasOption($0, of: arguments, valued: "edtEcjSo") }
        case "file": return Self.hasOption("C", of: arguments, valued: "eFfmP") || arguments.contains("--compile")
        case "rg": return arguments.contains { $0.hasPrefix("--pre") }
        default: return false
        }
    }

    private var name: String? { bareWords.first.map(Self.baseName) }

    /// Output into a device that is no stream: a disk, a connection that the shell opens.
    private var writesDevice: Bool {
        redirections.contains { redirection in
            (redirection.kind == .output || redirection.kind == .append) && redirection.target.hasPrefix("/dev/")
                && !["null", "stdout", "stderr", "tty"].contains(redirection.target.dropFirst(5))
        }
    }

    /// Whether an option of one letter is there, alone or among others, before one that has a value.
    ///
    /// - Parameter valued: the letters of the options that have one.
    private static func hasOption(_ letter: Character, of arguments: [String], valued: String) -> Bool {
        for argument in arguments.prefix(while: { $0 != "--" })
        where argument.hasPrefix("-") && !argument.hasPrefix("--") {
            let letters = argument.dropFirst()
            let end = letters.firstIndex(where: valued.contains) ?? letters.endIndex
            if letters[..<end].contains(letter) { return true }
        }
        return false
    }

    /// Like ``operands(_:valued:)``, with `-`.
    private static func operandCount(_ arguments: [String], valued: [String]) -> Int {
        operands(arguments.map { $0 == "-" ? "/dev/stdin" : $0 }, valued: valued).count
    }

    /// The program is there, and writes to its output only: nothing that it prints goes into a file or a command.
    private static func awkOnlyPrints(_ arguments: [String]) -> Bool {
        let valued = ["-F", "-v"]
        for (place, argument) in arguments.enumerated() {
            guard argument.hasPrefix("-"), argument != "-", argument != "--" else {
                // The first operand ends the options.
                if place > 0, valued.contains(arguments[place - 1]) { continue }
                break
            }
            // Whatever else there is may load a program or an extension, or write a file.
            guard valued.contains(where: argument.hasPrefix) else { return false }
        }
        guard let program = operands(arguments, valued: valued).first else { return false }
        let rest = program.replacing("||", with: " ").replacing(">=", with: " ")
        guard !rest.contains("|"), !rest.contains("@"), !rest.contains("system") else { return false }
        // Elsewhere it compares.
        guard let print = rest.firstRange(of: "print") else { return true }
        return !rest[print.upperBound...].contains(">")
    }
}
