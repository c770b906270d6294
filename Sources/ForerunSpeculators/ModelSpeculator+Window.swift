import ForerunCore

extension ModelSpeculator {
    /// The part of a long transcript that a small model gets to see: the task, and the latest turns.
    ///
    /// It moves in steps of several turns, so that requests go on beginning with the same bytes and stay in the endpoint's
    /// prompt cache.
    enum Window {
        /// Bytes of text, roughly: some 16,000 tokens.
        static let limit = 64 << 10
        /// Turns by which it moves.
        static let step = 8

        static func seen(of request: ModelRequest) -> Transcript {
            switch request.view {
            case .whole: seen(of: request.transcript)
            case .lastEntry: Transcript(request.entries)
            }
        }

        static func seen(of transcript: Transcript) -> Transcript {
            guard transcript.size > limit else { return transcript }
            let entries = transcript.entries
            var starts: [Int] = []
            for (index, entry) in entries.enumerated() {
                if case .turn = entry { starts.append(index) }
            }
            guard let first = starts.first else { return transcript }
            let task = Array(entries[..<first])
            var result = transcript
            // Never less than the latest turn.
            for skipped in stride(from: step, to: starts.count, by: step) where result.size > limit {
                result = Transcript(task + entries[starts[skipped]...])
            }
            return result
        }
    }
}
