import ForerunCore

extension ForerunCore.Environment {
    /// The world that a run goes on in: where it did not outlive the process, it is made again of the committed calls.
    ///
    /// - Returns: its id, which no world of the run so far had.
    func restored(_ past: Resumption, _ book: any CallBook) async throws(EnvironmentFailure) -> WorldID {
        var world = WorldID.initial
        guard !outlivesProcess else { return world }
        // Worlds of runs have numbers above zero.
        var next = -1
        for (number, turn) in past.turns.enumerated() {
            for taken in turn.outputs where turn.answer.calls.indices.contains(taken.index) {
                let call = turn.answer.calls[taken.index]
                // What was not allowed was not made.
                guard case .perform(let traits) = book.judge(call).verdict, traits.effect == .contained,
                    taken.output != .denied, taken.output != .unknown
                else { continue }
                let child = WorldID(next)
                next -= 1
                try await fork(world, as: child)
                let output: Output
                do throws(CallFailure) {
                    output = try await perform(call, in: child, context: CallContext()).output
                } catch {
                    throw Self.lost(number, call, "\(error)")
                }
                guard output == taken.output else { throw Self.lost(number, call, "it returned something else") }
                try await commit(child)
                if world != .initial { await discard(world) }
                world = child
            }
        }
        return world
    }

    private static func lost(_ turn: Int, _ call: Call, _ reason: String) -> EnvironmentFailure {
        EnvironmentFailure(
            .failed, "the world cannot be made again as it was: \(call.name) in turn \(turn + 1): \(reason)",
            remedy: "Begin a new run; forerun show tells how far this one had come")
    }
}
