/// What the arguments of `sed` say, in the spellings of GNU and BSD.
struct SedCommand: Sendable, Hashable {
    private(set) var scripts: [String] = []
    private(set) var files: [String] = []
    private(set) var editsInPlace = false
    /// A script is in a file, of which nothing is known.
    private(set) var readsScriptFile = false

    /// An option that waits for its value.
    private enum Value {
        case script
        case scriptFile
        case length
    }

    init(_ arguments: some Sequence<String>) {
        var operands: [String] = []
        var value: Value?
        var isOver = false
        var mayBeSuffix = false
        for argument in arguments {
            defer { mayBeSuffix = argument == "-i" }
            if let wanted = value {
                take(argument, as: wanted)
                value = nil
            } else if isOver || !argument.hasPrefix("-") || argument == "-" {
                // BSD: the suffix of `-i` is a word of its own, mostly an empty one.
                if !(mayBeSuffix && argument.isEmpty), argument != "-" { operands.append(argument) }
            } else if argument == "--" {
                isOver = true
            } else if argument.hasPrefix("--") {
                value = takeLong(argument.dropFirst(2))
            } else {
                value = takeCluster(argument.dropFirst())
            }
        }
        if scripts.isEmpty, !readsScriptFile, !operands.isEmpty { scripts.append(operands.removeFirst()) }
        files = operands
    }

    private mutating func take(_ text: String, as value: Value) {
        switch value {
        case .script: scripts.append(text)
        case .scriptFile: readsScriptFile = true
        case .length: break
        }
    }

    /// `--expression=p`; names may be cut short.
    private mutating func takeLong(_ option: Substring) -> Value? {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        let wanted: Value
        switch name {
        case _ where "in-place".hasPrefix(name):
            editsInPlace = true
            return nil
        case _ where "expression".hasPrefix(name): wanted = .script
        case _ where "file".hasPrefix(name): wanted = .scriptFile
        case _ where "line-length".hasPrefix(name): wanted = .length
        default: return nil
        }
        guard parts.count > 1 else { return wanted }
        take(String(parts[1]), as: wanted)
        return nil
    }

    /// `-ne`: options of a letter, the last of which may have a value.
    private mutating func takeCluster(_ letters: Substring) -> Value? {
        for (place, letter) in zip(letters.indices, letters) {
            let rest = letters[letters.index(after: place)...]
            let wanted: Value
            switch letter {
            case "i":
                editsInPlace = true
                return nil
            case "e": wanted = .script
            case "f": wanted = .scriptFile
            case "l": wanted = .length
            default: continue
            }
            guard !rest.isEmpty else { return wanted }
            take(String(rest), as: wanted)
            return nil
        }
        return nil
    }

    /// It runs nothing, and writes no file but those that it edits in place.
    var onlyTransforms: Bool {
        guard !readsScriptFile, !scripts.isEmpty else { return false }
        var script = SedScript(scripts.joined(separator: "\n"))
        return script.onlyTransforms()
    }
}
