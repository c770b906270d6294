import ForerunCore
import Synchronization
import Testing

@testable import ForerunSpeculators

struct HeadSpeculatorTests {
    /// Answers each head after its own while; one that was not cancelled in time never ends.
    private final class Heads: HeadModel {
        let id = "test/heads"
        let asked = Mutex<[String]>([])
        let wasCancelled = Mutex(false)

        func decode(
            _ prompts: [String], stops: [[String]], mostTokens: Int,
            emit: @escaping @Sendable (Int, String, [Double], FinishReason?) -> Void
        ) async throws(ModelFailure) -> Usage? {
            asked.withLock { $0 = prompts }
            emit(1, "a.txt", [-0.1], .stop)
            emit(0, "read", [-0.2], .stop)
            // The second argument belongs to another tool: nobody waits for it.
            do { try await Task.sleep(for: .seconds(60)) } catch { wasCancelled.withLock { $0 = true } }
            throw ModelFailure(.cancelled, "")
        }
    }

    @Test func theCallIsToldAsSoonAsItIsWholeAndTheRestIsCancelled() async throws {
        let tools = [
            Tool(
                name: "read", description: "",
                parameters: ["type": "object", "properties": ["path": ["type": "string"]]]),
            Tool(
                name: "write", description: "",
                parameters: ["type": "object", "properties": ["path": ["type": "string"], "text": ["type": "string"]]]),
        ]
        let heads = Heads()
        let speculator = HeadSpeculator(heads)
        let predictions = Mutex<[Prediction]>([])
        let request = ModelRequest(
            role: ModelRequest.Role(name: "actor", tools: tools), transcript: Transcript([.message("Read it.")]))
        let usage = await speculator.predict(SpeculationContext(request: request, turnNumber: 0, width: 3)) { news in
            predictions.withLock { $0 += news }
        }
        // Cut off: by the length of the texts.
        #expect(usage?.input ?? 0 > 30 && usage?.output ?? 0 > 0)
        let all = predictions.withLock { $0 }
        #expect(all.map(\.turn.calls) == [[Call("read", ["path": "a.txt"])]])
        #expect(abs((all.first?.confidence ?? 0) - 0.740_818) < 1e-4)
        #expect(heads.wasCancelled.withLock { $0 })
        #expect(heads.asked.withLock { $0.count } == 3)
    }

    @Test func withoutToolsNothingIsAsked() async {
        let heads = Heads()
        let request = ModelRequest(role: ModelRequest.Role(name: "actor"), transcript: Transcript([.message("Hi.")]))
        let context = SpeculationContext(request: request, turnNumber: 0, width: 3)
        #expect(await HeadSpeculator(heads).predict(context) { _ in } == .zero)
        #expect(heads.asked.withLock { $0.isEmpty })
    }
}
