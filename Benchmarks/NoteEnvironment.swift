import ForerunCore

/// One trivial tool, read-only and immediate: what remains is the cost of everything around it.
struct NoteEnvironment: ForerunCore.Environment {
    let name = "notes"
    let tools = [
        Tool(
            name: "note", description: "Notes the number of a step.",
            parameters: ["type": "object", "properties": ["step": ["type": "integer"]], "required": ["step"]],
            effect: .readOnly, concurrency: 256)
    ]

    func open() async throws(EnvironmentFailure) -> String? { nil }
    func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {}
    func perform(_ call: Call, in world: WorldID, context: CallContext) async throws(CallFailure) -> CallResult {
        CallResult(Output("noted \(call.arguments["step"]?.intValue ?? 0)"), reads: .nothing, writes: .nothing)
    }
    func commit(_ world: WorldID) async throws(EnvironmentFailure) {}
    func discard(_ world: WorldID) async {}
    func digest(of world: WorldID) async throws(EnvironmentFailure) -> String { "" }
    func close() async {}
}
