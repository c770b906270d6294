import ForerunRuntime
import Testing

struct ChatInputTests {
    @Test(arguments: [
        ("", ChatInput.nothing), (" \n ", .nothing), (" hello ", .message("hello")), ("/undo", .command(.undo, "")),
        ("/Diff  last ", .command(.diff, "last")), ("//etc/hosts", .message("/etc/hosts")),
        ("a /undo", .message("a /undo")),
        ("/now go on\nnow", .command(.now, "go on\nnow")),
    ])
    func linesAreUnderstood(line: String, expected: ChatInput) { #expect(ChatInput(line) == expected) }

    @Test(arguments: [("/udno", "/undo"), ("/hlep", "/help"), ("/etc/hosts", "//etc/hosts"), ("/zzzzzz", "/help")])
    func whatIsNoCommandHasARemedy(line: String, words: String) throws {
        guard case .unknown(_, let remedy) = ChatInput(line) else {
            Issue.record("\(line) is a command")
            return
        }
        #expect(remedy.contains(words))
    }
}
