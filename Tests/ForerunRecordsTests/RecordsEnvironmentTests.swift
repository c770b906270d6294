import ForerunCore
import ForerunRecords
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

struct RecordsEnvironmentTests {
    private static let cancel = Call("cancel_pending_order", ["order_id": "#W1", "reason": "ordered by mistake"])
    private static let order = Call("get_order_details", ["order_id": "#W1"])

    private func status(_ environment: RecordsEnvironment, _ world: WorldID) async throws -> String {
        let text = try await environment.perform(Self.order, in: world, context: CallContext()).output.text
        return try JSON(parsing: text)["status"]?.stringValue ?? ""
    }

    @Test func worldsAreApart() async throws {
        let environment = try await TestShop.environment()
        let (one, two) = (WorldID(1), WorldID(2))
        try await environment.fork(.initial, as: one)
        _ = try await environment.perform(Self.cancel, in: one, context: CallContext())
        try await environment.fork(one, as: two)
        _ = try await environment.perform(
            Call("modify_user_address", Self.address), in: two, context: CallContext())
        #expect(try await status(environment, .initial) == "pending")
        #expect(try await status(environment, one) == "cancelled")
        #expect(try await status(environment, two) == "cancelled")
        let digests = [
            try await environment.digest(of: .initial), try await environment.digest(of: one),
            try await environment.digest(of: two),
        ]
        #expect(Set(digests).count == 3)
    }

    @Test func olderWorldsSeeWhatTheySawAfterACommit() async throws {
        let environment = try await TestShop.environment()
        let (one, older, two) = (WorldID(1), WorldID(2), WorldID(3))
        try await environment.fork(.initial, as: one)
        try await environment.fork(.initial, as: older)
        _ = try await environment.perform(Self.cancel, in: one, context: CallContext())
        try await environment.fork(one, as: two)
        let digests = [try await environment.digest(of: one), try await environment.digest(of: older)]
        try await environment.commit(one)
        #expect(try await status(environment, one) == "cancelled")
        #expect(try await status(environment, older) == "pending")
        #expect(try await [environment.digest(of: one), environment.digest(of: older)] == digests)
        // A world that was made before its parent was committed can be committed as well.
        _ = try await environment.perform(
            Call("modify_user_address", Self.address), in: two, context: CallContext())
        let last = try await environment.digest(of: two)
        try await environment.commit(two)
        #expect(try await environment.digest(of: two) == last)
        #expect(try await status(environment, older) == "pending")
        await environment.discard(older)
        await environment.discard(one)
        #expect(try await status(environment, two) == "cancelled")
    }

    @Test func aCommitOfAWorldFromBeforeTakesBackWhatItDidNotSee() async throws {
        let environment = try await TestShop.environment()
        let before = try await environment.digest(of: .initial)
        let (one, other) = (WorldID(1), WorldID(2))
        try await environment.fork(.initial, as: one)
        try await environment.fork(.initial, as: other)
        _ = try await environment.perform(Self.cancel, in: one, context: CallContext())
        try await environment.commit(one)
        try await environment.commit(other)
        #expect(try await environment.digest(of: other) == before)
    }

    @Test func digestsDependOnContentsOnly() async throws {
        let (first, second) = (try await TestShop.environment(), try await TestShop.environment())
        #expect(try await first.digest(of: .initial) == second.digest(of: .initial))
        try await first.fork(.initial, as: WorldID(1))
        _ = try await first.perform(Self.cancel, in: WorldID(1), context: CallContext())
        _ = try await second.perform(Self.cancel, in: .initial, context: CallContext())
        let digest = try await first.digest(of: WorldID(1))
        #expect(try await second.digest(of: .initial) == digest)
        try await second.commit(.initial)
        #expect(try await second.digest(of: .initial) == digest)
    }

    @Test func commitsAreOnTheDisk() async throws {
        let path = "/tmp/forerun-records-\(getpid()).sqlite"
        unlink(path)
        defer { unlink(path) }
        let environment = try await TestShop.environment(path: path)
        try await environment.fork(.initial, as: WorldID(1))
        try await environment.fork(.initial, as: WorldID(2))
        _ = try await environment.perform(Self.cancel, in: WorldID(1), context: CallContext())
        _ = try await environment.perform(
            Call("modify_user_address", Self.address), in: WorldID(2), context: CallContext())
        try await environment.commit(WorldID(1))
        let digest = try await environment.digest(of: WorldID(1))
        await environment.close()

        let again = RecordsEnvironment(RetailTools(), over: try RecordsDatabase(path: path))
        _ = try await again.open()
        #expect(try await again.digest(of: .initial) == digest)
        #expect(try await status(again, .initial) == "cancelled")
        await again.close()
    }

    @Test func textsThatOnlyLookAlikeAreCommitted() async throws {
        let environment = try await TestShop.environment()
        for (number, city) in ["Orl\u{E9}ans", "Orle\u{301}ans"].enumerated() {
            let world = WorldID(number + 1)
            try await environment.fork(WorldID(number), as: world)
            let address = JSON(
                members: ["user_id", "address1", "address2", "city", "state", "country", "zip"].map {
                    ($0, .string($0 == "user_id" ? "ada_1" : $0 == "city" ? city : "1"))
                })
            _ = try await environment.perform(Call("modify_user_address", address), in: world, context: CallContext())
            let digest = try await environment.digest(of: world)
            try await environment.commit(world)
            #expect(try await environment.digest(of: world) == digest)
        }
    }

    @Test func callsInManyWorldsAtOnceDoNotMix() async throws {
        let environment = try await TestShop.environment()
        let outcomes = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 1...64 {
                group.addTask {
                    let world = WorldID(number)
                    try await environment.fork(.initial, as: world)
                    if number % 2 == 0 {
                        _ = try await environment.perform(Self.cancel, in: world, context: CallContext())
                    }
                    return (number, try await status(environment, world))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes.allSatisfy { $0.value == ($0.key % 2 == 0 ? "cancelled" : "pending") })
    }

    @Test func whatIsMissingIsNamed() async throws {
        let empty = RecordsEnvironment(RetailTools(), over: try RecordsDatabase())
        await #expect(throws: EnvironmentFailure.self) { try await empty.open() }
        let environment = try await TestShop.environment()
        await #expect(throws: CallFailure.self) {
            try await environment.perform(Self.order, in: WorldID(9), context: CallContext())
        }
        await #expect(throws: EnvironmentFailure.self) { try await environment.fork(WorldID(9), as: WorldID(10)) }
        await #expect(throws: EnvironmentFailure.self) { try await environment.commit(WorldID(9)) }
        await environment.discard(WorldID(9))
        #expect(throws: EnvironmentFailure.self) { try RecordsDatabase().load("orders", from: "[1]".utf8) }
        #expect(throws: EnvironmentFailure.self) { try RecordsDatabase().load("orders", from: "{".utf8) }
        #expect(throws: EnvironmentFailure.self) { try RecordsDatabase(path: "/nowhere/at/all.sqlite") }
        #expect(throws: EnvironmentFailure.self) { try RecordsDatabase(path: #filePath) }
    }

    private static let address: JSON = [
        "user_id": "ada_1", "address1": "1 Street", "address2": "", "city": "Town", "state": "TX", "country": "USA",
        "zip": "1",
    ]
}
