import ForerunCore
import Testing

@testable import ForerunLearning

struct FormatTests {
    @Test(arguments: Fixture.all) func everyFormatIsRecognisedAndReadWithoutProblems(fixture: Fixture) throws {
        let imported = try Imported(fixture.text, as: fixture.name)
        #expect(imported.runs.count == fixture.runs)
        #expect(imported.calls.count == fixture.calls)
        #expect(imported.runs.allSatisfy { $0.format == fixture.format })
        let harmless: Set<ImportProblem.Reason> = [.usersCalls]
        #expect(imported.problems.counts.keys.filter { !harmless.contains($0) } == [])
        #expect(Set(imported.runs.map(\.key)).count == fixture.runs)
    }

    @Test(arguments: Fixture.all) func runsAreTheSameWhereverTheNameSaysNothing(fixture: Fixture) throws {
        // Only its content tells what the file is.
        let imported = try Imported(
            fixture.text, as: "x/\(fixture.name.contains("/") ? "events.jsonl" : fixture.name).gz")
        #expect(imported.calls.count == fixture.calls)
    }

    @Test(arguments: Fixture.all) func compressedFilesReadTheSame(fixture: Fixture) throws {
        let scratch = try Scratch()
        let path = try scratch.write(gzip(fixture.text), to: "\(fixture.name).gz")
        let plain = try Imported(fixture.text, as: fixture.name)
        let imported = Imported([path])
        #expect(imported.calls == plain.calls)
        #expect(imported.runs.map { $0.steps } == plain.runs.map { $0.steps })
    }
}
