import CBranch
import Synchronization

/// A command that runs in a branch: what it has written, what it felt, and who waits for its end.
///
/// It is over when the host has said so and its output has ended.
final class BranchTask: Sendable {
    let id: UInt32
    private let onFelt: @Sendable (BranchRun.Restriction) -> Void

    private struct State {
        var output: BoundedText
        var isOutputOpen: Bool
        var end: Result<BranchRun.Result, BranchFailure>?
        var felt: Set<BranchRun.Restriction> = []
        var waiter: CheckedContinuation<Result<BranchRun.Result, BranchFailure>, Never>?
    }

    private let state: Mutex<State>

    init(
        id: UInt32, outputLimit: Int, isOutputOpen: Bool, onFelt: @escaping @Sendable (BranchRun.Restriction) -> Void
    ) {
        self.id = id
        self.onFelt = onFelt
        state = Mutex(State(output: BoundedText(limit: outputLimit), isOutputOpen: isOutputOpen))
    }

    /// Whether it has ended and all its output is here.
    var isOver: Bool { state.withLock { !$0.isOutputOpen && $0.end != nil } }

    func wait() async -> Result<BranchRun.Result, BranchFailure> {
        await withCheckedContinuation { continuation in
            change { $0.waiter = continuation }
        }
    }

    // MARK: - From the thread of the host

    func wrote(_ bytes: UnsafeRawBufferPointer) { state.withLock { $0.output.append(bytes) } }

    func outputEnded() { change { $0.isOutputOpen = false } }

    func felt(_ restriction: BranchRun.Restriction) {
        let isNew = state.withLock { $0.felt.insert(restriction).inserted }
        if isNew { onFelt(restriction) }
    }

    func failed(_ failure: BranchFailure) { change { if $0.end == nil { $0.end = .failure(failure) } } }

    func ended(_ message: BranchMessage) {
        let status = message["exit"].flatMap { Int32($0) } ?? message["signal"].flatMap { Int32($0) }.map { 128 + $0 }
        for what in message.all("felt").compactMap({ BranchRun.Restriction(rawValue: $0) }) { felt(what) }
        change { state in
            guard state.end == nil else { return }
            guard let status else {
                state.end = .failure(BranchFailure(reason: "the helper did not say how the command ended"))
                return
            }
            state.end = .success(
                BranchRun.Result(output: "", status: status, felt: state.felt, made: message.all("made")))
        }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let resumption = state.withLock {
            state -> (
                CheckedContinuation<Result<BranchRun.Result, BranchFailure>, Never>,
                Result<BranchRun.Result, BranchFailure>
            )? in
            body(&state)
            guard !state.isOutputOpen, let end = state.end, let waiter = state.waiter else { return nil }
            state.waiter = nil
            let text = state.output.text
            return (waiter, end.map { BranchRun.Result(output: text, status: $0.status, felt: $0.felt, made: $0.made) })
        }
        if let (waiter, end) = resumption { waiter.resume(returning: end) }
    }
}
