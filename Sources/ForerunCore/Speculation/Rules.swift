/// The rules that the promises rest on. They always hold; tests switch one off at a time to see that its absence is
/// noticed (mutants).
package struct Rules: Sendable, Hashable {
    /// An answer belongs to (turn, request), not to the bytes alone.
    package var turnIsPartOfKey = true
    /// A child world belongs to the execution that made it, not to its call.
    package var worldBelongsToExecution = true
    /// Changes by others, and age, end the life of a read.
    package var readsGoStale = true
    /// Outside reads from before a message, an approval or an external call are not used after it.
    package var causesPrecedeEffects = true
    /// No outside read is older than one that is already in the transcript.
    package var readsNeverRunBackwards = true
    /// External calls wait for their place on the path.
    package var externalCallsWait = true
    /// An external call whose outcome is unknown is not tried again.
    package var unknownOutcomesStand = true
    /// Cancelled work holds its slot until it is over.
    package var slotsUntilEnded = true
    /// The real call starts at once beside a restricted one that was promoted.
    package var hedges = true
    /// What failed or was tainted ahead is not tried ahead again.
    package var failuresAheadAreBarred = true
    /// Calls that need an approval never run ahead.
    package var approvedCallsWait = true
    /// A layer is discarded only once nobody works in it.
    package var discardsAfterEnd = true
    /// Reads survive a commit only where it did not touch them.
    package var writesEndReads = true
    /// Shadow work is admitted only if its greatest cost fits under the limit.
    package var costIsReserved = true
    /// The first outcome of a tainted execution is not used.
    package var taintedOutputsAreDropped = true

    /// What changes a world waits for the calls before it, and those after it wait for it.
    package var barriersHold = true
    /// What was committed is durable before anything external that may depend on it.
    package var commitsPrecedeExternalCalls = true
    /// What was committed is durable before a person is asked.
    package var commitsPrecedeApprovals = true
    /// A call that the user refuses is not made.
    package var denialsHold = true
    /// Worlds that nobody needs are discarded.
    package var unusedWorldsAreDiscarded = true

    package init() {}
}
