package import ForerunCore
import ForerunStore

/// What the command line says of a run to the process that started it.
package struct ExitStatus: Error, Sendable, Hashable {
    package let code: Int32
    /// In a few words, for help texts.
    package let meaning: String

    package static let done = ExitStatus(code: 0, meaning: "done")
    package static let failed = ExitStatus(code: 1, meaning: "failed")
    package static let usage = ExitStatus(code: 2, meaning: "wrong usage")
    package static let configuration = ExitStatus(
        code: 3, meaning: "wrong configuration, or something it names is missing")
    package static let authentication = ExitStatus(code: 4, meaning: "a key is missing, or an endpoint refuses it")
    package static let limit = ExitStatus(code: 5, meaning: "a limit was reached: steps, seconds, tokens or money")
    package static let endpoint = ExitStatus(code: 6, meaning: "an endpoint failed or does not know the model")
    package static let different = ExitStatus(code: 7, meaning: "--compare, --verify or rerun: not identical")
    package static let denied = ExitStatus(
        code: 8, meaning: "finished, but calls were denied since nobody could be asked")
    package static let interrupted = ExitStatus(code: 130, meaning: "interrupted")

    /// That of a program that was run for the user.
    package static func program(_ code: Int32) -> ExitStatus { ExitStatus(code: code, meaning: "the program's") }

    /// All of them, by number.
    package static let all: [ExitStatus] = [
        done, failed, usage, configuration, authentication, limit, endpoint, different, denied, interrupted,
    ]
}

extension ExitStatus {
    package init(_ failure: RunFailure) {
        switch failure {
        case .configuration: self = .configuration
        case .model(let failure): self.init(failure)
        case .environment(let failure): self.init(failure)
        case .store(let error): self = error.code == .noHome ? .configuration : .failed
        }
    }

    package init(_ failure: ModelFailure) {
        self = failure.kind == .authentication ? .authentication : .endpoint
    }

    package init(_ failure: EnvironmentFailure) { self = failure.code == .unavailable ? .configuration : .failed }

    /// - Parameter isDenied: calls were denied for want of somebody to ask.
    package init(_ end: RunEnd, isDenied: Bool = false) {
        switch end {
        case .finished: self = isDenied ? .denied : .done
        case .limit: self = .limit
        case .endpointFailed(let failure): self.init(failure)
        case .environmentFailed(let failure): self.init(failure)
        case .interrupted: self = .interrupted
        }
    }

    /// A failed half says more than that the halves differ; that they differ says more than that both met a limit.
    package init(_ comparison: Comparison, isDenied: Bool = false) {
        let ends = [comparison.sequential, comparison.speculative].map { ExitStatus($0.end, isDenied: isDenied) }
        let failure = ends.first { $0 != .done && $0 != .limit && $0 != .denied }
        self = failure ?? (comparison.identical ? ends[1] : .different)
    }
}

extension ExitStatus {
    /// The table of all codes, for help texts.
    package static var table: String {
        all.map { status in
            let code = String(status.code)
            return String(repeating: " ", count: 5 - code.count) + code + "  " + status.meaning
        }.joined(separator: "\n")
    }
}
