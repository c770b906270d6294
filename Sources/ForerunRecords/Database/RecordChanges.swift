/// What became of a record.
package enum RecordChange: Sendable, Hashable {
    case set(RecordValue)
    case removed

    package var value: RecordValue? {
        if case .set(let value) = self { value } else { nil }
    }

    package init(_ value: RecordValue?) {
        if let value { self = .set(value) } else { self = .removed }
    }
}

/// Records that were set or removed, each with its last change, in the order of their first.
package struct RecordChanges: Sendable, Hashable {
    package private(set) var keys: [RecordKey] = []
    private var changes: [RecordKey: RecordChange] = [:]

    package init() {}

    package var isEmpty: Bool { keys.isEmpty }

    package subscript(key: RecordKey) -> RecordChange? { changes[key] }

    package mutating func record(_ change: RecordChange, of key: RecordKey) {
        if changes.updateValue(change, forKey: key) == nil { keys.append(key) }
    }
}
