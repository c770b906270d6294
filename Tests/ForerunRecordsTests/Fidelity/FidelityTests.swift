import ForerunCore
import ForerunRecords
import Testing

/// Recorded runs, performed again call by call on the databases on which they were recorded.
@Suite(.enabled(if: Recordings.areThere, Recordings.reason))
struct FidelityTests {
    private func measure(
        _ domain: any RecordTools, files: [String], only tools: Set<String>? = nil, where choice: (String) -> Bool
    ) async throws -> Fidelity {
        let environment = RecordsEnvironment(domain, over: try Recordings.database(domain))
        _ = try await environment.open()
        var fidelity = Fidelity()
        var number = 0
        for file in files {
            for line in try Recordings.lines("\(domain.name).\(file)") {
                // The source stands at the beginning of a line: most need not be parsed.
                guard choice(String(decoding: line.prefix(120), as: UTF8.self)) else { continue }
                number += 1
                try await fidelity.replay(JSON(parsing: line), in: environment, number, only: tools)
            }
        }
        await environment.close()
        print("\(domain.name) (\(files.joined(separator: ", "))):\n\(fidelity.report)")
        return fidelity
    }

    private static func isTauBench(_ line: String) -> Bool { line.contains("/tau-bench:") }

    @Test func retailRunsOfTauBenchAreGivenAgainToTheByte() async throws {
        let fidelity = try await measure(RetailTools(), files: ["train", "dev"], where: Self.isTauBench)
        #expect(fidelity.total.calls == 1832)
        #expect(fidelity.total.equal == fidelity.total.calls)
        // The harness of one set of runs let the first look-up of an order fail; no database knows of that.
        #expect(fidelity.injected == 90)
        #expect(fidelity.tools.count == 16)
    }

    @Test func airlineRunsOfTauBenchAreGivenAgainToTheByteButForOneName() async throws {
        let fidelity = try await measure(AirlineTools(), files: ["train", "dev"], where: Self.isTauBench)
        #expect(fidelity.total.calls == 746)
        // They were recorded before the database's addresses called the province a state.
        #expect(fidelity.renamed == 83)
        #expect(fidelity.tools["get_user_details"]?.calls == 83)
        #expect(fidelity.total.equal + fidelity.renamed == fidelity.total.calls)
        #expect(fidelity.injected == 0)
        #expect(fidelity.tools.count == 13)
    }

    @Test func aWorldThatIsDiscardedLeavesTheDigestAsItWas() async throws {
        let environment = RecordsEnvironment(AirlineTools(), over: try Recordings.database(AirlineTools()))
        _ = try await environment.open()
        let before = try await environment.digest(of: .initial)
        try await environment.fork(.initial, as: WorldID(1))
        _ = try await environment.perform(
            Call("cancel_reservation", ["reservation_id": "4WQ150"]), in: WorldID(1), context: CallContext())
        #expect(try await environment.digest(of: WorldID(1)) != before)
        await environment.discard(WorldID(1))
        #expect(try await environment.digest(of: .initial) == before)
    }

    /// tau2 words its refusals otherwise, orders members otherwise and has another airline database: only these agree.
    @Test func runsOfTau2AgreeWhereItsToolsDo() async throws {
        let retail = try await measure(
            RetailTools(), files: ["dev"],
            only: [
                "calculate", "find_user_id_by_email", "find_user_id_by_name_zip", "get_product_details",
                "list_all_product_types", "transfer_to_human_agents",
            ], where: { !Self.isTauBench($0) })
        let airline = try await measure(
            AirlineTools(), files: ["dev"],
            only: ["calculate", "list_all_airports", "send_certificate", "transfer_to_human_agents"],
            where: { !Self.isTauBench($0) })
        for fidelity in [retail, airline] {
            #expect(fidelity.total.calls > 50)
            #expect(fidelity.total.equal + fidelity.reworded == fidelity.total.calls)
            #expect(fidelity.total.share > 0.9)
        }
    }
}
