package import ForerunCore

/// Digests of transcripts that are the same on every machine: what simulated actors answer depends on them.
package struct RequestDigests {
    private var known: [Transcript: UInt64] = [:]

    package init() {}

    package mutating func digest(_ transcript: Transcript) -> UInt64 {
        guard let last = transcript.last else { return 17 }
        if let digest = known[transcript] { return digest }
        let digest = Draw(seed: digest(transcript.dropLast)).bits([Self.part(last)])
        known[transcript] = digest
        return digest
    }

    /// What stands for the bytes of a request.
    package mutating func digest(_ request: ModelRequest) -> UInt64 {
        switch request.view {
        case .whole: digest(request.transcript)
        case .lastEntry:
            Draw(seed: 5).bits([.init(request.role.name)] + (request.transcript.last.map { [Self.part($0)] } ?? []))
        }
    }

    private static func part(_ entry: Transcript.Entry) -> Draw.Part {
        switch entry {
        case .message(let text): .init("m" + text)
        case .turn(let turn): .init(turn.calls.reduce("t" + turn.text) { $0 + "|" + $1.name + SimulatedTool.text($1) })
        case .output(let call, let output): .init("o\(call)\(output.text)")
        }
    }
}

extension SimulatedTool {
    fileprivate static func text(_ call: Call) -> String {
        SimulatedTool(call).map { "\($0.kind.rawValue) \($0.key) \($0.arg)" } ?? ""
    }
}
