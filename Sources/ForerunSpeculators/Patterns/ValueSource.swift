/// Where values come from, independent of the run: a place in outputs of a tool, an argument, words of the user.
struct ValueSource: Sendable, Hashable {
    enum Kind: UInt8, Sendable, Hashable {
        /// A value in an output.
        case output
        /// A key in an output that is data, an id or a title.
        case key
        /// An earlier argument.
        case argument
        /// Words of the user.
        case user
        /// Words of an output that is text.
        case text
    }

    let kind: Kind
    /// Empty for words of the user.
    let tool: String
    /// Names of members with `.`, `[]` for the elements of a list and `.{}` for those of a map; the shape of words.
    let path: String
    let hash: FeatureHash

    init(kind: Kind, tool: String, path: String, hash: FeatureHash) {
        self.kind = kind
        self.tool = tool
        self.path = path
        self.hash = hash
    }

    init(kind: Kind, tool: String, path: String) {
        self.init(
            kind: kind, tool: tool, path: path,
            hash: Self.hash(kind, tool: Naming.name(tool), path: Naming.name(path)))
    }

    @inline(__always)
    static func hash(_ kind: Kind, tool: FeatureHash, path: FeatureHash) -> FeatureHash {
        Naming.combine(UInt64(kind.rawValue) &+ 1, tool, path)
    }

    /// Days that the user named, as month and day.
    static let day = ValueSource(kind: .user, tool: "", path: "day")
}

/// One appearance of a value. A plain value: numbers instead of references keep copies of an index cheap.
struct Occurrence: Sendable {
    var source: Int32
    var sourceHash: FeatureHash
    var kind: ValueSource.Kind
    var value: Int32
    var event: Int32
    /// Its place in the innermost list or map, and how many there are.
    var rank: Int32
    var count: Int32
    /// The object around it; -1: none.
    var owner: Int32
    /// The name of the member that it is the value of; -1: none.
    var field: Int32
    /// The occurrences before it of the same source, and of the same value; -1: none.
    var previousOfSource: Int32 = -1
    var previousOfValue: Int32 = -1

    /// What appeared together: the occurrences of one source at one event.
    @inline(__always) var group: UInt64 { UInt64(UInt32(bitPattern: event)) << 32 | UInt64(UInt32(bitPattern: source)) }
}
