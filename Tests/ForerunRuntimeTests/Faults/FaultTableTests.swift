import ForerunCore
import ForerunEndpoints
import ForerunMockServer
import ForerunRuntime
import ForerunTransport
import Foundation
import Testing

/// Each fault that endpoints are known for, in each protocol, at several places of the stream: the run ends as it does without
/// it, or with one clear error. Nothing is committed twice, and nothing is lost.
///
/// The table is written to `forerun-fault-table-UID.tsv` in the directory of temporary files; FORERUN_SOAK makes it whole.
@Suite(.serialized)
struct FaultTableTests {
    private static let isSoaking = ProcessInfo.processInfo.environment["FORERUN_SOAK"] != nil
    private static let cases =
        isSoaking
        ? FaultCase.all(
            steps: [0, 1, 3], after: [0, 1, 2, 4, 7, 12],
            modes: [(.off, 1), (.off, nil), (.full, 1), (.full, 2), (.full, nil)])
        : FaultCase.all(steps: [1], after: [0, 3], modes: [(.off, nil), (.full, 1)])

    /// Faults that change how an answer is sent, and not what it says: nobody notices.
    private static let forms: Set<Fault.Kind> = [
        .drip, .everyByte, .trailers, .http10, .gzip, .noEnd, .unknownEvents, .crlf, .longLine, .duplicateIDs,
        .emptyIDs,
        .indexZero, .emptyUsage,
    ]
    /// Faults of what the model says: the answer is whole, and the model is told what was wrong with its calls.
    private static let words: Set<Fault.Kind> = [.malformedArguments, .nullArguments, .invalidUTF8]
    /// Faults that asking again does not help.
    private static let final: Set<Fault.Kind> = [.length, .contentFilter, .contextOverflow]

    @Test func everyFaultInEveryProtocolAtEveryPlace() async throws {
        let client = HTTPClient()
        defer { client.shutDown() }
        let lines = try await withMockServer(FaultCase.script(Self.cases)) { address in
            var sound: [WireProtocol: FaultCase.Outcome] = [:]
            for wire in WireProtocol.allCases {
                sound[wire] = try await FaultCase.run(FaultCase.sound(wire), wire, .off, address, client)
            }
            let expected = sound
            #expect(expected.allSatisfy { $0.value.end == .finished && $0.value.sent == FaultCase.sent($0.key) })
            return try await withThrowingTaskGroup(of: (Int, String).self) { group in
                var lines: [Int: String] = [:]
                for (index, item) in Self.cases.enumerated() {
                    // So many at a time: most wait for time-outs.
                    if index >= 32, let (number, line) = try await group.next() { lines[number] = line }
                    group.addTask {
                        let outcome = try await item.run(address, client)
                        let isSame = outcome.digest == expected[item.wire]?.digest
                        let line = item.line(outcome, isSame: isSame)
                        Self.check(item, outcome, isSame: isSame, line)
                        return (item.number, line)
                    }
                }
                for try await (number, line) in group { lines[number] = line }
                return lines.sorted { $0.key < $1.key }.map(\.value)
            }
        }
        let table = (["fault\tprotocol\tplace\ttimes\tmode\tend\tattempts\tstatus"] + lines).joined(separator: "\n")
        let path = FileManager.default.temporaryDirectory.path + "/forerun-fault-table-\(getuid()).tsv"
        try (table + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(lines.count == Self.cases.count)
    }

    private static func check(_ item: FaultCase, _ outcome: FaultCase.Outcome, isSame: Bool, _ line: String) {
        let kind = item.fault.kind
        // Whatever happened: a prefix of what is sent, in order, each once; no branch is left; exit status and end agree.
        let isWhole = [[], [7], [7, 8]].contains(outcome.sent)
        #expect(isWhole || (words.contains(kind) && outcome.sent == [8]), "\(line): sent \(outcome.sent)")
        #expect(outcome.openBranches == 0, "\(line)")
        switch outcome.end {
        case .finished:
            #expect(ExitStatus(outcome.end) == .done)
            guard !words.contains(kind) else { return }
            #expect(isSame, "\(line)")
            #expect(outcome.sent == FaultCase.sent(item.wire), "\(line)")
            // One that befell a question asked ahead was asked again on the real path. A prompt of plain text does not say
            // which step it is of: there the fault may befall one that nobody needed.
            let wasAhead =
                item.mode == .full && item.fault.times != nil && (kind == .contextOverflow || item.wire == .completions)
            #expect(!final.contains(kind) || wasAhead, "\(line): it should have ended the run")
        case .endpointFailed(let failure):
            #expect(ExitStatus(outcome.end) == .endpoint, "\(line)")
            let complaint = Complaint(failure)
            #expect(!complaint.cause.isEmpty && !complaint.remedy.isEmpty, "\(line)")
            // Responses say with an event of its own that all is there: without it, an answer is not whole.
            let lacksEnd = kind == .noEnd && item.wire == .responses
            #expect(!forms.contains(kind) || lacksEnd, "\(line): \(failure)")
            // What lasts once is got over, unless asking again does not help.
            #expect(item.fault.times == nil || final.contains(kind), "\(line): \(failure)")
            // What was committed before stays: the world holds what the turns before said.
            if case .step(let step) = item.fault.place {
                #expect(outcome.turns == step, "\(line)")
                #expect(outcome.numbers == [[:], ["a": 1], ["a": 1, "b": 2], ["a": 1, "b": 2]][step], "\(line)")
            }
        default: Issue.record("\(line)")
        }
    }
}
