import ForerunCore
import FoundationEssentials
import Testing

@testable import ForerunLearning

/// A directory for one test, removed at its end.
final class Scratch {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "forerun-import-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// What an import gave.
struct Imported {
    var runs: [RecordedRun] = []
    var problems = ImportProblems()
    var finished: [ImportBookmark] = []
    var progress = ImportProgress()

    init(_ paths: [String], bookmarks: [ImportBookmark] = [], pieceLimit: Int = TranscriptReader.pieceLimit) {
        var reader = TranscriptReader(paths, bookmarks: bookmarks, pieceLimit: pieceLimit)
        while let run = reader.next() { runs.append(run) }
        problems = reader.problems
        finished = reader.finished
        progress = reader.progress
    }

    /// Imports one file with this text.
    init(_ text: String, as name: String) throws {
        let scratch = try Scratch()
        self.init([try scratch.write(text, to: name)])
    }

    var calls: [RecordedCall] { runs.flatMap(\.steps).flatMap(\.calls) }
    var names: [String] { calls.map(\.call.name) }
    var outputs: [String?] { calls.map { $0.output?.text } }
    func count(_ reason: ImportProblem.Reason) -> Int { problems.count(reason) }
}

extension RecordedRun {
    var messages: [String] {
        steps.compactMap { if case .message(let text) = $0 { text } else { nil } }
    }

    var turns: [RecordedTurn] {
        steps.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }
    }
}

/// A gzip file (RFC 1952) whose data are stored, not compressed.
func gzip(_ text: String) -> [UInt8] {
    let data = Array(text.utf8)
    var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    func little(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
    }
    for start in stride(from: 0, to: max(data.count, 1), by: 60_000) {
        let block = data[start..<min(start + 60_000, data.count)]
        bytes.append(start + 60_000 >= data.count ? 1 : 0)
        bytes += little(UInt32(block.count), 2) + little(~UInt32(block.count), 2) + block
    }
    var check: UInt32 = 0xFFFF_FFFF
    for byte in data {
        check ^= UInt32(byte)
        for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    return bytes + little(~check, 4) + little(UInt32(data.count), 4)
}
