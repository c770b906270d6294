package import ForerunCore

/// Why a run asks no question ahead, whatever its mode.
package enum LookAheadRestriction {
    /// The reason, in words; `nil`: questions may be asked ahead.
    ///
    /// A question follows a guessed turn. Where the next request must hold what only the provider can have written, a guessed
    /// turn never makes it: each question asked ahead would be lost, so that only tools run ahead.
    package static func reason(_ program: any Program, _ models: some Sequence<any Model>) -> String? {
        // Roles that see the last entry only are shown no turns.
        if case .ask(let request) = program.next(after: Transcript([.message("")])), request.view == .lastEntry {
            return nil
        }
        let echoing = models.compactMap { model in model.mustEcho.map { "\(model.id) wants its \($0) back" } }
        guard let first = echoing.min() else { return nil }
        return "\(first), so that nothing can be asked before its answer is there"
    }
}

extension SpeculationPolicy {
    /// The policy under a restriction; `nil`: as it is.
    package func restricted(_ reason: String?) -> SpeculationPolicy {
        guard reason != nil, mode == .full else { return self }
        var policy = self
        policy.mode = .tools
        return policy
    }
}
