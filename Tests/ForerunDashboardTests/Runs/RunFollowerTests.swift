import ForerunCore
import ForerunStore
import Testing

@testable import ForerunDashboard

/// A log that grows.
struct RunFollowerTests {
    /// What a page makes of what it is told.
    private struct Told {
        var arrays: [String: [JSON]] = [:]
        var members: [String: JSON] = [:]

        mutating func take(_ update: RunFollower.Update) {
            if update.isWhole { self = Told() }
            for name in ["live", "spans", "branches", "guesses", "turns"] {
                guard let value = update.json[name] else { continue }
                guard let count = value["count"]?.intValue, let places = value["at"]?.arrayValue else {
                    members[name] = value
                    continue
                }
                var array = Array(arrays[name, default: []].prefix(count))
                for (place, item) in zip(places, value["items"]?.arrayValue ?? []) {
                    let place = place.intValue ?? 0
                    if place < array.count { array[place] = item } else { array.append(item) }
                }
                #expect(array.count == count)
                arrays[name] = array
            }
        }
    }

    @Test func changesAddUpToTheWhole() throws {
        let runs = try RecordedRuns()
        let (run, log) = try runs.begin()
        var follower = try RunFollower(run, in: runs.directory)
        var told = Told()
        if let update = try follower.poll() { told.take(update) }
        #expect(told.members["live"] == true)
        let lines = (0..<4).flatMap(Lines.turn) + [Lines.completed(turns: 4)]
        for line in lines {
            try log.append(line)
            try log.flush(durable: false)
            let update = try follower.poll()
            #expect(update?.isWhole == false)
            if let update { told.take(update) }
            let more = try follower.poll()
            #expect(more == nil)
            var fresh = try RunFollower(run, in: runs.directory)
            var whole = Told()
            if let update = try fresh.poll() { whole.take(update) }
            #expect(told.arrays == whole.arrays)
        }
        #expect(told.arrays["turns"]?.count == 4)
    }

    @Test func theEndIsToldOnce() throws {
        let runs = try RecordedRuns()
        var (run, log): (RunName, EventLog?) = try runs.begin()
        var follower = try RunFollower(run, in: runs.directory)
        _ = try follower.poll()
        let isLive = follower.isLive
        #expect(isLive)
        for line in Lines.turn(0) { try log?.append(line) }
        try log?.append(Lines.completed(turns: 1))
        try log?.flush(durable: false)
        log = nil
        let update = try follower.poll()
        let isOver = !follower.isLive
        #expect(isOver)
        #expect(update?.json["live"] == false)
        #expect(update?.json["completed"]?["end"] == "finished")
        let more = try follower.poll()
        #expect(more == nil)
    }

    @Test func whatWasCutIsToldAnew() throws {
        let runs = try RecordedRuns()
        let (run, log) = try runs.begin()
        for turn in 0..<3 { for line in Lines.turn(turn) { try log.append(line) } }
        try log.flush(durable: false)
        var follower = try RunFollower(run, in: runs.directory)
        var told = Told()
        if let update = try follower.poll() { told.take(update) }
        #expect(told.arrays["turns"]?.count == 3)
        try log.append([
            "type": "run.resumed", "version": 2, "id": .string(run.description), "turns": 1, "calls": [0], "time": 3,
        ])
        try log.flush(durable: false)
        let update = try follower.poll()
        #expect(update?.isWhole == true)
        if let update { told.take(update) }
        #expect(told.arrays["turns"]?.count == 1)
    }
}
