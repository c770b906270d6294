import ForerunCore

/// The calls of an answer whose server says which call each piece belongs to, and when a call is over.
///
/// Calls are sealed in order, each once: when its arguments are a balanced object, when the server says that it is over, and
/// at the latest with the answer.
struct CallList: Sendable {
    /// More calls than any model makes in one answer.
    static let limit = 1024
    static let tooMany = ModelFailure(.malformed, "The server sent more than \(limit) calls in one answer")

    private var pending: [PendingCall] = []
    private var isOver: [Bool] = []
    private(set) var sealed: [Call] = []

    var count: Int { pending.count }
    var hasNameless: Bool { pending.contains { $0.name.isEmpty } }

    /// - Returns: the number of the call.
    mutating func start(_ name: String, id: String = "", _ emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Int {
        guard pending.count < Self.limit else { throw Self.tooMany }
        var call = PendingCall(serverIndex: pending.count, id: id)
        call.name = name
        pending.append(call)
        isOver.append(false)
        emit(.callStarted(index: pending.count - 1, name: name))
        return pending.count - 1
    }

    /// Whether the call has no arguments yet.
    func isEmpty(_ index: Int) -> Bool { pending[index].boundary.isEmpty }

    mutating func append(_ bytes: some Collection<UInt8>, to index: Int, _ emit: (AnswerDelta) -> Void) {
        guard index >= sealed.count else { return }
        pending[index].append(bytes)
        sealReady(emit)
    }

    /// The server says that nothing more of this call will come.
    mutating func end(_ index: Int, _ emit: (AnswerDelta) -> Void) {
        isOver[index] = true
        sealReady(emit)
    }

    mutating func endAll(_ emit: (AnswerDelta) -> Void) {
        for index in isOver.indices { isOver[index] = true }
        sealReady(emit)
    }

    private mutating func sealReady(_ emit: (AnswerDelta) -> Void) {
        while sealed.count < pending.count, isOver[sealed.count] || pending[sealed.count].boundary.isComplete {
            let call = pending[sealed.count].call
            sealed.append(call)
            emit(.callSealed(index: sealed.count - 1, call))
        }
    }
}
