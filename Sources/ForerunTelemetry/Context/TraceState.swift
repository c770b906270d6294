/// What other systems want to be handed on with a trace (W3C Trace Context, level 1, section 3.3): pairs in order, the
/// last one that wrote first.
package struct TraceState: Sendable, Hashable, CustomStringConvertible {
    package struct Member: Sendable, Hashable {
        package let key: String
        package let value: String
    }

    private static let mostMembers = 32

    package private(set) var members: [Member] = []

    package init() {}

    /// Reads the field `tracestate`; fields that were sent repeatedly are joined with commas before.
    ///
    /// - Returns: `nil` where any of it is not valid: then none of it may be used.
    package init?(_ text: String) {
        for item in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            // Optional white space is a blank or a tab, around members, which may be empty.
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            var item = item.drop(while: isBlank)
            while let last = item.last, isBlank(last) { item.removeLast() }
            if item.isEmpty { continue }
            guard let equals = item.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let (key, value) = (item[..<equals], item[item.index(after: equals)...])
            guard Self.isKey(Array(key)), Self.isValue(Array(value)), let key = String(key), let value = String(value),
                members.count < Self.mostMembers, !members.contains(where: { $0.key == key })
            else { return nil }
            members.append(Member(key: key, value: value))
        }
    }

    package var isEmpty: Bool { members.isEmpty }
    package var description: String { members.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }

    /// A name that begins with a letter, or the name of a tenant, `@`, and that of a system.
    private static func isKey(_ key: [UInt8]) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard parts.allSatisfy({ $0.allSatisfy { letters ~= $0 || digits ~= $0 || "_-*/".utf8.contains($0) } }) else {
            return false
        }
        switch parts.count {
        case 1: return (1...256).contains(key.count) && letters ~= key[0]
        case 2:
            guard let first = parts[0].first, let system = parts[1].first else { return false }
            return parts[0].count <= 241 && (letters ~= first || digits ~= first) && parts[1].count <= 14
                && letters ~= system
        default: return false
        }
    }

    private static func isValue(_ value: [UInt8]) -> Bool {
        // A blank at the end was taken for white space around the member.
        (1...256).contains(value.count)
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }
}
