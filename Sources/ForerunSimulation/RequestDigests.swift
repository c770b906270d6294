package import ForerunCore

/// Digests of transcripts that are the same on every machine: what simulated actors answer depends on them.
package struct RequestDigests {
    private var known: [Transcript: UInt64] = [:]
    private let text: @Sendable (Call) -> String

    /// - Parameter text: what stands for a call; calls with the same text are the same.
    package init(text: @escaping @Sendable (Call) -> String = { $0.name + SimulatedTool.text($0) }) {
        self.text = text
    }

    package mutating func digest(_ transcript: Transcript) -> UInt64 {
        guard let last = transcript.last else { return 17 }
        if let digest = known[transcript] { return digest }
        let digest = Draw(seed: digest(transcript.dropLast)).bits([part(last)])
        known[transcript] = digest
        return digest
    }

    /// What stands for the bytes of a request.
    package mutating func digest(_ request: ModelRequest) -> UInt64 {
        switch request.view {
        case .whole: digest(request.transcript)
        case .lastEntry:
            Draw(seed: 5).bits([.init(request.role.name)] + (request.transcript.last.map { [part($0)] } ?? []))
        }
    }

    private func part(_ entry: Transcript.Entry) -> Draw.Part {
        switch entry {
        case .message(let text): .init("m" + text)
        case .turn(let turn): .init(turn.calls.reduce("t" + turn.text) { $0 + "|" + text($1) })
        case .output(let call, let output): .init("o\(call)\(output.text)")
        }
    }
}

extension SimulatedTool {
    fileprivate static func text(_ call: Call) -> String {
        SimulatedTool(call).map { "\($0.kind.rawValue) \($0.key) \($0.arg)" } ?? ""
    }
}
