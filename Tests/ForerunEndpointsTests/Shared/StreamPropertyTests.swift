import ForerunCore
import ForerunEndpoints
import ForerunTesting
import Glibc
import Testing

/// What holds of every decoder and every stream. A failure prints its seed.
struct StreamPropertyTests {
    private static let streams: [(name: String, bytes: [UInt8], decoder: any AnswerDecoder)] = {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        func data(_ events: [String]) -> [UInt8] { bytes(events.map { "data: \($0)\r\n\r\n" }.joined()) }
        let anthropic = AnthropicStreamDecoder(model: "test/m")
        let responses = ResponsesStreamDecoder(model: "test/m")
        var streams: [(String, [UInt8], any AnswerDecoder)] = [
            ("chat", data(Recording.twoCalls + ["[DONE]"]), ChatStreamDecoder()),
            ("anthropic", bytes(AnthropicRecording.stream()), anthropic),
            ("responses", data(ResponsesRecording.reasoningAndCalls), responses),
            (
                "completions",
                data([
                    #"{"choices":[{"index":0,"text":"é","logprobs":{"token_logprobs":[-1.5]}}]}"#,
                    #"{"choices":[{"index":0,"text":"b","finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#,
                    "[DONE]",
                ]), CompletionAnswerDecoder()
            ),
        ]
        for quirk in AnthropicStreamDecoderTests.quirks {
            streams.append(
                (
                    "anthropic: \(quirk.name)",
                    bytes(AnthropicRecording.stream(AnthropicRecording.events(quirk.blocks))), anthropic
                ))
        }
        for quirk in ResponsesStreamDecoderTests.quirks {
            streams.append(
                ("responses: \(quirk.name)", data(quirk.events + [ResponsesRecording.completed()]), responses))
        }
        for quirk in ChatStreamDecoderTests.quirks {
            let chunks = quirk.pieces.map { #"{"choices":[{"index":0,"delta":{"tool_calls":[\#($0)]}}]}"# }
            streams.append(("chat: \(quirk.name)", data(chunks + ["[DONE]"]), ChatStreamDecoder()))
        }
        return streams
    }()

    private static let isSoak = getenv("FORERUN_SOAK") != nil

    @Test func anyCutGivesTheSameDeltas() async throws {
        let seed = Self.seed()
        var random = SeededGenerator(seed: seed)
        for stream in Self.streams {
            let whole = DecodedStream(stream.bytes, stream.decoder)
            #expect(whole.answer != nil, "\(stream.name): \(String(describing: whole.failure))")
            var cuts = [Array(0...stream.bytes.count)]
            for _ in 0..<(Self.isSoak ? 20_000 : 30) {
                let count = Int.random(in: 1...24, using: &random)
                cuts.append((0..<count).map { _ in Int.random(in: 0...stream.bytes.count, using: &random) }.sorted())
            }
            for cut in cuts {
                // Other tests wait for this thread.
                await Task.yield()
                try #require(
                    DecodedStream(stream.bytes, stream.decoder, cuts: cut) == whole,
                    "\(stream.name), seed \(seed), cut at \(cut)")
            }
        }
    }

    /// Streams that were damaged in any way end with an answer or a failure; what was sealed stays sealed, in order.
    @Test func damagedStreamsDoNoHarm() async throws {
        let seed = Self.seed()
        var random = SeededGenerator(seed: seed)
        let rounds = Self.isSoak ? 10_000_000 : 20_000
        for round in 0..<rounds {
            if round % 20 == 0 { await Task.yield() }
            let stream = Self.streams[round % Self.streams.count]
            let bytes = Self.damaged(stream.bytes, &random)
            let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            let decoded = DecodedStream(bytes, stream.decoder, cuts: cuts)
            let context: Comment = "\(stream.name), seed \(seed), round \(round)"
            try #require((decoded.answer == nil) != (decoded.failure == nil), context)
            let sealed = decoded.sealed
            if let answer = decoded.answer {
                try #require(answer.turn.calls == sealed, context)
                try #require(answer.turn.text == decoded.text, context)
            }
        }
    }

    private static func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        let pieces: [[UInt8]] = [
            Array("{".utf8), Array("}".utf8), Array("\"".utf8), Array("\\".utf8), Array("null".utf8), Array("[".utf8),
            Array("\n\n".utf8), Array("data: ".utf8), Array(#"\ud800"#.utf8), [0xFF], [0], Array("-1e999".utf8),
            Array("99999999999999999999".utf8), Array(#""index":7"#.utf8), Array("true".utf8), Array("[DONE]".utf8),
        ]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { break }
            let at = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 1...60, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(at..<end)
            case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 3: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
            case 4: bytes.replaceSubrange(at..<end, with: pieces.randomElement(using: &random) ?? [])
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }

    private static func seed() -> UInt64 {
        getenv("FORERUN_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)
    }
}
