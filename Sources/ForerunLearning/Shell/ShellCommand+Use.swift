extension ShellCommand {
    /// What this command alone does with files. What its output is redirected into is left to ``ShellUse/uses(of:)``.
    var use: ShellUse {
        let words = bareWords
        guard let name = words.first.map(Self.baseName) else { return inputs.isEmpty ? .unknown : .read(inputs) }
        let arguments = Array(words.dropFirst())
        switch name {
        case "cat", "nl", "less", "more", "bat", "batcat", "tac", "wc", "xxd", "od", "strings", "head", "tail":
            return .read(reading(name, arguments) + inputs)
        case "sed", "gsed":
            let sed = SedCommand(arguments)
            if sed.editsInPlace { return .edit(sed.files.map(resolved)) }
            let lines = sed.scripts.first.flatMap(Self.sedLines)
            return .read(sed.files.map { FileSlice(resolved($0), lines: lines) } + inputs)
        case "awk", "gawk":
            let operands = Self.operands(arguments, valued: ["-F", "-v", "-f"])
            return .read(operands.dropFirst().map { FileSlice(resolved($0)) } + inputs)
        case "ls", "tree", "exa", "eza", "dir", "du":
            let paths = Self.operands(
                arguments, valued: ["-L", "-I", "-P", "--max-depth", "-d"].filter { name != "ls" || $0 == "-I" })
            return .list(paths: paths.map(resolved), pattern: nil)
        case "find": return finding(arguments)
        case "fd", "fdfind":
            let operands = Self.operands(
                arguments, valued: ["-e", "-t", "-d", "-E", "--extension", "--type", "--max-depth", "--exclude"])
            return .list(paths: operands.dropFirst().map(resolved), pattern: operands.first)
        case "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack": return searching(name, arguments)
        case "git": return git(arguments)
        case "xargs":
            let rest = arguments.drop { $0.hasPrefix("-") || Int($0) != nil || $0 == "{}" }
            var inner = self
            inner.words = Array(rest)
            // Its files come through the pipe.
            return rest.isEmpty ? .unknown : inner.use
        case "cd", "pushd":
            return .changeDirectory(resolved(arguments.first { !$0.hasPrefix("-") } ?? "~"))
        case "tee", "rm", "touch", "mkdir", "rmdir", "mv", "cp", "chmod", "chown", "ln", "truncate", "patch", "install":
            let operands = Self.operands(
                arguments,
                valued: name == "patch"
                    ? ["-p", "-i", "-d"] : ["-m", "-s"].filter { _ in name == "truncate" || name == "mkdir" })
            let files = name == "chmod" || name == "chown" ? Array(operands.dropFirst()) : operands
            return .edit(files.map(resolved))
        case "perl":
            guard arguments.contains(where: { $0.hasPrefix("-") && $0.contains("i") && !$0.hasPrefix("--") }) else {
                return .unknown
            }
            let operands = Self.operands(arguments, valued: ["-e", "-pe", "-ne", "-pie", "-i"])
            return .edit(operands.map(resolved))
        case "apply_patch", "applypatch": return .edit([])
        default: return .unknown
        }
    }

    /// Whether it only passes on some of what it is piped.
    var onlyFilters: Bool {
        switch use {
        case .read(let slices): slices.isEmpty
        case .search(_, let paths): paths.isEmpty && bareWords.first.map(Self.baseName) != "xargs"
        default: false
        }
    }

    /// The lines that it passes on of what it is piped; `nil` where it is no such filter.
    var slicedLines: FileSlice.Lines? {
        guard let name = bareWords.first.map(Self.baseName) else { return nil }
        let arguments = Array(bareWords.dropFirst())
        switch name {
        case "head", "tail":
            return Self.operands(arguments, valued: ["-n", "-c", "--lines", "--bytes"]).isEmpty
                ? Self.lines(name, arguments) : nil
        case "sed", "gsed":
            let sed = SedCommand(arguments)
            return sed.files.isEmpty ? sed.scripts.first.flatMap(Self.sedLines) : nil
        default: return nil
        }
    }

    private var inputs: [FileSlice] {
        redirections.filter { $0.kind == .input && !$0.target.hasPrefix("/dev/") }.map {
            FileSlice(resolved($0.target))
        }
    }

    /// The arguments that are no options, nor values of the options `valued`.
    static func operands(_ arguments: [String], valued: some Sequence<String>) -> [String] {
        let valued = Set(valued)
        var operands: [String] = []
        var isValue = false
        var isOver = false
        for argument in arguments {
            if isValue {
                isValue = false
            } else if isOver || !argument.hasPrefix("-") || argument == "-" {
                if argument != "-" { operands.append(argument) }
            } else if argument == "--" {
                isOver = true
            } else {
                isValue = valued.contains(argument)
            }
        }
        return operands
    }

    private func reading(_ name: String, _ arguments: [String]) -> [FileSlice] {
        let valued: [String] =
            switch name {
            case "head", "tail": ["-n", "-c", "--lines", "--bytes"]
            case "bat", "batcat": ["-r", "--line-range", "-l", "--language", "-H", "--style", "--theme"]
            case "nl": ["-b", "-w", "-s", "-n", "-v", "-i"]
            case "od", "xxd": ["-s", "-l", "-N", "-j", "-t", "-A", "-c"]
            default: []
            }
        let lines = Self.lines(name, arguments)
        return Self.operands(arguments, valued: valued).filter { !$0.hasPrefix("+") }.map {
            FileSlice(resolved($0), lines: lines)
        }
    }

    private static func lines(_ name: String, _ arguments: [String]) -> FileSlice.Lines? {
        func value(_ options: [String]) -> String? {
            for (index, argument) in arguments.enumerated() {
                for option in options {
                    if argument == option { return index + 1 < arguments.count ? arguments[index + 1] : nil }
                    if option.hasPrefix("--"), argument.hasPrefix("\(option)=") {
                        return String(argument.dropFirst(option.count + 1))
                    }
                    if !option.hasPrefix("--"), argument.hasPrefix(option), argument.count > option.count {
                        return String(argument.dropFirst(option.count))
                    }
                }
            }
            return nil
        }
        switch name {
        case "head":
            if value(["-c", "--bytes"]) != nil { return nil }
            let short = arguments.first { $0.hasPrefix("-") && Int($0.dropFirst()) != nil }.map {
                String($0.dropFirst())
            }
            guard let count = (value(["-n", "--lines"]) ?? short).map({ Int($0) }) ?? 10, count > 0 else { return nil }
            return .init(1, count)
        case "tail":
            guard let from = value(["-n", "--lines"]), from.hasPrefix("+"), let first = Int(from.dropFirst()) else {
                return nil
            }
            return .init(max(first, 1), nil)
        case "bat", "batcat":
            guard let range = value(["-r", "--line-range"]) else { return nil }
            let parts = range.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return .init(Int(parts[0]) ?? 1, Int(parts[1]))
        default: return nil
        }
    }

    /// The lines of `10,20p`, `10p`, `10,$p`, `10,+5p`, also with blanks and more scripts behind.
    static func sedLines(_ script: String) -> FileSlice.Lines? {
        let text = script.utf8.filter { $0 != 0x20 }
        var rest = text[...]
        func number() -> Int? {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest.dropFirst(digits.count)
            return Int(String(decoding: digits, as: UTF8.self))
        }
        guard let first = number() else { return nil }
        if rest.first == UInt8(ascii: "p") { return .init(first, first) }
        guard rest.first == UInt8(ascii: ",") else { return nil }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "$") {
            return rest.dropFirst().first == UInt8(ascii: "p") ? .init(first, nil) : nil
        }
        let isCount = rest.first == UInt8(ascii: "+")
        if isCount { rest = rest.dropFirst() }
        guard let second = number(), rest.first == UInt8(ascii: "p") else { return nil }
        let (last, hasOverflow) = isCount ? first.addingReportingOverflow(second) : (second, false)
        return hasOverflow ? nil : .init(first, last)
    }

    private func finding(_ arguments: [String]) -> ShellUse {
        let paths = arguments.drop { ["-L", "-H", "-P"].contains($0) }.prefix {
            !$0.hasPrefix("-") && $0 != "(" && $0 != "!"
        }
        if arguments.contains("-delete") { return .edit(paths.map(resolved)) }
        if let place = arguments.firstIndex(where: { $0 == "-exec" || $0 == "-execdir" }) {
            var inner = self
            inner.words = arguments[(place + 1)...].prefix { $0 != ";" && $0 != "+" }.filter { $0 != "{}" }
            if case .search(let pattern, _) = inner.use { return .search(pattern: pattern, paths: paths.map(resolved)) }
        }
        var pattern: String?
        for (index, argument) in arguments.enumerated()
        where ["-name", "-iname", "-path", "-wholename", "-regex"].contains(argument) {
            if index + 1 < arguments.count { pattern = pattern ?? arguments[index + 1] }
        }
        return .list(paths: paths.map(resolved), pattern: pattern)
    }

    private func searching(_ name: String, _ arguments: [String]) -> ShellUse {
        var valued: Set<String> = [
            "-A", "-B", "-C", "-m", "-e", "-f", "--include", "--exclude", "--exclude-dir", "--max-count", "--context",
            "--regexp", "--file", "--after-context", "--before-context", "--color",
        ]
        if name == "rg" {
            valued.formUnion([
                "-g", "--glob", "-t", "--type", "-T", "--type-not", "-M", "--max-columns", "-d", "--max-depth", "-j",
                "--sort", "--iglob", "-r", "--replace", "-E",
            ])
            valued.remove("--color")
        }
        if name == "ag" { valued.formUnion(["-G", "--ignore"]) }
        let operands = Self.operands(arguments, valued: valued)
        if name == "rg", arguments.contains("--files") {
            let glob = arguments.firstIndex { $0 == "-g" || $0 == "--glob" }
            let pattern = glob.flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
            return .list(paths: operands.map(resolved), pattern: pattern)
        }
        for (index, argument) in arguments.enumerated() {
            if argument == "-e" || argument == "--regexp", index + 1 < arguments.count {
                return .search(pattern: arguments[index + 1], paths: operands.map(resolved))
            }
            if argument.hasPrefix("--regexp=") {
                return .search(pattern: String(argument.dropFirst(9)), paths: operands.map(resolved))
            }
        }
        guard let pattern = operands.first else { return .unknown }
        return .search(pattern: pattern, paths: operands.dropFirst().map(resolved) + inputs.map(\.path))
    }

    private func git(_ arguments: [String]) -> ShellUse {
        var inner = self
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("-") {
            if first == "-C", let directory = rest.dropFirst().first {
                inner.directory = Self.join(self.directory, directory)
            }
            // Settings name programs, which then run (core.fsmonitor, core.pager, filters).
            if first == "-c", rest.dropFirst().first.map(Self.isHarmlessSetting) != true { return .unknown }
            if first.hasPrefix("--config-env") || first.hasPrefix("--exec-path=") { return .unknown }
            rest = rest.dropFirst(first == "-C" || first == "-c" ? 2 : 1)
        }
        let operands = Array(rest.dropFirst())
        switch rest.first {
        case "grep": return inner.searching("grep", operands.filter { $0 != "--" })
        case "ls-files":
            return .list(paths: [], pattern: Self.operands(operands, valued: []).first)
        case "apply", "add", "rm", "mv", "restore":
            return .edit(Self.operands(operands, valued: []).map(inner.resolved))
        default: return .unknown
        }
    }

    private static func isHarmlessSetting(_ setting: String) -> Bool {
        let setting = setting.lowercased()
        return ["color.", "core.quotepath=", "advice."].contains { setting.hasPrefix($0) }
    }
}
