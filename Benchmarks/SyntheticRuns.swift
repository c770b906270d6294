import ForerunCore
import ForerunLearning

/// Runs of invented agents, the same for the same seed: each looks something up by an id that its user names, goes through
/// the list that it gets, and changes one of its elements.
struct SyntheticRuns {
    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private struct Numbers {
        var state: UInt64

        mutating func next(below limit: Int) -> Int {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return Int((value ^ (value >> 31)) % UInt64(limit))
        }
    }

    private static let words = [
        "blue", "kettle", "lamp", "desk", "chair", "garden", "paper", "cancel", "change", "status", "where", "late",
        "refund", "broken", "address", "yesterday", "again", "please", "order", "parcel", "small", "large", "red",
    ]

    let seed: UInt64

    /// - Parameters:
    ///   - agent: tools of two agents have different names.
    ///   - number: which run of the agent.
    func run(agent: Int, number: Int) -> RecordedRun {
        var numbers = Numbers(state: seed &+ UInt64(agent) << 32 &+ UInt64(number))
        func id(_ letter: String) -> String { "\(letter)\(10_000 + numbers.next(below: 90_000))" }
        func text(_ count: Int) -> String {
            (0..<count).map { _ in Self.words[numbers.next(below: Self.words.count)] }.joined(separator: " ")
        }
        let person = id("U")
        let items = (0..<(2 + numbers.next(below: 4))).map { _ in (id: id("W"), name: text(2)) }
        let wanted = items[numbers.next(below: items.count)]
        let list: JSON = [
            "owner": .string(person),
            "items": .array(items.map { ["item_id": .string($0.id), "name": .string($0.name)] }),
        ]
        var steps: [RecordedStep] = [.message("I am \(person), \(text(6)) about the \(wanted.name)?")]
        func call(_ name: String, _ arguments: JSON, _ output: String) {
            let call = RecordedCall(Call("\(name)_\(agent)", arguments), output: Output(output))
            steps.append(.turn(RecordedTurn(calls: [call])))
        }
        call("find_owner", ["owner": .string(person)], list.text)
        for item in items.prefix(2 + numbers.next(below: 3)) {
            let details: JSON = ["item_id": .string(item.id), "status": .string(text(1)), "note": .string(text(4))]
            call("get_item", ["item_id": .string(item.id)], details.text)
        }
        steps.append(.turn(RecordedTurn(text: "Shall I change the \(wanted.name)?")))
        steps.append(.message(numbers.next(below: 4) == 0 ? "No, \(text(3))" : "Yes, the \(wanted.name)"))
        if case .message(let answer) = steps[steps.count - 1], answer.hasPrefix("Yes") {
            call(
                "change_item", ["item_id": .string(wanted.id), "owner": .string(person), "how": .string(text(1))],
                "done")
        }
        steps.append(.turn(RecordedTurn(text: "All is well.")))
        return RecordedRun(format: "synthetic", id: "\(agent)-\(number)", agent: "agent \(agent)", steps: steps)
    }
}
