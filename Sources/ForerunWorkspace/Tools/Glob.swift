/// A file name pattern: `*` and `?` within a name, `**` across directories, `[a-z]`, `{a,b}`.
package struct Glob: Sendable {
    private let alternatives: [[UInt8]]
    /// Without a slash the pattern is for the last component, wherever it is.
    private let isForNames: Bool

    package init(_ pattern: String) {
        var pattern = pattern[...]
        if pattern.hasPrefix("./") { pattern = pattern.dropFirst(2) }
        if pattern.hasPrefix("/") { pattern = pattern.dropFirst() }
        isForNames = !pattern.contains("/")
        // Braces multiply: a bound keeps a pattern from growing without end.
        alternatives = Array(Self.expand(Array(pattern.utf8)).prefix(256))
    }

    package func matches(_ path: RelativePath) -> Bool {
        let bytes = isForNames ? Array(path.name) : path.bytes
        return alternatives.contains { Self.match($0[...], bytes[...]) }
    }

    private static func expand(_ pattern: [UInt8], depth: Int = 0) -> [[UInt8]] {
        guard depth < 8, let open = pattern.firstIndex(of: UInt8(ascii: "{")) else { return [pattern] }
        var parts: [[UInt8]] = [[]]
        var level = 0
        for index in (open + 1)..<max(pattern.count, open + 1) {
            switch (pattern[index], level) {
            case (UInt8(ascii: "}"), 0):
                let tails = expand(Array(pattern[(index + 1)...]), depth: depth + 1)
                return parts.flatMap { part in
                    expand(part, depth: depth + 1).flatMap { part in tails.map { pattern[..<open] + part + $0 } }
                }
            case (UInt8(ascii: ","), 0): parts.append([])
            case (let byte, _):
                if byte == UInt8(ascii: "{") { level += 1 }
                if byte == UInt8(ascii: "}") { level -= 1 }
                parts[parts.count - 1].append(byte)
            }
        }
        return [pattern]
    }

    private static func match(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        // Where to go on after a mismatch: behind the last star, one byte further each time.
        var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while true {
            if pattern.starts(with: "**".utf8) {
                var rest = pattern.dropFirst(2)
                if rest.first == slash { rest = rest.dropFirst() }
                if rest.isEmpty { return true }
                // At every start of a component, this one included.
                var start = text
                while true {
                    if match(rest, start) { return true }
                    guard let next = start.firstIndex(of: slash) else { return false }
                    start = start[(next + 1)...]
                }
            }
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (pattern, text)
                continue
            }
            if let byte = text.first, let rest = step(pattern, byte) {
                pattern = rest
                text = text.dropFirst()
                continue
            }
            if pattern.isEmpty, text.isEmpty { return true }
            guard let last = retry, let skipped = last.text.first, skipped != slash else { return false }
            retry = (last.pattern, last.text.dropFirst())
            pattern = last.pattern
            text = last.text.dropFirst()
        }
    }

    /// The rest of the pattern where its first element matches `byte`.
    private static func step(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        guard let first = pattern.first else { return nil }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "?"): return byte == slash ? nil : rest
        case UInt8(ascii: "\\"):
            guard let escaped = rest.first else { return byte == first ? rest : nil }
            return byte == escaped ? rest.dropFirst() : nil
        case UInt8(ascii: "["):
            guard let (contains, after) = bracket(rest, byte) else { return byte == first ? rest : nil }
            return contains && byte != slash ? after : nil
        default: return byte == first ? rest : nil
        }
    }

    private static func bracket(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> (Bool, ArraySlice<UInt8>)? {
        let isNegated = pattern.first == UInt8(ascii: "!") || pattern.first == UInt8(ascii: "^")
        let set = isNegated ? pattern.dropFirst() : pattern
        guard let end = set.dropFirst().firstIndex(of: UInt8(ascii: "]")) else { return nil }
        var items = set[..<end]
        var contains = false
        while let low = items.popFirst() {
            if items.first == UInt8(ascii: "-"), let high = items.dropFirst().first {
                items = items.dropFirst(2)
                contains = contains || (low <= high && (low...high).contains(byte))
            } else {
                contains = contains || low == byte
            }
        }
        return (contains != isNegated, set[(end + 1)...])
    }

    private static let slash = UInt8(ascii: "/")
}
