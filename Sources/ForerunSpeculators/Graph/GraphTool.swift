package import ForerunCore
import OrderedCollections

/// A tool as the graph sees it: its arguments, and which sources may feed them, by its schema.
package struct GraphTool: Sendable {
    let name: String
    let properties: [String]
    let required: [String]
    private let types: [String: String]
    private let words: [String: [String]]

    package init(_ tool: Tool) {
        name = tool.name
        let members = tool.parameters["properties"]?.objectValue ?? [:]
        properties = Array(members.keys)
        required = tool.parameters["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        types = members.reduce(into: [:]) { types, member in types[member.key] = member.value["type"]?.stringValue }
        words = members.reduce(into: [:]) { words, member in words[member.key] = GraphSource.words(member.key) }
    }

    /// Whether an argument may have this value, by the type that the schema states.
    func accepts(_ value: JSON, for argument: String) -> Bool {
        switch (types[argument], value) {
        case ("string", .string), ("boolean", .bool), ("number", .number), ("array", .array), ("object", .object): true
        case ("integer", .number(let number)): number.intValue != nil
        case (nil, _): true
        default: false
        }
    }

    /// How probable it is that a source feeds an argument, by their names alone, 0…1.
    func fit(of source: GraphSource, for argument: String) -> Double {
        let wanted = words[argument] ?? GraphSource.words(argument)
        guard let last = wanted.last else { return 0 }
        switch source.kind {
        case .address: return wanted.contains("email") || wanted.contains("mail") ? 0.6 : 0
        case .word: return 0
        case .number: return ["id", "number", "code", "zip", "key"].contains(last) ? 0.2 : 0
        case .field:
            if source.words == wanted { return 0.5 }
            // `orders[]` for `order_id`, `id` under `user` for `user_id`
            if source.isList, last == "id", wanted.dropLast().elementsEqual(source.words) { return 0.4 }
            if source.parent + source.words == wanted { return 0.4 }
            return source.words.last == last ? 0.1 : 0
        }
    }
}

/// Where values are taken from, by its name: `TOOL .path.of.fields`, `user SHAPE`, `text TOOL SHAPE`, `argument TOOL .name`.
package struct GraphSource: Sendable {
    enum Kind: Sendable {
        case field
        /// Words of a person or a text, by their shape.
        case address
        case number
        case word
    }

    let kind: Kind
    /// Of the last field of its path, and of the one before.
    let words: [String]
    let parent: [String]
    let isList: Bool

    init(_ name: String) {
        let parts = name.split(separator: " ")
        let last = parts.last ?? ""
        if parts.first == "user" || parts.first == "text" {
            kind = last == "@" ? .address : last.utf8.contains(UInt8(ascii: "9")) ? .number : .word
            words = []
            parent = []
            isList = false
        } else {
            let path = last.split(separator: ".")
            kind = .field
            words = path.last.map { Self.words($0) } ?? []
            parent = path.dropLast().last.map { Self.words($0) } ?? []
            isList = last.hasSuffix("[]")
        }
    }

    /// `["order", "id"]` of `orderId`, `order_ids[]`, `order-id`.
    static func words(_ name: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var wasSmall = false
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word = []
        }
        for byte in name.utf8 {
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte >= 0x80
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if !isCapital && !isSmall && !isDigit || isCapital && wasSmall { end() }
            if isCapital || isSmall || isDigit { word.append(isCapital ? byte | 0x20 : byte) }
            wasSmall = isSmall
        }
        end()
        // Many are called as one is.
        if let last = words.last, last.utf8.count > 2, last.hasSuffix("s") {
            words[words.count - 1] = String(last.dropLast())
        }
        return words
    }
}
