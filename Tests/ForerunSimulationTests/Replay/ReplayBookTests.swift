import ForerunCore
import Testing

@testable import ForerunSimulation

struct ReplayBookTests {
    private let book = ReplayBook(
        stated: ["EditActionArguments": "read", "Search": "read", "Finish": "control", "cancel_order": "write"],
        assumesContained: false)

    @Test(arguments: [
        ("ls -la && cat a.txt | head -5", Effect.readOnly), ("cd src && grep -rn x . | sort | uniq -c", .readOnly),
        ("sed -n 1,20p a.swift", .readOnly), ("git status", .readOnly), ("sed -i s/a/b/ a.swift", .contained),
        ("echo hi > a.txt", .contained), ("rm a.txt", .contained), ("python3 test.py", .external),
        ("cat a.txt && make", .external), ("cat $(find . -name x)", .external), ("find . -name x -delete", .external),
        ("python3 x.py > out.txt", .external), ("sort -o a.txt a.txt", .external), ("", .external),
    ])
    func shellCommandsAreJudgedByWhatTheyDo(text: String, effect: Effect) {
        #expect(book.judge(Call("bash", ["command": .string(text)])).effect == effect)
    }

    @Test func whatIsUnknownWaitsUnlessItIsAssumedToStayInItsBranch() {
        #expect(book.judge(Call("send_mail")).effect == .external)
        #expect(book.judge(Call("cancel_order")).effect == .external)
        let assuming = ReplayBook(stated: ["cancel_order": "write"], assumesContained: true)
        #expect(assuming.judge(Call("cancel_order")).effect == .contained)
        #expect(assuming.judge(Call("bash", ["command": "make"])).effect == .contained)
    }

    @Test func anEditThatTheLogCallsAReadIsNone() {
        let edit: JSON = ["command": "str_replace", "path": "a", "old_str": "x", "new_str": "y"]
        #expect(book.judge(Call("EditActionArguments", edit)).effect == .contained)
        #expect(book.judge(Call("Search", ["query": "x"])).effect == .readOnly)
        #expect(book.judge(Call("Finish")).effect == .external)
        #expect(book.judge(Call("Read", ["file_path": "a"])).effect == .readOnly)
        #expect(book.judge(Call("Write", ["file_path": "a"])).effect == .contained)
    }

    @Test func aMalformedCallIsNeverTheSameAsAnother() {
        let malformed = book.judge(Call("Search", malformed: "{\"query\""))
        #expect(malformed.effect == .external && malformed.identity != book.judge(Call("Search")).identity)
    }
}
