public import ForerunCore

/// Tools that are functions of your own.
///
/// They act on no branch, so only those whose effect is `.readOnly` run ahead of the actor.
public struct Toolbox: ForerunCore.Environment {
    /// A tool, and the function that performs it.
    public struct Entry: Sendable {
        let tool: Tool
        let perform: @Sendable (JSON) async throws -> String

        /// - Parameters:
        ///   - parameters: the JSON Schema of the arguments.
        ///   - effect: what it may touch. Anything but `.readOnly` waits for the actor's word.
        ///   - concurrency: calls that may run at once. Unknown counts as 1: then none runs ahead.
        ///   - perform: arguments in, output out. What it throws is an output, too: an error that the model can read.
        public static func tool(
            _ name: String, _ description: String, parameters: JSON = ["type": "object"], effect: Effect = .external,
            concurrency: Int? = nil, perform: @escaping @Sendable (JSON) async throws -> String
        ) -> Entry {
            let tool = Tool(
                name: name, description: description, parameters: parameters, effect: effect,
                reads: .outside(timeToLive: nil), concurrency: concurrency)
            return Entry(tool: tool, perform: perform)
        }
    }

    public let name = "toolbox"
    public let tools: [Tool]
    public let canFork = false
    private let functions: [String: @Sendable (JSON) async throws -> String]

    public init(_ entries: [Entry]) {
        tools = entries.map(\.tool)
        functions = Dictionary(entries.map { ($0.tool.name, $0.perform) }, uniquingKeysWith: { $1 })
    }

    public func open() async throws(EnvironmentFailure) -> String? { nil }
    public func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {}

    public func perform(
        _ call: Call, in world: WorldID, context: CallContext
    ) async throws(CallFailure) -> CallResult {
        guard let function = functions[call.name] else {
            throw CallFailure(.notStarted, "there is no tool \(call.name)")
        }
        do {
            return CallResult(Output(try await function(call.arguments)))
        } catch is CancellationError {
            throw CallFailure(.cancelled, "nobody needs it any more")
        } catch {
            return CallResult(Output("\(error)", isError: true))
        }
    }

    public func commit(_ world: WorldID) async throws(EnvironmentFailure) {}
    public func discard(_ world: WorldID) async {}
    public func digest(of world: WorldID) async throws(EnvironmentFailure) -> String { "" }
    public func close() async {}
}
