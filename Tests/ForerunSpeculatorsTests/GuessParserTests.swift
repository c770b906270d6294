import ForerunCore
import Testing

@testable import ForerunSpeculators

struct GuessParserTests {
    private static let read = Call("read_file", ["path": "a/b.swift"])
    private static let list = Call("list_directory", ["path": "."])
    private static let run = Call("run_command", ["command": "echo \"}]\" '{' \\ ü"])

    /// The same guesses, written in many ways.
    private static let writings: [String: String] = [
        "as asked": #"""
        {"guesses":[{"confidence":0.7,"calls":[{"name":"read_file","arguments":{"path":"a/b.swift"}}]},{"confidence":0.2,"calls":[{"name":"list_directory","arguments":{"path":"."}},{"name":"run_command","arguments":{"command":"echo \"}]\" '{' \\ ü"}}]}]}
        """#,
        "fenced, with prose around": #"""
        Sure! I'd guess {roughly} [1] this: it's "likely".

        ```json
        { "guesses" : [
            { "confidence" : 0.7, "calls" : [ { "name" : "read_file", "arguments" : { "path" : "a\/b.swift" } } ] },
            { "calls" : [ { "arguments" : { "path" : "." }, "name" : "list_directory" },
                          { "name" : "run_command", "arguments" : { "command" : "echo \"}]\" '{' \\ \u00fc" } } ],
              "confidence" : 0.2 }
        ] }
        ```
        Hope that helps {really}.
        """#,
        "a bare list": #"""
        [{"confidence":0.7,"calls":[{"name":"read_file","arguments":{"path":"a/b.swift"}}]},
         {"confidence":0.2,"calls":[{"name":"list_directory","arguments":{"path":"."}},{"name":"run_command","arguments":{"command":"echo \"}]\" '{' \\ ü"}}]}]
        """#,
        "a line each": #"""
        {"confidence":0.7,"calls":[{"name":"read_file","arguments":{"path":"a/b.swift"}}]}
        {"confidence":0.2,"calls":[{"name":"list_directory","arguments":{"path":"."}},{"name":"run_command","arguments":{"command":"echo \"}]\" '{' \\ ü"}}]}
        """#,
        "with other wrappings": #"""
        {"thought":"x","predictions":[{"confidence":0.7,"tool_calls":[{"type":"function","function":{"name":"read_file","arguments":"{\"path\":\"a/b.swift\"}"}}]},
        {"confidence":0.2,"calls":[{"tool":"list_directory","args":{"path":"."}},{"name":"run_command","parameters":{"command":"echo \"}]\" '{' \\ ü"}}]}]}
        """#,
    ]

    private static let expected = [
        GuessParser.Guess(calls: [read], confidence: 0.7), GuessParser.Guess(calls: [list, run], confidence: 0.2),
    ]

    private func guesses(_ parts: [some StringProtocol]) -> [GuessParser.Guess] {
        var parser = GuessParser()
        return parts.flatMap { parser.push($0) } + parser.finish()
    }

    @Test(arguments: writings.keys.sorted())
    func everyCutGivesTheSameGuesses(writing: String) throws {
        let text = try #require(Self.writings[writing])
        #expect(guesses([text]) == Self.expected)
        #expect(guesses(text.map { String($0) }) == Self.expected)
        for cut in text.indices {
            #expect(guesses([text[..<cut], text[cut...]]) == Self.expected, "cut before \(text[cut...].prefix(20))")
        }
        for size in 2...9 {
            let characters = Array(text)
            let parts = stride(from: 0, to: characters.count, by: size).map {
                String(characters[$0..<min($0 + size, characters.count)])
            }
            #expect(guesses(parts) == Self.expected, "parts of \(size)")
        }
    }

    @Test func aGuessIsThereWithItsLastBrace() throws {
        let text = try #require(Self.writings["as asked"])
        let end = try #require(text.firstRange(of: "]},{\"confidence\"")).lowerBound
        let brace = text.index(after: end)
        var parser = GuessParser()
        #expect(parser.push(text[..<brace]).isEmpty)
        #expect(parser.push(text[brace...brace]) == [Self.expected[0]])
        #expect(parser.push(text[text.index(after: brace)...]) == [Self.expected[1]])
        #expect(parser.finish().isEmpty)
    }

    /// Whatever is missing at the end, nothing is guessed that the whole text does not begin with.
    @Test(arguments: writings.keys.sorted())
    func aMissingEndCostsOnlyWhatIsMissing(writing: String) throws {
        let text = try #require(Self.writings[writing])
        var counts: Set<Int> = []
        for end in text.indices {
            let found = guesses([text[..<end]])
            counts.insert(found.count)
            #expect(found.count <= 2)
            for (guess, whole) in zip(found, Self.expected) {
                #expect(whole.calls.starts(with: guess.calls))
                #expect(guess.confidence == nil || guess.confidence == whole.confidence)
            }
        }
        #expect(counts.isSuperset(of: [0, 1, 2]))
    }

    @Test func theCompleteCallsOfACutOffGuessCount() {
        let text = #"{"guesses":[{"confidence":0.5,"calls":[{"name":"a","arguments":{"calls":[{}]}},{"name":"b","argu"#
        #expect(guesses([text]) == [GuessParser.Guess(calls: [Call("a", ["calls": [[:]]])], confidence: 0.5)])
        #expect(guesses([#"[{"calls":[{"name":"a"},{"name":"b","arguments":{"#]).map(\.calls) == [[Call("a")]])
    }

    @Test func equalGuessesCountOnce() {
        let text = #"""
            {"guesses":[{"confidence":0.5,"calls":[{"name":"a","arguments":{"x":1,"y":2}}]},
            {"confidence":0.3,"calls":[{"name":"a","arguments":{"y":2.0,"x":1e0}}]},
            {"calls":[{"name":"a","arguments":{"x":2}}]}]}
            """#
        #expect(guesses([text]).map(\.confidence) == [0.5, nil])
    }

    @Test func callsByThemselvesAreGuesses() {
        #expect(guesses([#"{"name":"a","arguments":{"x":1}}"#]).map(\.calls) == [[Call("a", ["x": 1])]])
        #expect(guesses([#"[{"name":"a"},{"name":"b"}]"#]).map(\.calls) == [[Call("a")], [Call("b")]])
    }

    @Test func confidenceIsKeptWithinItsRange() {
        let text = #"[{"name":"a","confidence":7},{"name":"b","confidence":-1},{"name":"c","confidence":"high"}]"#
        #expect(guesses([text]).map(\.confidence) == [1, 0, nil])
    }

    @Test(
        arguments: [
            "", "I do not know.", #"{"guesses":[]}"#, "{}", "[]", "}{", "]]}}", "{\"", "[[[[",
            #"{"guesses":[{"calls":[]}]}"#,
            #"{"guesses":[{"calls":[{"name":"a","arguments":[1]}]}]}"#, #"{"guesses":[{"calls":[{"name":7}]}]}"#,
            #"{"guesses":[{"calls":[{"name":"a","arguments":{oops}}]}]}"#, #"{"guesses":{"calls":[{"name":"a"}]}}"#,
            #"{"calls":[{"arguments":{}}]}"#,
        ])
    func whatIsNoGuessIsPassedOver(text: String) {
        #expect(guesses([text]).isEmpty)
    }

    @Test func aBrokenGuessDoesNotHideTheNext() {
        let text = #"{"guesses":[{"calls":[{"name":"a","arguments":{oops}}]},{"calls":[{"name":"b"}]}]}"#
        #expect(guesses([text]).map(\.calls) == [[Call("b")]])
    }
}
