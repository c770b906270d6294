import ForerunCore
import ForerunRecords
import Testing

struct CommonToolsTests {
    @Test(arguments: [
        ("2 + 2", "4.0"), ("(404 + 202) * 3 - (126 + 139) * 3", "1023.0"), ("2459.74 - 2520.52", "-60.78"),
        ("7/2", "3.5"),
        ("-7//2", "-4.0"), ("2**3**2", "512.0"), ("-2**2", "-4.0"), (" ( .5 ) ", "0.5"), ("5.*2", "10.0"),
        ("+-+3", "-3.0"),
        ("1/0", "Error: division by zero"), ("two", "Error: invalid characters in expression"),
        ("", "Error: invalid syntax (<string>, line 1)"), ("1 2", "Error: invalid syntax (<string>, line 1)"),
        ("(1", "Error: invalid syntax (<string>, line 1)"), ("1..2", "Error: invalid syntax (<string>, line 1)"),
        ("012", "Error: invalid syntax (<string>, line 1)"),
        ("9**64**64", "Error: an exponent must be a whole number up to 64"),
        (String(repeating: "(", count: 100_000), "Error: too many nested parentheses"),
    ])
    func theCalculatorCountsAsPythonDoes(expression: String, result: String) async throws {
        let environment = try await TestShop.environment()
        let output = try await environment.perform(
            Call("calculate", ["expression": .string(expression)]), in: .initial, context: CallContext())
        #expect(output.output.text == result)
        #expect(output.output.isError == result.hasPrefix("Error"))
        #expect(output.reads == .nothing && output.writes == .nothing)
    }

    @Test(arguments: [RetailTools(), AirlineTools()] as [any RecordTools])
    func effectsFitTheNames(domain: any RecordTools) {
        #expect(domain.tools.count == (domain.name == "retail" ? 16 : 14))
        #expect(Set(domain.tools.map(\.name)).count == domain.tools.count)
        for tool in domain.tools {
            let isLookUp = ["get_", "find_", "list_", "search_"].contains { tool.name.hasPrefix($0) }
            switch tool.name {
            case "calculate", "think": #expect(tool.effect == .readOnly)
            case "transfer_to_human_agents": #expect(tool.effect == .external)
            default: #expect(tool.effect == (isLookUp ? .readOnly : .contained), "\(tool.name)")
            }
            #expect(tool.parameters["type"] == "object")
        }
    }

    @Test func oddCallsAreRefusedAndChangeNothing() async throws {
        let environment = try await TestShop.environment()
        let before = try await environment.digest(of: .initial)
        for call in [
            Call("nothing_like_it"), Call("cancel_pending_order"), Call("cancel_pending_order", ["order_id": 7]),
            Call("cancel_pending_order", ["order_id": "#W1", "reason": "boredom"]),
            Call("modify_pending_order_items", ["order_id": "#W1", "item_ids": ["1", 2]]),
            Call("get_order_details", "no object"),
        ] {
            let result = try await environment.perform(call, in: .initial, context: CallContext())
            #expect(result.output.isError && result.writes == .nothing)
        }
        #expect(try await environment.digest(of: .initial) == before)
    }
}
