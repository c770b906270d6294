import Glibc

/// What a sandbox writes before the output of its command: bubblewrap's JSON with the first process of the namespace,
/// perhaps a complaint, and a NUL once everything stands.
struct SandboxPreamble: Sendable {
    private var bytes: [UInt8] = []
    private var isProcessKnown = false

    /// What there is of it, for messages.
    var text: String {
        let end = Self.end(of: bytes) ?? 0
        return String(decoding: bytes[end...], as: UTF8.self)
    }

    /// - Parameter found: called once, with the first process of the namespace.
    /// - Returns: the first output of the command; `nil` while the preamble goes on.
    mutating func take(_ more: [UInt8], found: (ProcessEntry) -> Void) -> ArraySlice<UInt8>? {
        bytes += more
        guard let end = Self.end(of: bytes) else { return nil }
        if !isProcessKnown {
            isProcessKnown = true
            let digits = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\"child-pid\":").last?
                .drop { !$0.isNumber }.prefix { $0.isNumber }
            if let process = digits.flatMap({ pid_t($0) }).flatMap({ ProcessEntry($0) }) { found(process) }
        }
        return bytes[end...].firstIndex(of: 0).map { bytes[($0 + 1)...] }
    }

    /// Where the JSON ends.
    private static func end(of bytes: [UInt8]) -> Int? {
        bytes.indices.first { bytes[$0...].starts(with: "\n}\n".utf8) }.map { $0 + 3 }
    }
}
