import ForerunCore
import Testing

@testable import ForerunSpeculators

struct GraphModelTests {
    private static func tool(_ name: String, _ properties: JSON = [:], required: [JSON] = []) -> GraphTool {
        GraphTool(
            Tool(
                name: name, description: "",
                parameters: ["type": "object", "properties": properties, "required": .array(required)]))
    }

    private static let tools = [
        tool("find_user", ["email": ["type": "string"]], required: ["email"]),
        tool("get_orders", ["user_id": ["type": "string"]], required: ["user_id"]),
        tool("get_order", ["order_id": ["type": "string"]], required: ["order_id"]),
    ]

    private func run(_ entries: [Transcript.Entry]) -> GraphRun {
        var run = GraphRun()
        for entry in entries { run.append(entry) }
        return run
    }

    /// A run in which a user is looked up and her orders are read, one after the other.
    private func visit(_ name: String, orders: [String]) -> [Transcript.Entry] {
        var entries: [Transcript.Entry] = [
            .message("I am \(name)@example.org, help me"),
            .turn(Turn(calls: [Call("find_user", ["email": .string("\(name)@example.org")])])),
            .output(call: 0, Output(#"{"user":{"id":"\#(name)_1"}}"#)),
            .turn(Turn(calls: [Call("get_orders", ["user_id": .string("\(name)_1")])])),
            .output(call: 0, Output(#"{"orders":[\#(orders.map { "\"\($0)\"" }.joined(separator: ","))]}"#)),
        ]
        for order in orders {
            entries.append(.turn(Turn(calls: [Call("get_order", ["order_id": .string(order)])])))
            entries.append(.output(call: 0, Output(#"{"status":"open"}"#)))
        }
        return entries + [.turn(Turn(text: "done"))]
    }

    @Test func withNothingLearntSchemasSayWhatFits() {
        let start = run(Array(visit("ada", orders: []).prefix(3)))
        // The email was given, the user has an id: nothing was ever seen together.
        let guesses = GraphModel().predictions(start, Self.tools, width: 3).map(\.call)
        #expect(guesses.contains(Call("find_user", ["email": "ada@example.org"])))
        #expect(guesses.contains(Call("get_orders", ["user_id": "ada_1"])))
    }

    @Test func whatWasLearntIsBoundToThePresentRun() {
        var model = GraphModel()
        for number in 0..<6 { model.learn(visit("user\(number)", orders: ["#A\(number)", "#B\(number)"])) }
        #expect(model.runs == 6)
        let all = visit("eve", orders: ["#X1", "#Y2"])
        #expect(
            model.predictions(run(Array(all.prefix(1))), Self.tools, width: 1).map(\.call)
                == [Call("find_user", ["email": "eve@example.org"])])
        #expect(
            model.predictions(run(Array(all.prefix(3))), Self.tools, width: 1).map(\.call)
                == [Call("get_orders", ["user_id": "eve_1"])])
        #expect(
            model.predictions(run(Array(all.prefix(5))), Self.tools, width: 1).map(\.call)
                == [Call("get_order", ["order_id": "#X1"])])
        // Of a list, the one that was not used comes next.
        #expect(
            model.predictions(run(Array(all.prefix(7))), Self.tools, width: 1).map(\.call)
                == [Call("get_order", ["order_id": "#Y2"])])
    }

    @Test func probabilitiesAddUpToNoMoreThanOne() {
        var model = GraphModel()
        for number in 0..<6 { model.learn(visit("user\(number)", orders: ["#A\(number)", "#B\(number)"])) }
        let guesses = model.predictions(
            run(Array(visit("eve", orders: ["#X1", "#Y2"]).prefix(5))), Self.tools, width: 9)
        #expect(guesses.count > 1)
        #expect(guesses.reduce(0) { $0 + $1.probability } <= 1)
        #expect(zip(guesses, guesses.dropFirst()).allSatisfy { $0.probability >= $1.probability })
    }

    @Test func anArgumentThatNothingFeedsMakesNoGuess() {
        let tool = Self.tool("send", ["body": ["type": "object"]], required: ["body"])
        #expect(GraphModel().predictions(run([.message("go")]), [tool], width: 3).isEmpty)
    }

    @Test func aSnapshotTellsWhatMayBeKept() throws {
        var model = GraphModel()
        for number in 0..<4 { model.learn(visit("user\(number)", orders: ["#A\(number)"])) }
        let text = model.snapshot.text
        let restored = try GraphModel(snapshot: JSON(parsing: text))
        #expect(restored.snapshot.text == text)
        #expect(!text.contains("example.org") && !text.contains("#A1"), "values of runs are not kept")
        let next = run(Array(visit("eve", orders: ["#X1"]).prefix(3)))
        #expect(
            restored.predictions(next, Self.tools, width: 1).map(\.call) == [Call("get_orders", ["user_id": "eve_1"])])
    }

    @Test(arguments: [
        "null", "{}", #"{"kind":"forerun.graph","version":9}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"calls":[[1,2]]}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"contexts":[["a"]]}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"arguments":[["a .b",1,[["s",1,1,[1]]],[]]]}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"arguments":[["a .b",-1,[],[]]]}"#,
        #"{"kind":"forerun.graph","version":1}"#, #"{"kind":"forerun.graph","version":1,"runs":-1}"#,
        #"{"kind":"forerun.graph","version":1,"runs":9223372036854775807}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"calls":[["a",1e300]]}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"arguments":[["a .b",1,[],[["x",-5,1]]]]}"#,
        #"{"kind":"forerun.graph","version":1,"runs":1,"arguments":[["a .b",1,[],[["x",9223372036854775807,1]]]]}"#,
    ])
    func damagedSnapshotsAreRefused(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: SnapshotError.self) { try GraphModel(snapshot: json) }
    }

    @Test(arguments: ["", "[", "[[[[1]]]]", "null", "\u{0}", "é“”", "# - - -", "a/", #"{"a":{"123456":{"b":[1,2]}}}"#])
    func anyOutputIsRead(text: String) {
        var model = GraphModel()
        model.learn([
            .message(text), .turn(Turn(text: text, calls: [Call("get", ["a": .string(text)])])),
            .output(call: 0, Output(text)), .output(call: 9, Output(text)), .turn(Turn()),
        ])
        #expect(model.runs == 1)
    }

    @Test func whatIsMadeUpDoesNotFillTheMemory() {
        var model = GraphModel()
        model.learn([.turn(Turn(calls: [Call("get", ["id": 1])]))])
        for number in 0..<1_200 {
            let members: [(String, JSON)] = (0..<10).map { ("made up \(number) \($0)", .int($0)) }
            let calls = [Call("made up \(number)", ["x": 1]), Call("get", JSON(members: members + [("id", 2)]))]
            model.learn([.turn(Turn(calls: calls))])
        }
        #expect(model.calls.count == GraphModel.toolLimit && model.arguments.count == GraphModel.argumentLimit)
        #expect(model.calls["get"] == 1_201, "what is known is still learnt")
        #expect(model.arguments[GraphModel.argument("id", of: "get")]?.count == 1_201)
    }

    @Test func namesThatFitAreTold() {
        let tool = Self.tools[2]
        #expect(tool.fit(of: GraphSource("get_orders .orders[]"), for: "order_id") > 0.3)
        #expect(tool.fit(of: GraphSource("get_cart .order_id"), for: "order_id") > 0.4)
        #expect(tool.fit(of: GraphSource("get_cart .order.id"), for: "order_id") > 0.3)
        #expect(tool.fit(of: GraphSource("get_cart .status"), for: "order_id") == 0)
        #expect(Self.tools[0].fit(of: GraphSource("user @"), for: "email") > 0.5)
        #expect(tool.accepts("x", for: "order_id") && !tool.accepts(7, for: "order_id"))
    }
}
