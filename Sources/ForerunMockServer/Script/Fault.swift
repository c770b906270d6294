/// Something that goes wrong on purpose.
package struct Fault: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Not a byte, until the client gives up.
        case hang
        /// Silence after that many chunks.
        case stall(after: Int)
        /// The connection is reset after that many chunks.
        case reset(after: Int)
        /// An error response; `code` goes into its body, `retryAfter` (seconds) into its headers.
        case status(Int, retryAfter: Double?, code: String?)
        /// Half the answer, then a clean end without `[DONE]`.
        case half
        /// A data line that is no JSON amid the answer.
        case garbage
        /// The arguments of every call break off.
        case malformedArguments
        /// `"arguments": null`, and nothing after it.
        case nullArguments
        /// A usage report without a single number.
        case emptyUsage
    }

    /// Which requests it befalls.
    package enum Place: Sendable, Hashable {
        case anywhere
        /// Requests at this step, the first being 0.
        case step(Int)
        /// From this request to the model on, the first being 1.
        case request(Int)
    }

    package var kind: Kind
    package var place: Place
    /// How many requests it befalls; `nil`: all of them.
    package var times: Int?

    package init(_ kind: Kind, at place: Place = .anywhere, times: Int? = 1) {
        self.kind = kind
        self.place = place
        self.times = times
    }

    /// The name that scripts and logs use.
    package var name: String {
        switch kind {
        case .hang: "hang"
        case .stall: "stall"
        case .reset: "reset"
        case .status: "status"
        case .half: "half"
        case .garbage: "garbage"
        case .malformedArguments: "malformed_arguments"
        case .nullArguments: "null_arguments"
        case .emptyUsage: "empty_usage"
        }
    }
}

/// A habit of local servers that a decoder must tolerate. It changes the form of an answer, never its meaning.
package enum Quirk: String, Sendable, Hashable, CaseIterable {
    /// All calls have index 0; only a new id tells them apart (vLLM, SGLang).
    case indexZero = "index_zero"
    /// Later fragments of a call carry `"id": ""`.
    case emptyIDs = "empty_ids"
    /// Name and whole arguments in one fragment (Ollama).
    case wholeCall = "whole_call"
}

/// Counts requests and decides which of them meet a fault.
struct FaultCounter: Sendable {
    private var requests = 0
    private var hits: [Int]
    private let faults: [Fault]

    init(_ faults: [Fault]) {
        self.faults = faults
        hits = Array(repeating: 0, count: faults.count)
    }

    /// The fault that befalls the next request, if any. Of several the first one counts.
    mutating func next(step: Int) -> Fault? {
        requests += 1
        for (index, fault) in faults.enumerated() {
            let matches =
                switch fault.place {
                case .anywhere: true
                case .step(let at): at == step
                case .request(let first): requests >= first
                }
            guard matches, fault.times.map({ hits[index] < $0 }) ?? true else { continue }
            hits[index] += 1
            return fault
        }
        return nil
    }
}
