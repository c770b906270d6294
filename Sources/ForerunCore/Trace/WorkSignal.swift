/// What only the driver of a run knows of its work: which model was asked, when the first piece of its answer came, and when
/// it was over.
///
/// Beside ``RunEvent``, for those who measure. No decision depends on it. What a signal is about has its event in the same
/// step, after it.
package enum WorkSignal: Sendable, Hashable {
    /// A request to the model that plays a role now; its ``RunEvent/asked(work:turn:lane:attempt:)`` came before.
    case asking(work: Int, role: String, model: String)
    /// A speculator that has a model or an engine behind it was asked about a turn.
    case guessing(work: Int, turn: Int, source: String, model: String?)
    /// The first piece of an answer.
    case firstChunk(work: Int)
    /// It is over, whatever comes of it: once for all work that began.
    case ended(work: Int, failure: Failure?)

    package struct Failure: Sendable, Hashable {
        /// One of few words: `timed_out`.
        package var kind: String
        /// HTTP status, where there was a response.
        package var status: Int?

        package init(_ kind: String, status: Int? = nil) {
            self.kind = String(kind.map { $0 == " " ? "_" : $0 })
            self.status = status
        }
    }
}

extension Event {
    /// Why work that is over with this event has failed; `nil`: it has not, or was cancelled.
    package var failure: WorkSignal.Failure? {
        switch self {
        case .answerFailed(_, let failure) where failure.kind != .cancelled:
            WorkSignal.Failure(failure.kind.description, status: failure.status)
        case .callFailed(_, let failure) where failure.kind != .cancelled:
            WorkSignal.Failure(failure.kind.description)
        case .branchFailed: WorkSignal.Failure("branch failed")
        default: nil
        }
    }
}
