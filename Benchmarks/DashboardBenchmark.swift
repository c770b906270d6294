import ForerunBrowser
import ForerunCore
import ForerunTransport
import Foundation
import Subprocess
import SystemPackage

/// `forerun serve` over 10,000 runs with 2 GB of logs, and one run of 5,000 events in headless Chromium: how long the list takes,
/// what the server needs, how long frames take while the timeline is scrolled and zoomed.
struct DashboardBenchmark: Benchmark {
    let name = "dashboard"

    private static let runs = 10_000
    private static let bytesOfRun = 200_000
    private static let events = 5_000

    func run(report: (Measurement) -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/forerun-bench-dashboard-\(getuid())"
        try? FileManager.default.removeItem(atPath: root)
        defer { try? FileManager.default.removeItem(atPath: root) }
        Figures.note("dashboard: writing \(Self.runs) logs")
        let long = try Self.write(root)
        for measurement in try await serve(root, { try await Self.measure(long, address: $0, server: $1) }) {
            report(measurement)
        }
    }

    // MARK: - Logs

    /// - Returns: the name of the long run.
    private static func write(_ root: String) throws -> String {
        let rest = Array(lines(until: bytesOfRun) { $0 }.utf8)
        var name = ""
        for number in 0..<runs {
            // An hour between two of them: a bit more than a year.
            name = try write(number, rest, root)
        }
        let long = lines(until: events) { _ in 1 }
        name = try write(runs, Array(long.utf8), root)
        return name
    }

    private static func write(_ number: Int, _ rest: [UInt8], _ root: String) throws -> String {
        let begin = Date(timeIntervalSince1970: 1_760_000_000 + Double(number) * 3_600)
        let digits = begin.formatted(.iso8601).filter(\.isNumber)
        let name = "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(6))-0000"
        let directory = "\(root)/forerun/runs/\(name)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let head: JSON = [
            "type": "run.started", "version": 2, "id": .string(name), "agent": .string("agent-\(number % 7)"),
            "mode": "full",
            "workspace": "/work", "task": .string("Task \(number): find out why the tests fail, and repair it."),
            "time": 0,
        ]
        try Data(Array((head.text + "\n").utf8) + rest).write(to: URL(filePath: directory + "/events.jsonl"))
        return name
    }

    /// Turns, as many as it takes until the sizes of their lines come to `limit`.
    private static func lines(until limit: Int, _ size: (Int) -> Int) -> String {
        var text = ""
        var sum = 0
        var turn = 0
        while sum < limit {
            for line in self.turn(turn) {
                text += line.text + "\n"
                sum += size(line.text.utf8.count + 1)
            }
            turn += 1
        }
        let completed: JSON = [
            "type": "run.completed", "end": "finished", "seconds": .int(turn), "turns": .int(turn),
            "speculation": ["savedSeconds": .int(turn / 3), "wastedTokens": 1_000],
        ]
        return text + completed.text + "\n"
    }

    /// Thirteen events of a second: three guesses, two branches, one of them committed.
    private static func turn(_ turn: Int) -> [JSON] {
        let work = turn * 8 + 1
        func at(_ part: Double) -> JSON { .seconds(Double(turn) + part) }
        let calls: [JSON] = (0..<3).map {
            [
                "name": "edit_file",
                "arguments": ["path": .string("src/file-\(turn % 40).c"), "old_text": .int($0), "new_text": "x"],
            ]
        }
        var lines: [JSON] = [
            [
                "type": "answer.asked", "work": .int(work), "turn": .int(turn), "lane": "active", "attempt": 0,
                "time": at(0),
            ]
        ]
        for (rank, call) in calls.enumerated() {
            lines.append([
                "type": "prediction", "turn": .int(turn), "source": .string("source-\(rank)"), "rank": .int(rank),
                "calls": [call],
                "probability": .seconds(0.6 - Double(rank) * 0.2), "time": at(0.1),
            ])
        }
        for branch in 1...2 {
            let id = JSON.int(work + branch)
            lines.append(["type": "branch.forked", "world": id, "from": 0, "work": id, "time": at(0.1)])
            lines.append([
                "type": "call.started", "work": id, "call": calls[branch - 1], "world": id, "lane": "shadow",
                "effect": "contained",
                "time": at(0.1),
            ])
        }
        for branch in 1...2 {
            lines.append([
                "type": "call.finished", "work": .int(work + branch), "lane": "shadow", "seconds": 0.3,
                "isError": false,
                "time": at(0.2 + Double(branch) * 0.2),
            ])
        }
        lines.append(["type": "answer.finished", "work": .int(work), "lane": "active", "seconds": 0.9, "time": at(0.9)])
        lines.append([
            "type": "turn.taken", "turn": .int(turn), "role": "actor", "text": "I look at the next file.",
            "calls": [calls[0]],
            "finish": "stop", "usage": ["input": 4_000, "cached": 0, "output": .int(20 + turn % 60), "reasoning": 0],
            "ahead": false, "seconds": 0.9, "time": at(0.9),
        ])
        lines.append([
            "type": "call.taken", "turn": .int(turn), "index": 0, "call": calls[0],
            "output": .string(String(repeating: "a line of output\n", count: 60)), "isError": false, "ends": false,
            "ahead": true,
            "seconds": 0.3, "effect": "contained", "work": .int(work + 1), "time": at(0.9),
        ])
        lines.append([
            "type": "branch.committed", "world": .int(work + 1), "turn": .int(turn), "index": 0, "time": at(0.9),
        ])
        lines.append(["type": "branch.landed", "world": .int(work + 1)])
        lines.append(["type": "branch.discarded", "world": .int(work + 2), "time": at(0.95)])
        return lines
    }

    // MARK: - The server

    private func serve(
        _ root: String, _ body: @Sendable @escaping (String, Int) async throws -> [Measurement]
    ) async throws -> [Measurement] {
        let environment = Subprocess.Environment.inherit.updating(["XDG_STATE_HOME": root])
        let outcome = try await Subprocess.run(
            .path(FilePath(Layout.forerun)), arguments: ["serve", "--port", "0"], environment: environment,
            input: .none,
            output: .sequence, error: .discarded
        ) { execution in
            do {
                var address = ""
                for try await line in execution.standardOutput.strings() {
                    address = String(line.filter { !$0.isWhitespace }.dropLast())
                    break
                }
                let result = try await body(address, Int(execution.processIdentifier.value))
                try execution.send(signal: .terminate)
                return result
            } catch {
                try execution.send(signal: .terminate)
                throw error
            }
        }
        return outcome.closureResult
    }

    private static func measure(_ long: String, address: String, server: Int) async throws -> [Measurement] {
        var measurements: [Measurement] = []
        func note(_ of: String, _ metric: String, _ unit: String, _ value: Double) {
            measurements.append(Measurement(of: of, metric: metric, unit: unit, value: value))
        }
        let clock = ContinuousClock()
        func list(_ query: String = "") async throws -> (JSON, milliseconds: Double) {
            let start = clock.now
            let answer = try await HTTPClient.shared.send(
                HTTPRequest(.get, "\(address)/api/runs?\(query)", totalTimeout: 300))
            let time = start.duration(to: clock.now) / .milliseconds(1)
            return (try JSON(parsing: answer.body[...]), time)
        }
        let start = clock.now
        while try await list().0["reading"] != nil { try await Task.sleep(for: .milliseconds(200)) }
        note(
            "\(runs) runs, \(runs * bytesOfRun / 1_000_000) MB", "logs read for the first time", "s",
            start.duration(to: clock.now) / .seconds(1))
        for (query, words) in [
            ("", "list"), ("words=repair+1234", "search"), ("order=saved&limit=100", "list by savings"),
        ] {
            var times: [Double] = []
            for _ in 0..<40 {
                times.append(try await list(query).milliseconds)
                // Longer than what counts as current: the logs are looked at again.
                try await Task.sleep(for: .milliseconds(600))
            }
            times.sort()
            note("\(runs) runs", "\(words), p95 of \(times.count)", "ms", times[times.count * 95 / 100])
        }
        measurements += try await frames(long, address)
        let status = (try? String(contentsOfFile: "/proc/\(server)/status", encoding: .utf8)) ?? ""
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split { !$0.isNumber }.first
        note("\(runs) runs", "memory at most", "MB", Double(peak ?? "0").map { $0 / 1_000 } ?? 0)
        return measurements
    }

    // MARK: - The browser

    private static func frames(_ run: String, _ address: String) async throws -> [Measurement] {
        guard Browser.isThere else {
            Figures.note("dashboard: frames are not measured: chromium and chromium-driver are missing")
            return []
        }
        let box = FrameTimes()
        try await withBrowser { browser in
            try await browser.resize(1_600, 1_000)
            try await browser.open("\(address)/runs/\(run)")
            try await browser.wait(for: "document.querySelectorAll('.turn').length > 100")
            for (name, action) in FrameTimes.actions {
                let times = try await browser.run(FrameTimes.script(action)).arrayValue ?? []
                await box.add(name, times.compactMap(\.doubleValue))
            }
        }
        return await box.measurements(of: "\(events) events")
    }
}

