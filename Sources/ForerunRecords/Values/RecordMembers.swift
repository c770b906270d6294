/// The members of an object in the order in which they were written.
///
/// Looked up one by one: the objects of these records have at most some thirty members.
package struct RecordMembers: Sendable, Hashable, RandomAccessCollection {
    private struct Member: Sendable, Hashable {
        let key: String
        var value: RecordValue
    }

    private var members: [Member] = []

    package init() {}

    /// A member that comes twice keeps its last value, in the place of the first.
    package init(_ members: some Sequence<(String, RecordValue)>) {
        var known: Set<String> = []
        for (key, value) in members {
            if known.insert(key).inserted {
                self.members.append(Member(key: key, value: value))
            } else {
                self[key] = value
            }
        }
    }

    package var startIndex: Int { members.startIndex }
    package var endIndex: Int { members.endIndex }
    package subscript(position: Int) -> (key: String, value: RecordValue) {
        (members[position].key, members[position].value)
    }

    package subscript(key: String) -> RecordValue? {
        get { index(of: key).map { members[$0].value } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Whether there is a member `key`.
    package func has(_ key: String) -> Bool { index(of: key) != nil }

    private func index(of key: String) -> Int? { members.firstIndex { $0.key == key } }
}
