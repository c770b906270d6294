import ForerunCore
import Testing

@testable import ForerunRuntime

struct ToolBookTests {
    private func book(
        _ permissions: [Permissions.Rule] = [.init("*", .allow)], effects: [String: Effect] = [:], canFork: Bool = true
    ) throws -> ToolBook {
        let desk = Desk(canFork: canFork)
        return try ToolBook(
            tools: desk.tools, environment: desk, permissions: Permissions(permissions), effects: effects)
    }

    private func rejection(_ call: Call, _ book: ToolBook) -> String? {
        guard case .reject(let output) = book.judge(call).verdict else { return nil }
        #expect(output.isError)
        return output.text
    }

    private func traits(_ call: Call, _ book: ToolBook) -> CallTraits? {
        if case .perform(let traits) = book.judge(call).verdict { traits } else { nil }
    }

    // MARK: - What is no call

    @Test func anUnknownToolIsToldWhichToolsThereAre() throws {
        #expect(
            rejection(Call("reed"), try book())
                == "There is no tool `reed`. The tools are: read, run_command, send, write.")
        let none = try ToolBook(tools: [], environment: Desk(), permissions: Permissions())
        #expect(rejection(Call("read"), none) == "There is no tool `read`. There are no tools.")
    }

    @Test func malformedArgumentsAreShownInPart() throws {
        let text = "{\"path\": " + String(repeating: "x", count: 1000)
        let output = try #require(rejection(Call("read", malformed: text), try book()))
        #expect(output.hasPrefix("The arguments are no JSON object: {\"path\": xxx"))
        #expect(output.count < 300)
    }

    @Test func violationsOfTheSchemaAreListed() throws {
        let output = try #require(rejection(Call("write", ["path": 3, "mode": "fast"]), try book()))
        #expect(output.hasPrefix("The arguments do not fit the schema of `write`:\n- "))
        #expect(output.contains("path"))
        #expect(output.contains("mode"))
        let many = JSON(members: (0..<40).map { ("extra\($0)", JSON.int($0)) } + [("path", "a")])
        let list = try #require(rejection(Call("write", many), try book()))
        #expect(list.split(separator: "\n").count <= 6)
    }

    @Test func aSchemaThatIsNoneIsReported() {
        let tool = Tool(name: "odd", description: "", parameters: ["type": 3])
        #expect {
            try ToolBook(tools: [tool], environment: Desk(), permissions: Permissions())
        } throws: { error in
            "\(error)".hasPrefix("The parameters of tool odd are no schema")
        }
    }

    // MARK: - When two calls are the same

    @Test func defaultsMakeEqualIdentities() throws {
        let book = try book()
        let plain = book.judge(Call("read"))
        let written = book.judge(Call("read", ["limit": 10.0, "path": "."]))
        #expect(plain.identity == written.identity)
        #expect(plain.call.arguments == [:], "what the model wrote stays as it is")
        #expect(plain.identity != book.judge(Call("read", ["path": "a"])).identity)
        #expect(book.judge(Call("write", ["path": "."])).identity != plain.identity)
    }

    @Test func callsThatAreTheSameAreJudgedTheSame() throws {
        let book = try book([.init("*", .allow), .init("read", pattern: ".", .deny)])
        #expect(rejection(Call("read", ["path": "."]), book) != nil)
        #expect(rejection(Call("read"), book) != nil, "leaving out what is the default is no way around a rule")
        #expect(rejection(Call("read", ["path": "a"]), book) == nil)
    }

    // MARK: - What a call may touch

    @Test func effectsComeFromTheEnvironmentUnlessTheUserSaysOtherwise() throws {
        let plain = try book()
        #expect(traits(Call("read"), plain)?.effect == .readOnly)
        #expect(traits(Call("write", ["path": "a"]), plain)?.effect == .contained)
        #expect(traits(Call("send"), plain)?.effect == .external)
        let changed = try book(effects: ["read": .external, "send": .readOnly])
        #expect(traits(Call("read"), changed)?.effect == .external)
        #expect(traits(Call("send"), changed)?.effect == .readOnly)
        #expect(traits(Call("write", ["path": "a"]), changed)?.effect == .contained)
    }

    @Test func withoutForksAChangeWaitsForTheActor() throws {
        let book = try book(canFork: false)
        #expect(traits(Call("write", ["path": "a"]), book)?.effect == .external)
        #expect(traits(Call("read"), book)?.effect == .readOnly)
        let forced = try self.book(effects: ["read": .contained], canFork: false)
        #expect(traits(Call("read"), forced)?.effect == .external)
    }

    // MARK: - What the user allows

    @Test func withoutRulesReadingIsAllowedAndAllElseIsAskedFor() throws {
        let book = try book([])
        #expect(traits(Call("read"), book)?.needsApproval == false)
        #expect(traits(Call("write", ["path": "a"]), book)?.needsApproval == true)
        #expect(traits(Call("send"), book)?.needsApproval == true)
        // It is the effect in force that counts.
        let raised = try self.book([], effects: ["read": .external])
        #expect(traits(Call("read"), raised)?.needsApproval == true)
    }

    @Test func rulesAreAboutPaths() throws {
        let book = try book([
            .init("write", .ask), .init("write", pattern: "src/*", .allow), .init("write", pattern: "*.env", .deny),
        ])
        #expect(traits(Call("write", ["path": "README.md"]), book)?.needsApproval == true)
        #expect(traits(Call("write", ["path": "src/a"]), book)?.needsApproval == false)
        #expect(
            rejection(Call("write", ["path": "src/.env"]), book) == "The user's policy denies this call of `write`.")
    }

    @Test(
        arguments: [
            ("git status", Permissions.Decision.allow), ("git status && git diff", .allow), ("make", .ask),
            ("git status; rm -rf .", .ask), ("git push origin", .deny), ("true && sudo git push", .deny),
            ("git log $(git push)", .deny),
        ])
    func rulesAreAboutThePartsOfCommands(command: String, expected: Permissions.Decision) throws {
        let book = try book([
            .init("run_command", .ask), .init("run_command", pattern: "git *", .allow),
            .init("run_command", pattern: "git push*", .deny),
        ])
        let call = Call("run_command", ["command": .string(command)])
        switch expected {
        case .allow: #expect(traits(call, book)?.needsApproval == false)
        case .ask: #expect(traits(call, book)?.needsApproval == true)
        case .deny: #expect(rejection(call, book) != nil)
        }
    }
}

/// Tools that are only judged, never used.
private struct Desk: ForerunCore.Environment {
    let name = "desk"
    var canFork = true
    let tools = [
        Tool(
            name: "read", description: "",
            parameters: [
                "type": "object",
                "properties": [
                    "path": ["type": "string", "default": "."], "limit": ["type": "integer", "default": 10],
                ],
            ], effect: .readOnly),
        Tool(
            name: "write", description: "",
            parameters: [
                "type": "object", "properties": ["path": ["type": "string"]], "required": ["path"],
                "additionalProperties": false,
            ], effect: .contained),
        Tool(name: "run_command", description: "", effect: .contained), Tool(name: "send", description: ""),
    ]

    func open() async throws(EnvironmentFailure) -> String? { nil }
    func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {}
    func perform(_ call: Call, in world: WorldID, context: CallContext) async throws(CallFailure) -> CallResult {
        throw CallFailure(.notStarted, "nothing is performed here")
    }
    func commit(_ world: WorldID) async throws(EnvironmentFailure) {}
    func discard(_ world: WorldID) async {}
    func digest(of world: WorldID) async throws(EnvironmentFailure) -> String { "" }
    func close() async {}
}
