import ForerunCore

/// A call whose arguments are still arriving.
struct PendingCall: Sendable {
    /// What the server calls it. Servers number all calls 0, or give all the same id; see ``ChatStreamDecoder``.
    let serverIndex: Int
    var id: String
    var name = ""
    /// What the server wants back with it.
    var extra: String?
    private(set) var arguments: [UInt8] = []
    private(set) var boundary = ObjectBoundary()

    init(serverIndex: Int, id: String) {
        self.serverIndex = serverIndex
        self.id = id
    }

    /// Adds a piece of the arguments. What follows a complete object is dropped: the first object stands, however the
    /// text was cut.
    mutating func append(_ bytes: some Collection<UInt8>) {
        guard !boundary.isComplete else { return }
        arguments += bytes.prefix(boundary.scan(bytes))
    }

    /// The call that it has become. Arguments that are missing mean none.
    var call: Call {
        if boundary.isEmpty { return Call(name) }
        if let arguments = try? JSON(parsing: arguments) {
            if arguments.objectValue != nil { return Call(name, arguments) }
            if arguments.isNull { return Call(name) }
        }
        return Call(name, malformed: String(decoding: arguments, as: UTF8.self))
    }
}
