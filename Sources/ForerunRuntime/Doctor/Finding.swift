package import ForerunCore

/// What `forerun doctor` found about one thing.
package struct Finding: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable {
        case ok
        /// Runs work, but not as well as they could, or not all of them.
        case warning
        /// Runs fail.
        case failure
    }

    package var verdict: Verdict
    /// What was looked at: `key of openai`.
    package var subject: String
    package var detail: String
    /// What the user can do about it.
    package var remedy: String?
    /// What a run would exit with for this reason.
    package var status: ExitStatus

    static func ok(_ subject: String, _ detail: String) -> Finding {
        Finding(verdict: .ok, subject: subject, detail: detail, status: .done)
    }

    static func warning(_ subject: String, _ detail: String, remedy: String) -> Finding {
        Finding(verdict: .warning, subject: subject, detail: detail, remedy: remedy, status: .done)
    }

    static func failure(_ subject: String, _ complaint: Complaint) -> Finding {
        Finding(
            verdict: .failure, subject: subject, detail: complaint.cause, remedy: complaint.remedy,
            status: complaint.status)
    }

    /// The same, where runs can do without.
    var asWarning: Finding {
        guard verdict == .failure else { return self }
        var finding = self
        finding.verdict = .warning
        finding.status = .done
        return finding
    }

    package var json: JSON {
        [
            "verdict": .string(verdict.rawValue), "subject": .string(subject), "detail": .string(detail),
            "remedy": remedy.map { .string($0) } ?? .null,
        ]
    }

    /// A line, and a second one for the remedy.
    package func text(_ style: ViewStyle) -> String {
        let (word, tint): (String, ViewStyle.Tint) =
            switch verdict {
            case .ok: ("ok  ", .good)
            case .warning: ("warn", .warning)
            case .failure: ("fail", .bad)
            }
        let line = "\(style.paint(word, tint))  \(subject): \(DisplayText.harmless(detail))\n"
        return line + (remedy.map { "      \(DisplayText.harmless($0))\n" } ?? "")
    }
}

extension [Finding] {
    /// What all of it comes to: the status of the first failure.
    package var status: ExitStatus { first { $0.verdict == .failure }?.status ?? .done }

    /// The object that `doctor --json` prints.
    package var json: JSON {
        ["type": "doctor", "checks": .array(map(\.json)), "status": .int(Int(status.code))]
    }
}
