import ForerunCore
import Testing

@testable import ForerunLearning

struct FilePredictorTests {
    @Test func callsOpenTheFilesThatTheyName() {
        func opened(_ name: String, _ arguments: JSON) -> [String] { OpenedFiles(Call(name, arguments)).paths }
        #expect(opened("bash", ["command": "cd /testbed && sed -n 1,9p src/a.py | head"]) == ["/testbed/src/a.py"])
        #expect(opened("bash", ["command": "grep -rn word src/"]) == [])
        #expect(opened("bash", ["command": "cat > new.py <<'EOF'\nimport os.path\nEOF"]) == ["new.py"])
        #expect(
            opened("EditActionArguments", ["command": "str_replace", "path": "a/b.py", "old_str": "x"]) == ["a/b.py"])
        #expect(opened("ViewCode", ["files": [["file_path": "a.py"], ["file_path": "b.py"]]]) == ["a.py", "b.py"])
        #expect(opened("SemanticSearch", ["query": "where is a.py", "file_pattern": "*.py"]) == [])
    }

    @Test func namesOfFilesAreToldFromOtherWords() {
        let text = "see ./src/a.py:12, b/c.json. self.assertEqual np.array 1.2 http://x.org/index.html *.py e.g. (d.md)"
        #expect(FileName.all(in: text) == ["./src/a.py", "b/c.json", "//x.org/index.html", "d.md"])
    }

    /// Finds a file by a search whose output names it first, and reads it.
    private static func run(_ number: Int) -> RecordedRun {
        func turn(_ command: String, _ output: String) -> RecordedStep {
            .turn(
                RecordedTurn(calls: [RecordedCall(Call("bash", ["command": .string(command)]), output: Output(output))])
            )
        }
        return RecordedRun(
            format: "test", id: "\(number)",
            steps: [
                .message("Mend it."), turn("cat setup.cfg readme.md notes.txt", "nothing"),
                turn("cd /work && grep -rn broken .", "./lib/part\(number).py:3: broken\n./docs/other.rst:9: broken"),
                turn("cd /work && sed -n 1,20p lib/part\(number).py", "text"),
            ])
    }

    @Test func aFileThatASearchFoundIsOpenedNext() {
        var predictor = FilePredictor()
        for number in 0..<30 { predictor.learn(Self.run(number)) }
        var score = FileScore()
        for number in 100..<110 { score.add(Self.run(number), predictor) }
        // The first files of a run are named by nobody, but they are the same in all runs.
        #expect(score.calls == 20 && score.lastOpened == 0 && score.lastChanged == 0)
        #expect(score.predicted == 20 && score.missed == 20 && score.predictedOfMissed == 20)
    }

    @Test func theLastThreeFilesAreTheSimpleRule() {
        var steps: [RecordedStep] = []
        for command in ["cat a.py", "cat b.py", "sed -i s/x/y/ c.py", "cat d.py", "cat b.py", "cat a.py", "cat c.py"] {
            let call = RecordedCall(Call("bash", ["command": .string(command)]), output: Output(""))
            steps.append(.turn(RecordedTurn(calls: [call])))
        }
        var score = FileScore()
        score.add(RecordedRun(format: "test", id: "1", steps: steps), FilePredictor())
        // b is among b, c, d; then a is not among c, d, b; then c is not among d, b, a, but was changed.
        #expect(score.calls == 7 && score.lastOpened == 1 && score.lastChanged == 1)
    }
}
