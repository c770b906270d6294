import Testing

@testable import ForerunCore

struct SwitchboardTests {
    /// - Returns: what changed, and after how many turns.
    private func play(
        _ board: inout Switchboard, turns: Int, _ turn: (inout Switchboard) -> Void
    ) -> [(turn: Int, change: Switchboard.Change)] {
        var changes: [(Int, Switchboard.Change)] = []
        for number in 1...turns {
            turn(&board)
            changes += board.turnEnded(turnSeconds: 1).map { (number, $0) }
        }
        return changes
    }

    @Test func whatSavesMoreThanItSpendsStaysOn() {
        var board = Switchboard()
        let changes = play(&board, turns: 200) {
            $0.save(0.3, by: "a")
            $0.spend(0.2, by: "a")
        }
        #expect(changes.isEmpty)
        #expect(board.isOn && board.isOn("a") && board.isOn("never seen"))
    }

    @Test func aSourceThatLosesIsOffAndTheOtherStaysOn() {
        var board = Switchboard()
        let changes = play(&board, turns: 20) {
            $0.spend(0.2, by: "bad")
            $0.save(0.1, by: "good")
        }
        #expect(changes.map(\.change.source) == ["bad"])
        #expect(changes.first?.change.isOn == false && changes.first?.change.saved == 0)
        #expect(!board.isOn("bad") && board.isOn("good") && board.isOn)
    }

    /// A fresh start each time, and longer pauses.
    @Test func itIsTriedAgainAndLaterEachTimeItFails() {
        var board = Switchboard()
        let changes = play(&board, turns: 200) { board in
            if board.isOn("bad") { board.spend(1, by: "bad") }
        }
        let pauses = changes.filter { !$0.change.isOn && $0.change.source == "bad" }.map(\.change.pause)
        #expect(Array(pauses.prefix(3)) == [16, 32, 64])
        let first = changes.filter { $0.change.source == "bad" }.map(\.turn)
        #expect(first[1] - first[0] == 16)
        #expect(changes.filter { $0.change.isOn }.count >= 2)
    }

    @Test func aWindowThatIsWorthItMakesUpForEarlierFailures() {
        var board = Switchboard()
        let first = play(&board, turns: 30) { board in if board.isOn("a") { board.spend(1, by: "a") } }
        _ = play(&board, turns: 40) { $0.save(1, by: "a") }
        let second = play(&board, turns: 60) { board in if board.isOn("a") { board.spend(1, by: "a") } }
        let pauses = (first + second).filter { !$0.change.isOn && $0.change.source == "a" }.map(\.change.pause)
        #expect(pauses.prefix(2) == [16, 16])
    }

    /// What nobody guessed (calls that were sealed) can lose, too; and many that lose a little each.
    @Test func allOfItCanLoseWhereNoSourceDoes() {
        var board = Switchboard()
        let changes = play(&board, turns: 15) { $0.spend(0.5, by: nil) }
        #expect(changes.first?.change.source == nil && changes.first?.change.isOn == false)
        #expect(!board.isOn && !board.isOn("any"))
    }

    /// Reads of a turn ran beside each other: only the longest was on the critical path.
    @Test func readsOfATurnCountOnce() {
        var many = Switchboard()
        var one = Switchboard()
        many.saveRead(1, by: "a")
        many.saveRead(0.5, by: "a")
        one.saveRead(1, by: "a")
        _ = many.turnEnded(turnSeconds: 1)
        _ = one.turnEnded(turnSeconds: 1)
        #expect(many == one)
    }

    /// What is used while it is off (calls that were sealed) is no credit for later.
    @Test func theNextWindowIsEmpty() {
        var board = Switchboard()
        _ = play(&board, turns: 11) { $0.spend(1, by: nil) }
        #expect(!board.isOn)
        let changes = play(&board, turns: 40) { board in board.isOn ? board.spend(1, by: nil) : board.save(100, by: nil)
        }
        #expect(changes.map(\.turn) == [16, 27])
    }

    /// Another run may have other models: it does not wait for long, and it says so.
    @Test func laterRunsTryAgainSooner() throws {
        let board = Switchboard(snapshot: [
            "version": 1, "accounts": [[nil, 1, 2, 3, 250, 256], ["a", 0, 0, 0, 0, 16]],
        ])
        #expect(board.whatIsOff == [.init(source: nil, isOn: false, saved: 1, spent: 2, pause: 16)])
        let stage = Stage(experience: Experience(switchboard: board))
        #expect(!stage.start().contains { $0.hasPrefix("predict") })
        #expect(
            stage.events.contains { if case .speculationSwitched(0, let change) = $0 { !change.isOn } else { false } })
        #expect(stage.tree.statistics.switched.count == 1)
    }

    @Test func snapshotsComeBack() throws {
        var board = Switchboard()
        _ = play(&board, turns: 15) {
            $0.spend(0.25, by: "bad")
            $0.save(0.125, by: "good")
        }
        let read = Switchboard(snapshot: try JSON(parsing: board.snapshot.text))
        #expect(read.snapshot == board.snapshot)
        #expect(!read.isOn("bad") && read.isOn("good"))
        #expect(Switchboard(snapshot: ["version": 1, "accounts": [[nil, -1, 0, 0, 0, 16], 3]]) == Switchboard())
        #expect(Switchboard(snapshot: [:]) == Switchboard())
    }
}
