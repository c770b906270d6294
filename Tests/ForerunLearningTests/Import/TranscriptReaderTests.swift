import ForerunCore
import FoundationEssentials
import Testing

@testable import ForerunLearning

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

struct TranscriptReaderTests {
    private func list(_ names: [String]) -> String {
        names.map { #"{"messages":[{"role":"assistant","content":"\#($0)"}]}"# + "\n" }.joined()
    }

    private func texts(_ imported: Imported) -> [String] { imported.runs.flatMap(\.turns).map(\.text) }

    @Test func filesComeBeforeDirectoriesInTheOrderOfTheirNames() throws {
        let scratch = try Scratch()
        for name in ["b/1.jsonl", "a/2.jsonl", "z.jsonl", "a/1.jsonl", "a/x/0.jsonl"] {
            try scratch.write(list([name]), to: name)
        }
        let imported = Imported([scratch.path])
        #expect(texts(imported) == ["z.jsonl", "a/1.jsonl", "a/2.jsonl", "a/x/0.jsonl", "b/1.jsonl"])
        #expect(imported.progress.files == 5)
        #expect(imported.progress.bytes == imported.progress.bytesInAll)
    }

    @Test func loopsOfLinksEnd() throws {
        let scratch = try Scratch()
        try scratch.write(list(["one"]), to: "a/1.jsonl")
        symlink(scratch.path, scratch.path + "/a/loop")
        symlink(scratch.path + "/a/self", scratch.path + "/a/self")
        symlink(scratch.path + "/a/1.jsonl", scratch.path + "/again.jsonl")
        symlink(scratch.path + "/missing", scratch.path + "/gone.jsonl")
        let imported = Imported([scratch.path, scratch.path + "/", scratch.path + "/a/1.jsonl"])
        #expect(texts(imported) == ["one"])
        // The link to itself and the one that leads nowhere.
        #expect(imported.problems.counts == [.unreadable: 2])
    }

    @Test func otherFilesAreIgnoredUnlessNamed() throws {
        let scratch = try Scratch()
        try scratch.write("hello", to: "notes.txt")
        try scratch.write("{\"a\": 1}", to: "settings.json")
        try scratch.write("", to: "empty.jsonl")
        let walked = Imported([scratch.path])
        #expect(walked.progress.ignored == 1)
        #expect(walked.problems.counts == [.unknownFormat: 1])
        #expect(Imported([scratch.path + "/notes.txt"]).problems.counts == [.unknownFormat: 1])
        #expect(Imported([scratch.path + "/none"]).problems.counts == [.unreadable: 1])
    }

    @Test func pipesAreNotWaitedFor() throws {
        let scratch = try Scratch()
        mkfifo(scratch.path + "/p.jsonl", 0o600)
        #expect(Imported([scratch.path]).progress.ignored == 1)
        #expect(Imported([scratch.path + "/p.jsonl"]).problems.counts == [.unreadable: 1])
    }

    @Test func longLinesAreCountedAndSkipped() throws {
        let scratch = try Scratch()
        let long = #"{"messages":[{"role":"assistant","content":"\#(String(repeating: "x", count: 600_000))"}]}"# + "\n"
        let path = try scratch.write(list(["a"]) + long + list(["b"]), to: "l.jsonl")
        let imported = Imported([path], pieceLimit: 100_000)
        #expect(texts(imported) == ["a", "b"])
        #expect(imported.problems.counts == [.tooLong: 1])
        #expect(imported.problems.named.first?.line == 2)
        let text = String(repeating: "x", count: 600_000)
        let document = try scratch.write(
            #"[[{"role":"assistant","content":"\#(text)"}],[{"role":"assistant","content":"c"}]]"#, to: "l.json")
        let parts = Imported([document], pieceLimit: 100_000)
        #expect(texts(parts) == ["c"])
        #expect(parts.problems.counts == [.tooLong: 1])
    }

    @Test func linesLongerThanAChunkAreRead() throws {
        let long = String(repeating: "é\\n", count: 400_000)
        let imported = try Imported(list(["a", long, "b"]), as: "l.jsonl")
        #expect(texts(imported).map(\.utf8.count) == [1, 1_200_000, 1])
    }

    @Test func byteOrderMarksAndWindowsLinesAreRead() throws {
        let text = "\u{FEFF}" + list(["a", "b"]).replacing("\n", with: "\r\n\r\n")
        #expect(texts(try Imported(text, as: "l.jsonl")) == ["a", "b"])
    }

    @Test func gzipMembersFollowOneAnother() throws {
        let scratch = try Scratch()
        let path = try scratch.write(gzip(list(["a"])) + gzip(list(["b"])) + [0, 0, 0], to: "l.jsonl.gz")
        let imported = Imported([path])
        #expect(texts(imported) == ["a", "b"])
        #expect(imported.problems.isEmpty)
    }

    @Test func damagedGzipDataAreNamed() throws {
        let scratch = try Scratch()
        var bytes = gzip(list(["a", "b"]))
        bytes[bytes.count - 6] ^= 1
        let imported = Imported([try scratch.write(bytes, to: "l.jsonl.gz")])
        #expect(imported.problems.counts == [.unreadable: 1])
    }

    @Test func unchangedFilesAreSkippedAndGrownOnesReadAgain() throws {
        let scratch = try Scratch()
        let one = try scratch.write(list(["a"]), to: "1.jsonl")
        try scratch.write(list(["b"]), to: "2.jsonl")
        let first = Imported([scratch.path])
        #expect(first.finished.count == 2)
        #expect(first.finished[0].bytesRead == first.finished[0].size)
        let bookmarks = first.finished.compactMap { ImportBookmark($0.json) }
        #expect(bookmarks == first.finished)
        let second = Imported([scratch.path], bookmarks: bookmarks)
        #expect(second.runs.isEmpty)
        #expect(second.progress.unchanged == 2)
        try scratch.write(list(["a", "more"]), to: "1.jsonl.new")
        let handle = open(one, O_WRONLY | O_APPEND)
        let more = Array(list(["more"]).utf8)
        _ = write(handle, more, more.count)
        close(handle)
        let now = try #require(ImportBookmark(of: one))
        #expect(bookmarks[0].change(to: now) == .grown)
        let third = Imported([scratch.path], bookmarks: bookmarks)
        #expect(texts(third) == ["a", "more"])
        // What was read before has the same key, and is replaced.
        #expect(third.runs[0].key == first.runs[0].key)
        #expect(third.finished.map(\.path) == [one])
    }

    @Test func filesThatWereReplacedAreReadAgain() throws {
        let scratch = try Scratch()
        let path = try scratch.write(list(["a"]), to: "1.jsonl")
        let before = try #require(ImportBookmark(of: path))
        try scratch.write(list(["bb"]), to: "1.jsonl")
        let after = try #require(ImportBookmark(of: path))
        #expect(before.change(to: after) == .replaced)
        #expect(ImportBookmark(["path": "x"]) == nil)
    }

    @Test func bookmarksComeOnlyWhenAllRunsWereTaken() throws {
        let scratch = try Scratch()
        try scratch.write(list(["a", "b"]), to: "1.jsonl")
        var reader = TranscriptReader([scratch.path])
        _ = reader.next()
        var finished = reader.finished
        #expect(finished.isEmpty)
        _ = reader.next()
        #expect(reader.next() == nil)
        finished = reader.finished
        #expect(finished.count == 1)
    }

    @Test func halfCharactersAndInfinitiesAreRepairedAndCounted() throws {
        let text = #"{"messages":[{"role":"assistant","content":"cut \ud83d","x":NaN,"y":[-Infinity,1]}]}"# + "\n"
        let imported = try Imported(text, as: "l.jsonl")
        #expect(texts(imported) == ["cut \u{FFFD}"])
        #expect(imported.problems.counts == [.repaired: 1])
        let scratch = try Scratch()
        var bytes = Array(list(["a?"]).utf8)
        bytes[bytes.firstIndex(of: UInt8(ascii: "?"))!] = 0xFF
        #expect(texts(Imported([try scratch.write(bytes, to: "l.jsonl")])) == ["a\u{FFFD}"])
    }

    @Test func problemsAreCountedAndTheFirstFewNamed() throws {
        let imported = try Imported(list(["a"]) + String(repeating: "{oops}\n", count: 30), as: "l.jsonl")
        #expect(imported.problems.counts == [.notJSON: 30])
        #expect(imported.problems.named.count == ImportProblems.namedLimit)
        #expect(imported.problems.named[0].description.contains("l.jsonl:2: no JSON: "))
    }

    /// The files that figures are measured on, where they lie beside the repository.
    private static let traces: String? = {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let path = root.deletingLastPathComponent().appending(path: "shared/traces").path
        return FileManager.default.fileExists(atPath: path + "/retail.dev.jsonl.gz") ? path : nil
    }()

    @Test(
        .enabled(if: traces != nil, "shared/traces is not beside the repository"),
        arguments: [
            ("airline.dev", 207, 1_593), ("retail.dev", 114, 904), ("telecom.dev", 39, 332),
            ("service_misc.train", 97, 257), ("chess.train", 3, 150), ("web_qa_react.dev", 114, 449),
        ])
    func recordedTrajectoriesAreReadWhole(domain: String, runs: Int, calls: Int) throws {
        let imported = Imported(["\(try #require(Self.traces))/\(domain).jsonl.gz"])
        #expect(imported.runs.count == runs)
        #expect(imported.calls.count == calls)
        #expect(imported.problems.isEmpty)
    }
}
