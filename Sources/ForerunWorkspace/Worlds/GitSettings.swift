/// Settings in a configuration file of git that make it run programs, or that are not known to run none.
///
/// Source: git-config(1). Only well-known harmless settings are let through; what cannot be read with certainty is not.
enum GitSettings {
    private static let harmless: [String: Set<String>] = [
        "core": [
            "repositoryformatversion", "filemode", "bare", "logallrefupdates", "ignorecase", "precomposeunicode",
            "symlinks", "autocrlf", "eol", "safecrlf", "abbrev", "quotepath", "compression", "sparsecheckout",
            "sparsecheckoutcone", "untrackedcache",
        ],
        "extensions": ["objectformat", "worktreeconfig", "partialclone", "refstorage"],
        "remote": ["url", "pushurl", "fetch", "push", "prune", "tagopt", "promisor", "partialclonefilter", "mirror"],
        "branch": ["remote", "merge", "rebase", "pushremote", "description"],
        "submodule": ["url", "active", "branch", "ignore"],
        "user": ["name", "email"],
        "init": ["defaultbranch"],
        "pull": ["rebase", "ff"],
        "push": ["default", "autosetupremote", "followtags"],
        "fetch": ["prune", "prunetags"],
        "merge": ["ff", "conflictstyle"],
        "rerere": ["enabled", "autoupdate"],
        "gc": ["auto", "autodetach"],
    ]

    /// One line for each that is not harmless.
    static func programs(in content: [UInt8]) -> Set<String> {
        var section = ""
        var result: Set<String> = []
        // A string would take a carriage return and the line feed after it for one character.
        for (number, bytes) in content.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            var line = trim(String(decoding: bytes, as: UTF8.self)[...])
            // It goes on in the next line, or only seems to.
            if line.hasSuffix("\\") { result.insert("\(number) \(line)") }
            if line.hasPrefix("[") {
                guard let end = line.lastIndex(of: "]") else {
                    result.insert(String(line))
                    continue
                }
                let name = line[line.index(after: line.startIndex)..<end]
                section = name.prefix { $0 != " " && $0 != "\"" && $0 != "." }.lowercased()
                line = trim(line[line.index(after: end)...])
                // Brackets in the name: which one ends it is not clear.
                if name.contains(where: { "[]\\".contains($0) }) { result.insert("\(number) \(name)") }
            }
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            let key = trim(line.prefix { $0 != "=" }).lowercased()
            let value = trim(line.drop { $0 != "=" }.dropFirst())
            let isHarmless = harmless[section]?.contains(key) == true && !value.lowercased().contains("ext::")
            if !isHarmless { result.insert("\(section).\(key)=\(value)") }
        }
        return result
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
