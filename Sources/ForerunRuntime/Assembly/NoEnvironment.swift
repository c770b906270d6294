import ForerunCore

/// No tools: the agent only answers.
struct NoEnvironment: ForerunCore.Environment {
    let name = "none"
    let tools: [Tool] = []

    func open() async throws(EnvironmentFailure) -> String? { nil }
    func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {}
    func perform(_ call: Call, in world: WorldID, context: CallContext) async throws(CallFailure) -> CallResult {
        throw CallFailure(.notStarted, "there is no tool \(call.name)")
    }
    func commit(_ world: WorldID) async throws(EnvironmentFailure) {}
    func discard(_ world: WorldID) async {}
    func digest(of world: WorldID) async throws(EnvironmentFailure) -> String { "" }
    func close() async {}
}
