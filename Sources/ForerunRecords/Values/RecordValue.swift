/// A value in a record: JSON as Python reads it, whole numbers and fractions apart, members in order.
///
/// The core's `JSON` takes `46` and `46.0` for one number. The recorded tools do not: they write back what they read.
package enum RecordValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(RecordNumber)
    case string(String)
    case array([RecordValue])
    case object(RecordMembers)
}

extension RecordValue {
    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var numberValue: RecordNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    package var arrayValue: [RecordValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var objectValue: RecordMembers? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The member `key` of an object.
    ///
    /// Setting keeps the place of a member that exists and appends one that does not; `nil` removes it. On a value that
    /// is no object, getting gives `nil` and setting does nothing.
    package subscript(key: String) -> RecordValue? {
        get { objectValue?[key] }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }

    /// An object of these members, in this order.
    package init(members: KeyValuePairs<String, RecordValue>) {
        self = .object(RecordMembers(members.map { ($0.key, $0.value) }))
    }
}

extension RecordValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(.whole(value)) }
}
