import ForerunCore
import ForerunMockServer
import Testing

struct ScriptedTurnsTests {
    @Test func fillsPlaceholders() {
        let turns = ScriptedTurns(
            steps: 3, text: "Step {step}.", tool: "note",
            arguments: ["step": "{step}", "path": "f{step}/{hash}.c", "pick": "{hash:10}", "code": "{ {x} }"],
            final: "Done.")
        #expect(turns.dependsOnMessages)
        let turn = turns.turn(at: 2, hash: 0x1_0000_00ab).turn
        #expect(turn.text == "Step 2.")
        #expect(
            turn.calls == [
                Call(
                    "note",
                    [
                        "step": 2, "path": "f2/000000ab.c", "pick": .number(JSONNumber(0x1_0000_00ab % 10)),
                        "code": "{ {x} }",
                    ])
            ])
        #expect(turns.turn(at: 3, hash: 0).turn == Turn(text: "Done."))
        #expect(turns.turn(at: 99, hash: 0).turn == Turn(text: "Done."))
    }
}
