import Synchronization

/// The rules of chess, asked of an engine that is used for nothing else, with a memory.
package final class ChessRules: Sendable {
    /// Entries until the memory is emptied: some 1 KB each.
    private static let capacity = 20_000

    package let engines: EnginePool
    private let maxPlies: Int?
    private let known = Mutex<[EnginePosition: PositionFacts]>([:])

    package init(program: String = "stockfish", maxPlies: Int? = nil) {
        engines = EnginePool(UCIEngine.Options(program: program, hash: 1))
        self.maxPlies = maxPlies
    }

    /// The game before its first move.
    package func start(_ start: FEN?) async throws(EngineFailure) -> GameState {
        if let flipped = start?.withOtherSideToMove, try await facts(of: EnginePosition(start: flipped)).isCheck {
            throw EngineFailure(
                .impossiblePosition, "the side that has just moved is in check in '\(start?.text ?? "")'",
                remedy: "Check whose turn it is in the FEN.")
        }
        return try await GameState(start: start, facts: facts(of: EnginePosition(start: start)), maxPlies: maxPlies)
    }

    /// The game after `move`, which must be one of the legal ones.
    package func play(_ move: String, in game: GameState) async throws(EngineFailure) -> GameState {
        let position = game.position(after: move)
        return try await game.advanced(to: position, facts: facts(of: position), maxPlies: maxPlies)
    }

    package func shutdown() async { await engines.shutdown() }

    /// A question to the rules changes nothing, so it is put once more to a fresh process when the first one dies.
    private func facts(of position: EnginePosition) async throws(EngineFailure) -> PositionFacts {
        if let facts = known.withLock({ $0[position] }) { return facts }
        let facts: PositionFacts
        do {
            facts = try await ask(position)
        } catch {
            guard error.kind == .died else { throw error }
            facts = try await ask(position)
        }
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll() }
            known[position] = facts
        }
        return facts
    }

    private func ask(_ position: EnginePosition) async throws(EngineFailure) -> PositionFacts {
        try await engines.withEngine { (engine) async throws(EngineFailure) in try await engine.inspect(position) }
    }
}
