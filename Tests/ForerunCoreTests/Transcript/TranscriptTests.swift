import ForerunTesting
import Testing

@testable import ForerunCore

struct TranscriptTests {
    private let entries: [Transcript.Entry] = [
        .message("find the bug"),
        .turn(Turn(text: "looking", calls: [Call("read", ["path": "a.swift", "limit": 3]), Call("list")])),
        .output(call: 0, Output("let a = 1")), .output(call: 1, Output("no such directory", isError: true)),
        .turn(Turn(text: "done")),
    ]

    @Test func entriesKeepTheirOrder() {
        let transcript = Transcript(entries)
        #expect(transcript.entries == entries)
        #expect(transcript.count == 5)
        #expect(transcript.last == entries.last)
        #expect(transcript.dropLast.entries == entries.dropLast())
        #expect(Transcript().entries.isEmpty)
        #expect(Transcript().last == nil)
        #expect(Transcript().dropLast == Transcript())
    }

    @Test func unsharedCopiesAreEqual() {
        let left = Transcript(entries)
        let right = entries.reduce(Transcript()) { $0.appending($1) }
        #expect(left.node !== right.node)
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(Set([left, right]).count == 1)
    }

    @Test func writingOfArgumentsDoesNotMatter() throws {
        let left = Transcript([.turn(Turn(calls: [Call("f", try JSON(parsing: #"{"a":1.0,"b":[]}"#))]))])
        let right = Transcript([.turn(Turn(calls: [Call("f", try JSON(parsing: #"{ "b": [], "a": 10e-1 }"#))]))])
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
    }

    @Test func branchesShareAndDiverge() {
        let trunk = Transcript(entries)
        let left = trunk.appending(.message("a"))
        let right = trunk.appending(.message("b"))
        #expect(left != right)
        #expect(left.node?.parent === right.node?.parent)
        #expect(left.dropLast == right.dropLast)
        #expect(left.entries == entries + [.message("a")])
        #expect(trunk.entries == entries)
    }

    @Test func anyChangedEntryMakesADifference() {
        let whole = Transcript(entries)
        for index in entries.indices {
            var changed = entries
            changed[index] = .message("changed")
            #expect(Transcript(changed) != whole)
            changed.remove(at: index)
            #expect(Transcript(changed) != whole)
            #expect(Transcript(Array(entries.prefix(index))) != whole)
        }
        #expect(Transcript([entries[1], entries[0]]) != Transcript([entries[0], entries[1]]))
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func hashAgreesWithEquality(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func some(_ random: inout SeededGenerator) -> Transcript {
            Transcript(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in .message(Bool.random(using: &random) ? "a" : "b")
                })
        }
        for _ in 0..<20 {
            let left = some(&random)
            let right = some(&random)
            #expect((left == right) == (left.entries == right.entries))
            if left == right { #expect(left.hashValue == right.hashValue) }
        }
    }
}
