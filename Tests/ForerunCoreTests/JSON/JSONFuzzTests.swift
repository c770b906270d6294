import ForerunTesting
import Glibc
import Testing

@testable import ForerunCore

/// Texts that are hardly JSON: each is refused with its place, or means something that can be written and read again. A failure
/// prints its seed.
struct JSONFuzzTests {
    private static let rounds = getenv("FORERUN_SOAK") == nil ? 6_000 : 10_000_000

    @Test func textsAreRefusedOrMeanSomething() async throws {
        let seed = getenv("FORERUN_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<Self.rounds {
            // Other tests wait for this thread.
            if round % 50 == 0 { await Task.yield() }
            let bytes = Self.text(&random)
            let context: Comment = "seed \(seed), round \(round)"
            let value: JSON
            do throws(JSONError) {
                value = try JSON(parsing: bytes)
            } catch {
                try #require((0...bytes.count).contains(error.offset), context)
                continue
            }
            try #require((try? JSON(parsing: value.text)) == value, context)
            try #require((try? JSON(parsing: value.canonicalText)) == value, context)
        }
    }

    /// Depth is refused before it can use up the stack.
    @Test(arguments: ["[", "{\"a\":", "[{\"a\":["])
    func depthIsLimited(_ piece: String) {
        let bytes = Array(String(repeating: piece, count: 200_000).utf8)
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    /// Tokens in any order, or a value that was damaged.
    private static func text(_ random: inout SeededGenerator) -> [UInt8] {
        let tokens = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\udE00", "null", "true", "fals", "0", "-",
            "1e",
            "1e309", "12345678901234567890", ".5", " ", "\n", "\u{0}", "\"a\"", "\"a\":", "é", "😀",
        ]
        if Bool.random(using: &random) {
            return (0..<Int.random(in: 0...24, using: &random)).flatMap { _ in
                Array((tokens.randomElement(using: &random) ?? "").utf8)
            }
        }
        var bytes = Array(JSON.random(depth: 3, using: &random).text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: place)
            }
        }
        return bytes
    }
}
