import ForerunCore

/// The arguments of a call, as the tools read them.
struct RecordArguments {
    private let members: RecordMembers

    init(_ call: Call) {
        let value = try? RecordValue(parsing: call.arguments.text.utf8)
        members = value?.objectValue ?? RecordMembers()
    }

    /// The argument, which must be there.
    func value(_ name: String) throws(ToolStop) -> RecordValue {
        guard let value = members[name] else { throw .refused("the argument '\(name)' is missing") }
        return value
    }

    func string(_ name: String) throws(ToolStop) -> String {
        guard let text = try value(name).stringValue else { throw .refused("the argument '\(name)' must be a string") }
        return text
    }

    func number(_ name: String) throws(ToolStop) -> RecordNumber {
        guard let number = try value(name).numberValue else {
            throw .refused("the argument '\(name)' must be a number")
        }
        return number
    }

    func array(_ name: String) throws(ToolStop) -> [RecordValue] {
        guard let elements = try value(name).arrayValue else {
            throw .refused("the argument '\(name)' must be an array")
        }
        return elements
    }

    func strings(_ name: String) throws(ToolStop) -> [String] {
        let elements = try array(name)
        let strings = elements.compactMap(\.stringValue)
        guard strings.count == elements.count else {
            throw .refused("the argument '\(name)' must be an array of strings")
        }
        return strings
    }
}

extension RecordValue {
    /// The member `name` of an element of an argument, which must be a string.
    func string(_ name: String) throws(ToolStop) -> String {
        guard let text = self[name]?.stringValue else { throw .refused("'\(name)' is missing or no string") }
        return text
    }

    /// The member `name` of an element of an argument, which must be a number.
    func number(_ name: String) throws(ToolStop) -> RecordNumber {
        guard let number = self[name]?.numberValue else { throw .refused("'\(name)' is missing or no number") }
        return number
    }
}
