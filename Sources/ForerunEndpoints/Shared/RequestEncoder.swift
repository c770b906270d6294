import ForerunCore
import Synchronization

/// Makes the bodies of requests. Equal requests become equal bytes.
///
/// A request costs the encoding of what is new in its transcript, plus copying the rest.
final class RequestEncoder<Writer: RequestWriter>: Sendable {
    private let writer: Writer
    private let cache = Mutex(Cache())

    /// Transcripts that are remembered. The bytes of their common parts exist once.
    private let capacity = 1024

    private struct Cache {
        var heads: [ObjectIdentifier: Head] = [:]
        var transcripts: [Transcript: Slot] = [:]
        var tick = 0
    }

    private struct Head {
        /// Keeps the identity from being given to another role.
        let role: ModelRequest.Role
        let bytes: [UInt8]
    }

    private struct Slot {
        let encoded: EncodedTranscript
        var lastUse: Int
    }

    init(_ writer: Writer) { self.writer = writer }

    func body(for request: ModelRequest) -> [UInt8] {
        let head = head(of: request.role)
        let encoded = request.view == .whole ? encoded(request.transcript) : lastEntry(of: request.transcript)
        var body: [UInt8] = []
        body.reserveCapacity(head.count + (encoded?.byteCount ?? 0) + 256)
        body += head
        writer.finish(&body, with: encoded)
        return body
    }

    /// Everything up to the first message of the transcript.
    private func head(of role: ModelRequest.Role) -> [UInt8] {
        let identity = ObjectIdentifier(role)
        if let head = cache.withLock({ $0.heads[identity]?.bytes }) { return head }
        let bytes = writer.head(of: role)
        cache.withLock { cache in
            // Roles live as long as runs; more than this many at a time means that most of them are over.
            if cache.heads.count >= 256 { cache.heads.removeAll() }
            cache.heads[identity] = Head(role: role, bytes: bytes)
        }
        return bytes
    }

    /// Encodes what is new since the nearest ancestor that is remembered.
    private func encoded(_ transcript: Transcript) -> EncodedTranscript? {
        guard transcript.count > 0 else { return nil }
        var missing: [Transcript.Entry] = []
        let ancestor = cache.withLock { cache -> EncodedTranscript? in
            cache.tick += 1
            var current = transcript
            while let last = current.last {
                if let index = cache.transcripts.index(forKey: current) {
                    cache.transcripts.values[index].lastUse = cache.tick
                    return cache.transcripts.values[index].encoded
                }
                missing.append(last)
                current = current.dropLast
            }
            return nil
        }
        if missing.isEmpty { return ancestor }
        let encoded = EncodedTranscript(parent: ancestor, entries: missing.reversed(), writer)
        cache.withLock { cache in
            if cache.transcripts.count >= capacity { Self.evict(&cache) }
            cache.transcripts[transcript] = Slot(encoded: encoded, lastUse: cache.tick)
        }
        return encoded
    }

    /// Forgets the half that was not used for longest.
    private static func evict(_ cache: inout Cache) {
        let uses = cache.transcripts.values.map(\.lastUse).sorted()
        let limit = uses[uses.count / 2]
        cache.transcripts = cache.transcripts.filter { $0.value.lastUse > limit }
    }

    /// What a role sees that is shown the last entry only. An output is given as a message: there is no turn that it answers.
    private func lastEntry(of transcript: Transcript) -> EncodedTranscript? {
        switch transcript.last {
        case nil: nil
        case .output(_, let output): EncodedTranscript(parent: nil, entries: [.message(output.text)], writer)
        case let entry?: EncodedTranscript(parent: nil, entries: [entry], writer)
        }
    }
}
