import ForerunCore
import Testing

@testable import ForerunSpeculators

struct RunIndexTests {
    private func index(_ steps: [PatternStep]) -> RunIndex {
        var index = RunIndex()
        for step in steps { index.append(step) }
        return index
    }

    private func output(_ text: String, of call: Call = Call("get")) -> RunIndex {
        index([.turn(Turn(calls: [call])), .output(call: 0, PatternOutput(Output(text)))])
    }

    private func sources(_ index: RunIndex, of value: JSON) -> Set<String> {
        Set(index.derivations(of: value, ValueHash.of(value)).map { "\($0.source.kind) \($0.source.path)" })
    }

    @Test func valuesOfOutputsHaveTheirPlacesForSources() {
        let index = output(##"{"user":{"name":"Ada"},"orders":["#W1","#W2"],"items":[{"id":7}]}"##)
        #expect(sources(index, of: "Ada") == ["output .user.name"])
        #expect(sources(index, of: "#W2") == ["output .orders[]"])
        #expect(sources(index, of: 7) == ["output .items[].id"])
        #expect(sources(index, of: ["#W1", "#W2"]).contains("output .orders"))
    }

    @Test func keysThatAreDataAreValues() {
        let index = output(#"{"payments":{"card_1234":{"brand":"visa"},"gift_5678":{"brand":"none"}}}"#)
        #expect(sources(index, of: "gift_5678") == ["key .payments"])
        #expect(sources(index, of: "visa") == ["output .payments.{}.brand"])
        #expect(RunIndex.isData("1234") && RunIndex.isData("a title") && RunIndex.isData(""))
        #expect(!RunIndex.isData("address1") && !RunIndex.isData("zip_code"))
    }

    @Test func placesInListsAreRanks() {
        let index = output(#"{"orders":["a","b","c"]}"#)
        let hash = ValueHash.of("b")
        let occurrence = index.occurrences[Int(index.values[Int(index.valueNumbers.find(hash))].last)]
        #expect(occurrence.rank == 1 && occurrence.count == 3)
    }

    @Test func ownersHaveTheWordsOfTheirObjects() {
        let index = output(#"[{"name":"Blue Kettle","id":"x1"},{"name":"Red Lamp","id":"x2"}]"#)
        let number = index.valueNumbers.find(ValueHash.of("x2"))
        let owner = index.occurrences[Int(index.values[Int(number)].last)].owner
        var words: Set<FeatureHash> = []
        index.forEachWord(of: owner) { words.insert(index.words[Int($0)].hash) }
        #expect(words.contains(Naming.name("lamp")) && !words.contains(Naming.name("kettle")))
    }

    @Test(arguments: [
        ("#W1234", "#A9999"), ("ada@example.org", "@"), ("2024-05-17", "date"), ("src/main.swift", "path"),
        ("LAX", "U3"), ("HAT170", "U6"), ("ada_lovelace_1234", "a_a_9999"), ("1234567890", "9*"),
    ])
    func wordsOfTheUserHaveShapes(word: String, shape: String) {
        let index = index([.message("my \(word), please")])
        #expect(sources(index, of: .string(word)).contains("user \(shape)"))
    }

    @Test func ordinaryWordsAreNoValues() {
        #expect(sources(index([.message("please help me")]), of: "please").isEmpty)
    }

    @Test func namesQuotesAndDaysAreRead() {
        let index = index([.message(#"I'm Ada Lovelace, of "the engine", on May 7th"#)])
        #expect(sources(index, of: "Ada Lovelace") == ["user span"])
        #expect(sources(index, of: "Ada") == ["user cap", "user n0"])
        #expect(sources(index, of: "Lovelace") == ["user n1", "user cap"])
        #expect(sources(index, of: "the engine") == ["user quote"])
        #expect(sources(index, of: "05-07") == ["user day"])
    }

    @Test func derivedValuesAreFound() {
        let call = Call("list")
        let index = index([
            .turn(Turn(calls: [call])),
            .output(call: 0, PatternOutput(Output(#"{"day":"2024-01-01","ids":["k1","k2"]}"#))),
            .message("for May 7, order W12345"),
        ])
        func forms(_ value: JSON) -> [Derivation.Form] {
            index.derivations(of: value, ValueHash.of(value)).map(\.form)
        }
        #expect(forms("2024-05-07").contains(.year))
        #expect(forms("#W12345").contains(.affix("#")))
        #expect(forms(["k1"]).contains(.one))
        #expect(forms(["k1", "k2"]).contains(.all))
        #expect(forms("unheard of").isEmpty)
    }

    @Test func objectsAreCutToMembers() {
        let index = output(#"[{"flight":"A1","price":5},{"flight":"B2","price":6}]"#)
        let one: JSON = [["flight": "A1"]]
        let all: JSON = [["flight": "A1"], ["flight": "B2"]]
        #expect(index.derivations(of: one, ValueHash.of(one)).map(\.form) == [.cutOne(["flight"])])
        #expect(index.derivations(of: all, ValueHash.of(all)).map(\.form) == [.cutAll(["flight"])])
    }

    @Test func aCopyGrowsAlone() {
        let first = output(#"{"id":"a1"}"#)
        var second = first
        second.append(.message("and B22222"))
        #expect(sources(first, of: "B22222").isEmpty)
        #expect(!sources(second, of: "B22222").isEmpty)
        #expect(sources(second, of: "a1") == sources(first, of: "a1"))
    }

    @Test func usesHaveTheStatusOfTheirCalls() {
        let call = Call("get", ["id": "a"])
        let key = Naming.argument(Naming.name("id"), of: Naming.name("get"))
        func status(_ steps: [PatternStep]) -> Int32 {
            index(steps).used.find(Naming.combine(key, ValueHash.of("a")))
        }
        let turn = PatternStep.turn(Turn(calls: [call]))
        #expect(status([]) == -1)
        #expect(status([turn]) == 1)
        #expect(status([turn, .output(call: 0, PatternOutput(Output("fine")))]) == 2)
        #expect(status([turn, .output(call: 0, PatternOutput(Output("Error: none")))]) == 3)
        #expect(status([turn, .output(call: 0, PatternOutput(Output("fine", isError: true)))]) == 3)
    }

    @Test(arguments: [
        "", "[", "{}", "[]", "[[[[1]]]]", "null", "\u{0}", "“", "’s", "é", "#", "''", "- - -", "a/", "2024-13-99",
    ])
    func anyTextIsRead(text: String) {
        let index = index([
            .message(text), .turn(Turn(text: text, calls: [Call("get", ["a": .string(text)])])),
            .output(call: 0, PatternOutput(Output(text))), .output(call: 9, PatternOutput(Output(text))),
        ])
        #expect(index.events == 4)
    }
}