/// How long frames took while something was done.
private actor FrameTimes {
    static let actions = [
        ("zoom", "wheel(0, step % 80 < 40 ? -30 : 30)"), ("pan", "wheel(step % 80 < 40 ? 40 : -40, 0)"),
        ("scroll the transcript", "document.querySelector('.transcript').scrollTop += step % 160 < 80 ? 120 : -120"),
    ]

    /// Does `action` in each of 240 frames, zoomed in first, and returns what each took, in milliseconds.
    static func script(_ action: String) -> String {
        """
        const canvas = document.querySelector('.canvas-box canvas');
        const wheel = (deltaX, deltaY) => canvas.dispatchEvent(new WheelEvent('wheel',
            {deltaX, deltaY, clientX: 500, clientY: 500, bubbles: true, cancelable: true}));
        wheel(0, -300);
        return new Promise((done) => {
            const times = [];
            let last = null, step = 0;
            const frame = (now) => {
                if (last !== null) times.push(now - last);
                last = now;
                if ((step += 1) > 240) return done(times);
                \(action);
                requestAnimationFrame(frame);
            };
            requestAnimationFrame(frame);
        });
        """
    }

    private var results: [(String, [Double])] = []

    func add(_ name: String, _ times: [Double]) { results.append((name, times.sorted())) }

    func measurements(of: String) -> [Measurement] {
        results.filter { !$0.1.isEmpty }.map { name, times in
            Measurement(
                of: of, metric: "frame while you \(name), p95 of \(times.count)", unit: "ms",
                value: times[times.count * 95 / 100])
        }
    }
}
