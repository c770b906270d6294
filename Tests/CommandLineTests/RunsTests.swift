import ForerunCore
import Foundation
import Glibc
import Testing

/// `forerun runs` and `forerun show`.
struct RunsTests {
    private static let script = """
        models:
          actor:
            turns:
              - text: "<b>First</b> I look."
                calls: [{name: read_file, arguments: {path: a.txt}}]
              - calls: [{name: run_command, arguments: {command: "printf '<script>alert(1)</script>\\\\033[31m'"}}]
              - text: All is done.
        """

    private func objects(_ result: Program.Result) throws -> [JSON] { try result.lines.map { try JSON(parsing: $0) } }

    @Test func runsAreListedFoundAndShown() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.script) { flags in
            for task in ["Repair the parser.", "Count the words."] {
                let run = try await Program.run(["run", "coder", task] + flags, in: home)
                #expect(run.status == 0, "\(run.error)")
            }
        }
        let list = try await Program.run(["runs"], in: home)
        #expect(list.status == 0 && list.lines.count == 3, "\(list.output) \(list.error)")
        #expect(list.lines[1].contains("Count the words.") && list.lines[2].contains("finished"), "\(list.output)")
        let found = try await Program.run(["runs", "pars", "--json"], in: home)
        let runs = try objects(found)
        #expect(runs.count == 1 && runs[0]["task"] == "Repair the parser." && runs[0]["turns"] == 3, "\(found.output)")
        let name = try #require(runs[0]["run"]?.stringValue)
        let none = try await Program.run(["runs", "zebra"], in: home)
        #expect(none.status == 0 && none.output.isEmpty && none.error.contains("no run"), "\(none.error)")
        let rebuilt = try await Program.run(["runs", "--rebuild"], in: home)
        #expect(rebuilt.output.hasPrefix("2 runs read"), "\(rebuilt.output)")
        let report = try await Program.run(["runs", "--report"], in: home)
        #expect(report.output.contains("runs    2") && report.output.contains("run_command: "), "\(report.output)")

        let shown = try await Program.run(["show", name], in: home)
        #expect(shown.status == 0, "\(shown.error)")
        #expect(shown.output.contains("turn 2") && shown.output.contains("✓ read_file a.txt"), "\(shown.output)")
        #expect(!shown.output.contains("\u{1b}"))
        let full = try await Program.run(["show", name, "--full"], in: home)
        #expect(full.output.contains("1\tone") && !full.output.contains("\u{1b}"), "\(full.output)")
        let lines = try objects(try await Program.run(["show", name, "--json"], in: home))
        #expect(lines.first?["type"] == "run")
        #expect(lines.filter { $0["type"] == "turn" }.count == 3)
        #expect(lines.contains { $0["type"] == "work" && $0["fate"] == "used" })
        let page = home.workspace + "/page.html"
        let html = try await Program.run(["show", "--html", page, name], in: home)
        #expect(html.status == 0 && html.output.isEmpty, "\(html.error)")
        let text = try String(contentsOfFile: page, encoding: .utf8)
        #expect(text.contains("&lt;script&gt;") && !text.contains("<script") && text.contains("&lt;b&gt;First"))
    }

    @Test func brokenAndNewerIndexesAndLogsAreMet() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.script) { flags in
            _ = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
        }
        let state = home.path + "/.local/state/forerun"
        try "no database at all".write(toFile: state + "/runs.sqlite", atomically: true, encoding: .utf8)
        let list = try await Program.run(["runs", "--json"], in: home)
        #expect(list.status == 0 && list.lines.count == 1 && list.error.isEmpty, "\(list.error)")
        // A log of a later version.
        let name = try #require(try objects(list).first?["run"]?.stringValue)
        let log = "\(state)/runs/\(name)/events.jsonl"
        let text = try String(contentsOfFile: log, encoding: .utf8).replacing(#""version":2"#, with: #""version":7"#)
        try text.write(toFile: log, atomically: true, encoding: .utf8)
        let shown = try await Program.run(["show"], in: home)
        #expect(shown.status == 0 && shown.output.contains("version 7"), "\(shown.output)")
        let resumed = try await Program.run(["resume"], in: home)
        #expect(resumed.status == 1 && resumed.error.contains("version 7"), "\(resumed.error)")
        #expect(try String(contentsOfFile: log, encoding: .utf8) == text, "nothing is overwritten")
    }

    /// A run that goes on does so in all views, until its process is gone.
    @Test func whatGoesOnAndWhatWasCutOffAreTold() async throws {
        let home = try TemporaryHome()
        try await withEndpoint("models:\n  actor:\n    latency: 300\n    turns: [{text: Late.}]\n") { flags in
            let running = try Running(["run", "coder", "Do it.", "--json"] + flags, home)
            try await running.waitForOutput { $0.contains("answer.asked") }
            for (end, last, other) in [
                ("running", "it goes on", "cut off"), ("cut off", "cut off here", "running"),
            ] {
                if end == "cut off" {
                    running.send(SIGKILL)
                    _ = try await running.end()
                }
                let shown = try await Program.run(["show"], in: home)
                #expect(shown.lines.first?.hasSuffix(end) == true && shown.lines.last?.hasPrefix(last) == true)
                #expect(!shown.output.contains(other), "\(shown.output)")
                let object = try objects(try await Program.run(["show", "--json"], in: home)).first
                #expect(object?["end"] == (end == "running" ? .string(end) : .null))
                let page = home.workspace + "/page.html"
                _ = try await Program.run(["show", "--html", page], in: home)
                #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<dd>\(end)</dd>"))
                #expect(try await Program.run(["runs", "--json", "--end", end], in: home).lines.count == 1)
                #expect(try await Program.run(["runs", "--json", "--end", other], in: home).lines.isEmpty)
            }
        }
    }

    /// What one log holds keeps nobody from the others.
    @Test func numbersThatCannotBeAreDamageOfOneRun() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.script) { flags in
            for task in ["Repair the parser.", "Count the words."] {
                _ = try await Program.run(["run", "coder", task] + flags, in: home)
            }
        }
        let runs = try objects(try await Program.run(["runs", "--json"], in: home))
        let name = try #require(runs.first?["run"]?.stringValue)
        let log = "\(home.path)/.local/state/forerun/runs/\(name)/events.jsonl"
        let text = try String(contentsOfFile: log, encoding: .utf8)
        for (part, number) in [
            ("\"input\":", "9223372036854775807"), ("\"time\":", "1e300"), ("\"seconds\":", "1e300"),
        ] {
            let line = try #require(
                text.split(separator: "\n").lastIndex { $0.contains(part) && $0.contains("turn.taken") })
            var lines = text.split(separator: "\n").map(String.init)
            lines[line] = lines[line].replacing(try Regex("\(part)[0-9.]+"), with: part + number)
            try (lines.joined(separator: "\n") + "\n").write(toFile: log, atomically: true, encoding: .utf8)
            let list = try await Program.run(["runs", "--json"], in: home)
            #expect(list.status == 0, "\(part): \(list.error)")
            let found = try objects(list)
            #expect(found.count == 2 && found.last?["damage"] == nil)
            #expect(found.first?["damage"]?.stringValue?.hasPrefix("line \(line + 1): “") == true, "\(list.output)")
            for command in [["runs"], ["runs", "--report"], ["show", name], ["show", name, "--json"], ["cost"]] {
                let result = try await Program.run(command, in: home)
                #expect(result.status == 0, "\(part) \(command): \(result.error)")
            }
            let resumed = try await Program.run(["resume", name], in: home)
            #expect(resumed.status == 1 && resumed.error.contains("cannot be \(number)"), "\(resumed.error)")
        }
    }

    @Test func wrongUsageIsExplained() async throws {
        let home = try TemporaryHome()
        for (words, part) in [
            (["show", "nobody"], "forerun runs"), (["runs", "--sort", "colour"], "tokens"),
            (["runs", "--since", "yesterday"], "20261121"), (["runs", "--limit=-1"], "0 or more"),
        ] {
            let result = try await Program.run(words, in: home)
            #expect(result.status == 2 && result.error.contains(part), "\(words): \(result.status) \(result.error)")
        }
        let nothing = try await Program.run(["runs"], in: home)
        #expect(nothing.status == 0 && nothing.error == "forerun: no run is recorded that fits\n", "\(nothing.error)")
        let empty = try await Program.run(["show"], in: home)
        #expect(empty.status == 1 && empty.error.contains("no run is recorded"), "\(empty.error)")
        for verb in ["runs", "show", "resume", "fork"] {
            let help = try await Program.run([verb, "--help"], in: home)
            #expect(help.status == 0 && help.output.contains("EXIT CODES"))
        }
    }
}
