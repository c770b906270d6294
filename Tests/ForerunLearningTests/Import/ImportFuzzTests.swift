import ForerunTesting
import Testing

@testable import ForerunLearning

/// Damaged files: never a crash, never a silent loss. What stands in undamaged lines is read, or counted as left out.
struct ImportFuzzTests {
    @Test(arguments: Fixture.all) func truncatedFilesLoseNothingThatIsWhole(fixture: Fixture) throws {
        let scratch = try Scratch()
        let bytes = Array(fixture.text.utf8)
        let end = (bytes.lastIndex { $0 > 0x20 } ?? 0) + 1
        for length in stride(from: 1, through: bytes.count, by: 17) {
            let part = Array(bytes[..<length])
            let imported = Imported([try scratch.write(part, to: fixture.name)])
            #expect(imported.calls.count <= fixture.calls, "after \(length) bytes")
            guard fixture.isLines else {
                #expect(length >= end || !imported.problems.isEmpty, "after \(length) bytes")
                continue
            }
            let lineEnd = part.lastIndex(of: 10).map { $0 + 1 } ?? 0
            let whole = String(decoding: part[..<lineEnd], as: UTF8.self)
            let torn = String(decoding: part[lineEnd...], as: UTF8.self)
            #expect(imported.calls.count >= fixture.calls(in: whole), "after \(length) bytes")
            let isTorn = !torn.isEmpty && LenientJSON.parse(torn) == nil
            #expect((imported.count(.cutOff) == 1) == isTorn, "after \(length) bytes")
        }
    }

    @Test(arguments: Fixture.all) func truncatedGzipDataAreNamed(fixture: Fixture) throws {
        let scratch = try Scratch()
        let bytes = gzip(fixture.text)
        for length in stride(from: 3, to: bytes.count, by: 97) {
            let imported = Imported([try scratch.write(Array(bytes[..<length]), to: "\(fixture.name).gz")])
            #expect(!imported.problems.isEmpty, "after \(length) bytes")
        }
    }

    @Test(arguments: Fixture.all, [1, 2, 3, 4]) func garbledFilesLoseNothingSilently(fixture: Fixture, seed: UInt64)
        throws
    {
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let original = Array(fixture.text.utf8)
        for round in 0..<30 {
            var bytes = original
            var damaged: Set<Int> = []
            func line(_ position: Int) -> Int { original[..<position].count { $0 == 10 } }
            let position = Int.random(in: 0..<bytes.count, using: &random)
            let length = min(Int.random(in: 1...5, using: &random), bytes.count - position)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                for index in position..<position + length { bytes[index] = .random(in: .min ... .max, using: &random) }
            case 1: bytes.removeSubrange(position..<position + length)
            case 2:
                bytes.insert(
                    contentsOf: (0..<length).map { _ in UInt8.random(in: 32...126, using: &random) }, at: position)
            default: bytes[position] = [0x22, 0x5B, 0x7D, 0x0A, 0x5C, 0x00].randomElement(using: &random)!
            }
            for index in position..<position + length { damaged.insert(line(index)) }
            // A line feed that was damaged joins two lines.
            damaged.insert(line(min(position + length, original.count - 1)))
            let imported = Imported([try scratch.write(bytes, to: fixture.name)])
            guard fixture.isLines else { continue }
            let undamaged = fixture.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .filter { !damaged.contains($0.offset) }.reduce(0) { $0 + fixture.calls(in: $1.element) }
            // The damaged lines themselves explain nothing.
            let damage: Set<ImportProblem.Reason> = [.notJSON, .cutOff, .repaired]
            let explained = imported.problems.counts.filter { !damage.contains($0.key) }.values.reduce(0, +)
            #expect(
                imported.calls.count + explained >= undamaged,
                "seed \(seed) round \(round): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test(arguments: [1, 2, 3]) func noiseIsNoTranscript(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        for round in 0..<50 {
            let alphabet = round % 2 == 0 ? Array(0...255) : Array("{}[]\":,\\ntrue0-1e \n".utf8)
            let bytes = (0..<Int.random(in: 1...3_000, using: &random)).map { _ in
                alphabet.randomElement(using: &random)!
            }
            for name in ["a.jsonl", "a.json", "a.db"] {
                let imported = Imported([try scratch.write(bytes, to: name)])
                #expect(imported.runs.isEmpty)
            }
        }
    }
}
