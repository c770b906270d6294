public import ForerunCore
import Synchronization

/// An environment in memory: numbers by name, with real branches. `get {key}`, `set {key, value}`, `send {value}`.
///
/// For tests of agents and of drivers: what was done where can be looked at.
public final class LedgerWorld: ForerunCore.Environment {
    private struct State {
        var worlds: [WorldID: [String: Int]] = [.initial: [:]]
        var committed = WorldID.initial
        var sent: [Int] = []
        var performed = 0
    }

    private let state = Mutex(State())
    private let delay: Duration

    /// - Parameter delay: before each output.
    public init(delay: Duration = .zero) { self.delay = delay }

    public let name = "ledger"
    public let tools = [
        Tool(
            name: "get", description: "Reads a number.",
            parameters: ["type": "object", "properties": ["key": ["type": "string"]], "required": ["key"]],
            effect: .readOnly, concurrency: 16),
        Tool(
            name: "set", description: "Writes a number.",
            parameters: [
                "type": "object", "properties": ["key": ["type": "string"], "value": ["type": "integer"]],
                "required": ["key", "value"],
            ],
            effect: .contained, concurrency: 16),
        Tool(
            name: "send", description: "Sends a number away.",
            parameters: ["type": "object", "properties": ["value": ["type": "integer"]], "required": ["value"]],
            effect: .external),
    ]

    /// What left the environment, in order.
    public var sent: [Int] { state.withLock { $0.sent } }
    /// The committed numbers.
    public var numbers: [String: Int] { state.withLock { $0.worlds[$0.committed] ?? [:] } }
    /// Worlds that exist beside the committed one.
    public var openBranches: Int { state.withLock { $0.worlds.count - 1 } }
    /// Calls performed, in all worlds.
    public var performed: Int { state.withLock { $0.performed } }

    public func open() async throws(EnvironmentFailure) -> String? { nil }

    public func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {
        let done = state.withLock { state in
            guard let numbers = state.worlds[parent] else { return false }
            state.worlds[child] = numbers
            return true
        }
        if !done { throw EnvironmentFailure(.failed, "there is no world \(parent)") }
    }

    public func perform(
        _ call: Call, in world: WorldID, context: CallContext
    ) async throws(CallFailure) -> CallResult {
        if delay > .zero {
            do { try await Task.sleep(for: delay) } catch { throw CallFailure(.cancelled, "nobody needs it any more") }
        }
        let key = call.arguments["key"]?.stringValue ?? ""
        let value = call.arguments["value"]?.intValue ?? 0
        return state.withLock { state in
            state.performed += 1
            switch call.name {
            case "get":
                let number = state.worlds[world]?[key]
                return CallResult(
                    Output(number.map(String.init) ?? "nothing"), reads: .resources([key]), writes: .nothing)
            case "set":
                state.worlds[world]?[key] = value
                return CallResult(Output("ok"), reads: .nothing, writes: .resources([key]))
            default:
                state.sent.append(value)
                return CallResult(Output("sent"))
            }
        }
    }

    public func commit(_ world: WorldID) async throws(EnvironmentFailure) {
        state.withLock { state in
            if state.committed != world { state.worlds[state.committed] = nil }
            state.committed = world
        }
    }

    public func discard(_ world: WorldID) async { state.withLock { _ = $0.worlds.removeValue(forKey: world) } }

    public func digest(of world: WorldID) async throws(EnvironmentFailure) -> String {
        state.withLock { state in
            (state.worlds[world] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                separator: ",")
        }
    }

    public func close() async {}
}
