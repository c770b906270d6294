/// A branch, or the host of all branches, could not be made.
struct BranchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sentence without the full stop.
    var reason: String
    /// What the user can do about it.
    var remedy: String?
    /// The host is gone: nothing it was asked for will happen any more.
    var isFinal = false
    /// The program itself could not be executed, for this reason (errno).
    var execution: Int32?

    var description: String { reason + (remedy.map { ". \($0)" } ?? "") }

    static let hostEnded = BranchFailure(reason: "the helper forerun-branch has ended", isFinal: true)

    /// What the host said.
    init(_ message: BranchMessage) {
        let step = message["step"].map { "\($0): " } ?? ""
        let number = message["errno"].flatMap { Int32($0) } ?? 0
        let detail = message["detail"] ?? "it failed"
        let cause = String(cString: strerror(number))
        reason = step + detail + (number == 0 || detail.contains(cause) ? "" : " (\(cause))")
        remedy = message["remedy"]
        execution = message["step"] == "exec" ? number : nil
    }

    init(reason: String, remedy: String? = nil, isFinal: Bool = false) {
        self.reason = reason
        self.remedy = remedy
        self.isFinal = isFinal
    }
}

#if canImport(Glibc)
    private import Glibc
#else
    private import Darwin
#endif
