import ForerunCore
import ForerunStore
import Foundation

/// A directory of recorded runs that disappears with its owner.
final class RecordedRuns: Sendable {
    let directory: RunStateDirectory
    private let root: String

    init() throws {
        root = "/tmp/forerun-dashboard-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        directory = RunStateDirectory(path: root + "/forerun/runs")
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// A run whose log somebody writes.
    func begin(_ task: String = "Count the files.", agent: String = "coder") throws -> (name: RunName, log: EventLog) {
        let name = try directory.makeRun()
        let log = try EventLog(creating: name, in: directory)
        try log.append(Lines.started(name, task: task, agent: agent))
        try log.append(Lines.opened(task))
        try log.flush(durable: false)
        return (name, log)
    }

    /// A run of `turns` turns, each with a guess that came true and one that did not, that is over.
    @discardableResult
    func record(_ task: String = "Count the files.", turns: Int = 3, agent: String = "coder") throws -> RunName {
        let (name, log) = try begin(task, agent: agent)
        for turn in 0..<turns { for line in Lines.turn(turn) { try log.append(line) } }
        try log.append(Lines.completed(turns: turns))
        try log.flush(durable: false)
        return name
    }

    /// What the lines say is logged, and nothing else.
    @discardableResult
    func record(lines: [JSON], task: String = "", agent: String = "coder") throws -> RunName {
        let (name, log) = try begin(task, agent: agent)
        for line in lines { try log.append(line) }
        try log.flush(durable: false)
        return name
    }
}

/// Lines of logs.
enum Lines {
    static func started(_ name: RunName, task: String, agent: String) -> JSON {
        [
            "type": "run.started", "version": .int(EventLog.version), "id": .string(name.description),
            "agent": .string(agent), "mode": "full", "workspace": "/tmp/work", "task": .string(task), "time": 0,
        ]
    }

    static func opened(_ task: String) -> JSON {
        [
            "type": "run.opened", "opening": [.string(task)], "environment": "workspace", "branches": true,
            "kept": true, "roles": [["name": "actor", "model": "mock/actor"]], "time": 0,
        ]
    }

    static let usage: JSON = ["input": 900, "cached": 0, "output": 40, "reasoning": 0]

    static func call(_ turn: Int) -> JSON { ["name": "read_file", "arguments": ["path": .string("file-\(turn).c")]] }
    static func edit(_ turn: Int) -> JSON {
        [
            "name": "edit_file",
            "arguments": ["path": .string("file-\(turn).c"), "old_text": "one\ntwo\n", "new_text": "one\n2\n"],
        ]
    }

    /// A turn that takes a second: a read that was guessed and run ahead, an edit in a branch that was guessed in vain.
    static func turn(_ turn: Int) -> [JSON] {
        let work = turn * 10 + 1
        let start = Double(turn)
        func at(_ time: Double) -> JSON { .seconds(start + time) }
        func guess(_ call: JSON, _ probability: Double, _ rank: Int) -> JSON {
            [
                "type": "prediction", "turn": .int(turn), "source": "model:mock/small", "rank": .int(rank),
                "calls": [call], "probability": .seconds(probability), "confidence": 0.5, "time": at(0.1),
            ]
        }
        return [
            [
                "type": "answer.asked", "work": .int(work), "turn": .int(turn), "lane": "active", "attempt": 0,
                "time": at(0),
            ],
            guess(call(turn), 0.75, 0), guess(edit(turn), 0.25, 1),
            [
                "type": "call.started", "work": .int(work + 1), "call": call(turn), "world": 0, "lane": "shadow",
                "effect": "readOnly", "time": at(0.1),
            ],
            [
                "type": "branch.forked", "world": .int(work + 2), "from": 0, "work": .int(work + 2), "time": at(0.1),
            ],
            [
                "type": "call.started", "work": .int(work + 2), "call": edit(turn), "world": .int(work + 2),
                "lane": "shadow", "effect": "contained", "time": at(0.1),
            ],
            [
                "type": "call.finished", "work": .int(work + 1), "lane": "shadow", "seconds": 0.2, "isError": false,
                "time": at(0.3),
            ],
            [
                "type": "call.finished", "work": .int(work + 2), "lane": "shadow", "seconds": 0.3, "isError": false,
                "time": at(0.4),
            ],
            ["type": "answer.finished", "work": .int(work), "lane": "active", "seconds": 0.9, "time": at(0.9)],
            [
                "type": "turn.taken", "turn": .int(turn), "role": "actor", "text": .string("I look, \(turn)."),
                "calls": [call(turn)], "finish": "stop", "usage": usage, "ahead": false, "seconds": 0.9,
                "time": at(0.9),
            ],
            [
                "type": "cost", "work": .int(work), "turn": .int(turn), "role": "actor", "model": "mock/actor",
                "outcome": "committed", "usage": usage, "money": 0.5, "currency": "USD", "estimated": false,
                "time": at(0.9),
            ],
            [
                "type": "call.taken", "turn": .int(turn), "index": 0, "call": call(turn),
                "output": .string("content of \(turn)"), "isError": false, "ends": false, "ahead": true,
                "seconds": 0.2, "effect": "readOnly", "work": .int(work + 1), "time": at(0.9),
            ],
            ["type": "branch.discarded", "world": .int(work + 2), "time": at(0.9)],
        ]
    }

    static func completed(turns: Int) -> JSON {
        [
            "type": "run.completed", "end": "finished", "seconds": .seconds(Double(turns)), "turns": .int(turns),
            "usage": usage, "cost": 1.5,
            "speculation": ["savedSeconds": 0.5, "wastedSeconds": 0.25, "wastedTokens": 10],
            "digest": "0",
        ]
    }
}
