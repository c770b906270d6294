import Testing

@testable import ForerunCore

struct AlternatingProgramTests {
    private let program = AlternatingProgram(roles: [
        ModelRequest.Role(name: "white"), ModelRequest.Role(name: "black"),
    ])
    private let start = Transcript.Entry.message("start position")

    private func move(_ text: String) -> Transcript.Entry { .turn(Turn(calls: [Call("move", ["uci": .string(text)])])) }
    private func output(_ text: String, isError: Bool = false, ends: Bool = false) -> Transcript.Entry {
        .output(call: 0, Output(text, isError: isError, endsEpisode: ends))
    }

    /// Who is asked next.
    private func player(_ entries: [Transcript.Entry]) -> String? {
        if case .ask(let request) = program.next(after: Transcript(entries)) { request.role.name } else { nil }
    }

    @Test func playersTakeTurns() {
        var game = [start]
        for expected in ["white", "black", "white", "black"] {
            #expect(player(game) == expected)
            game += [move("m"), output("position \(game.count)")]
        }
    }

    @Test func aPlayerWhoErredIsAskedAgain() {
        var game = [start, move("e2e4"), output("position 1"), move("e2e5"), output("not legal", isError: true)]
        #expect(player(game) == "black")
        game += [move("e2e6"), output("not legal", isError: true)]
        #expect(player(game) == "black")
        game += [move("e7e5"), output("position 2")]
        #expect(player(game) == "white")
    }

    @Test func aPlayerSeesTheWorldOnly() {
        let game = Transcript([start, move("e2e4"), output("position 1")])
        guard case .ask(let request) = program.next(after: game) else {
            Issue.record("nobody is asked")
            return
        }
        #expect(request.entries == [output("position 1")])
        // However the position came about, the question is the same.
        let other = ModelRequest(
            role: program.roles[1], transcript: Transcript([start, move("x"), output("position 1")]), view: .lastEntry)
        #expect(request == other)
    }

    @Test func itEndsWhereTheGameDoes() {
        #expect(program.next(after: Transcript([start, move("h5f7"), output("mate", ends: true)])) == .finish)
        #expect(program.next(after: Transcript([start, .turn(Turn(text: "I resign"))])) == .finish)
    }

    @Test func aMoveIsPerformed() {
        let call = Call("move", ["uci": "e2e4"])
        #expect(program.next(after: Transcript([start, .turn(Turn(calls: [call]))])) == .perform([call]))
    }
}
