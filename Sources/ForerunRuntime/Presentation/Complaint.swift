package import ForerunCore
package import ForerunStore
package import ForerunTransport

/// What went wrong, in a line for its cause and a line for its remedy.
package struct Complaint: Error, Sendable, Hashable {
    package var cause: String
    package var remedy: String
    package var status: ExitStatus

    package init(_ cause: String, remedy: String, status: ExitStatus) {
        self.cause = Self.sentence(cause)
        self.remedy = Self.sentence(remedy)
        self.status = status
    }

    /// `forerun: error: <cause>`, and the remedy below it.
    package var text: String { "forerun: error: \(cause)\n  \(remedy)\n" }

    /// On one line, without controls that a terminal would obey, and without a full stop at its end.
    private static func sentence(_ text: String) -> String {
        var line = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }.joined(separator: " ")
        line.unicodeScalars.removeAll { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
        while line.last?.isWhitespace == true { line.removeLast() }
        // The full stop of a sentence, not a path.
        if line.last == ".", let previous = line.dropLast().last,
            previous.isLetter || previous.isNumber || ")”\"".contains(previous)
        {
            line.removeLast()
        }
        return line
    }
}

extension Complaint {
    package init(_ failure: RunFailure) {
        switch failure {
        case .configuration(let error): self.init(error)
        case .model(let failure): self.init(failure)
        case .environment(let failure): self.init(failure)
        case .store(let error): self.init(error)
        }
    }

    package init(_ error: RecordingError) {
        self.init(error.message, remedy: error.remedy, status: .configuration)
    }

    package init(_ error: ConfigurationError) {
        let place = error.origin.map { "\($0): " } ?? ""
        self.init(
            place + error.message, remedy: error.remedy ?? Self.remedy(for: error.code), status: .configuration)
    }

    package init(_ failure: ModelFailure) {
        var cause = failure.kind.description
        if let status = failure.status { cause += " (HTTP \(status))" }
        if !failure.message.isEmpty { cause += ": \(failure.message)" }
        if let id = failure.requestID { cause += " [request \(id)]" }
        self.init(cause, remedy: failure.remedy ?? Self.remedy(for: failure.kind), status: ExitStatus(failure))
    }

    package init(_ failure: EnvironmentFailure) {
        self.init(
            failure.message,
            remedy: failure.remedy
                ?? (failure.code == .noSpace ? "Make room on the disk" : "forerun doctor checks what runs need"),
            status: ExitStatus(failure))
    }

    package init(_ error: StoreError) {
        let subject = error.code == .brokenIndex ? "the index of the runs" : "the event log"
        self.init(
            "\(subject): \(error.path): \(error.message)", remedy: error.remedy,
            status: ExitStatus(RunFailure.store(error)))
    }

    /// Why a run ended that did not finish; `nil`: it did, or the user ended it.
    package init?(_ end: RunEnd, _ settings: AgentSettings) {
        switch end {
        case .finished, .interrupted: return nil
        case .endpointFailed(let failure): self.init(failure)
        case .environmentFailed(let failure): self.init(failure)
        case .limit(let kind):
            let value =
                switch kind {
                case .steps: settings.limits.steps.map { "\($0)" }
                case .seconds: settings.limits.seconds.map { PresentedNumber.plain($0) }
                case .tokens: settings.limits.tokens.map { "\($0)" }
                case .money: settings.limits.money.map { PresentedNumber.plain($0) }
                }
            self.init(
                "the limit on \(kind.rawValue)\(value.map { " (\($0))" } ?? "") was reached; what was committed stays",
                remedy: "Raise it with --max-\(kind.rawValue), or under limits in the agent's file", status: .limit)
        }
    }

    private static func remedy(for code: ConfigurationError.Code) -> String {
        switch code {
        case .syntax, .wrongType, .unknownKey, .unknownValue, .outOfRange: "Correct it there"
        default: "forerun config show --origin shows what counts, and why"
        }
    }

    private static func remedy(for kind: ModelFailure.Kind) -> String {
        switch kind {
        case .rateLimited, .overloaded: "Wait and run again, or declare a smaller endpoints.NAME.concurrency"
        case .quotaExhausted: "Add credit, or use another endpoint"
        case .authentication: "Check the endpoint's key; forerun doctor tries it"
        case .notFound: "Check the model's name and the endpoint's baseURL; forerun doctor lists what is there"
        case .cutOff: "Raise sampling.maxTokens, or ask for less at a time"
        case .withheld: "Word the task differently, or use another model"
        case .contextOverflow: "Give it less to read, or use a model with a longer context"
        case .connection, .timedOut: "Check that the server runs and is reachable; forerun doctor tries it"
        case .truncated, .malformed, .server: "Run again; if it stays, look at the server's own log"
        default: "forerun doctor checks the endpoint"
        }
    }
}
