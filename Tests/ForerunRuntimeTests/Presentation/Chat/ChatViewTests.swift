import ForerunCore
import ForerunRuntime
import Testing

struct ChatViewTests {
    private static let call = Call("run_command", ["command": "make"])

    private func view(_ events: [RunEvent]) -> ChatView {
        var view = ChatView(ViewStyle())
        for event in events { view.on(.event(event, time: 1)) }
        return view
    }

    @Test func textScrollsByTheLine() {
        var view = view([
            .messageJoined(turn: 0, text: "Hi.\nYou."), .asked(work: 1, turn: 0, lane: .active, attempt: 0),
        ])
        view.on(.text("One\nTw", turn: 0))
        #expect(view.takeScrolled() == "› Hi.\n  You.\nOne\n")
        #expect(view.rows(columns: 20, height: 5, at: 3) == ["Tw", "▶ asking  2.00 s"])
        view.on(
            .event(
                .turnTaken(turn: 0, role: "actor", answer: Turn(text: ""), usage: nil, isHit: false, seconds: 2),
                time: 3))
        view.on(.event(.messageAwaited(turn: 1), time: 3))
        #expect(view.takeScrolled() == "Tw\n1 turn · 2.00 s\n")
        #expect(view.rows(columns: 20, height: 5, at: 3) == [])
    }

    @Test func aCallThatWasMadeAheadIsShownOnceItIsReal() {
        let view = view([
            .performed(work: 3, call: Self.call, world: 0, lane: .shadow, effect: .contained), .promoted(work: 3),
        ])
        #expect(view.rows(columns: 40, height: 5, at: 2) == ["▶ run_command make  1.00 s"])
    }

    @Test func whatWaitsIsShownAsFarAsThereIsRoom() {
        var view = view([.asked(work: 1, turn: 0, lane: .active, attempt: 0)])
        view.showQueue(["one", "two\nlines", "three"])
        #expect(
            view.rows(columns: 20, height: 6, at: 1).dropFirst() == ["queued  one", "queued  two lines", "and 1 more"])
    }

    @Test func nothingThatAModelSaysObeysTheTerminal() {
        var view = view([.messageJoined(turn: 0, text: "a\u{1B}[2Jb")])
        view.on(.text("c\u{1B}]0;x\u{7}d\n", turn: 0))
        #expect(!view.takeScrolled().contains("\u{1B}"))
    }
}
