/// What a driver must do. Drivers decide nothing: they execute commands, in order, and report events.
package enum Command: Sendable {
    /// Ask a model. - Parameter isWatched: calls are of interest as they stream, not only text.
    case ask(WorkID, ModelRequest, lane: Lane, attempt: Int, isWatched: Bool)
    /// Ask speculator number `speculator`.
    case predict(WorkID, speculator: Int, SpeculationContext)
    /// Make a child world; the `perform` that follows waits for it.
    case fork(WorldID, from: WorldID)
    /// Perform a call in a world, after the world is ready.
    case perform(WorkID, Call, in: WorldID, lane: Lane, isRestricted: Bool, attempt: Int)
    /// Shadow work has become authoritative: lift its restrictions.
    case promote(WorkID)
    /// End this work; `workEnded` (or the end it came to meanwhile) must follow.
    case cancel(WorkID)
    /// Adopt a world. Commits are executed in order.
    case commit(WorldID)
    /// Nobody works in this world any more, and nobody needs it.
    case discard(WorldID)
    /// Note what happened, before any command that follows.
    case record(RunEvent)
    /// Show the user text of an answer that is confirmed to be on the path.
    case release(Release)
    case requestApproval(ApprovalID, Call)
    /// From now on, this role is played by its model of that number, the first being 0.
    case substitute(role: String, Int)
    /// Report `woke` at this time.
    case wake(Alarm, at: Double)
    /// Tell the speculators what really came.
    case observe(Turn, after: SpeculationContext)
    /// The run waits for a message of the user.
    case awaitMessage
    /// The run is decided. Work that is being ended still reports.
    case finish(RunEnd)
}

/// Text for the user.
package enum Release: Sendable, Hashable {
    case text(String, turn: Int)
    /// The answer failed: what was shown of it does not count.
    case withdrawn(turn: Int)
}

/// How a run ended.
package enum RunEnd: Sendable, Hashable {
    case finished
    case limit(Limits.Kind)
    case endpointFailed(ModelFailure)
    case environmentFailed(EnvironmentFailure)
    case interrupted
}
