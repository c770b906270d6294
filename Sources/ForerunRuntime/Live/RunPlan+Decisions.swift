import ForerunCore
import ForerunStore

extension RunPlan {
    /// The state of a run before its first event; where its decisions are kept, with what keeps them.
    func tree(_ start: CoreStart) -> (SpeculationTree, DecisionRecorder?) {
        // Where nothing is guessed, there is nothing to explain.
        guard let decisions, policy.mode != .off, let (recorder, tree) = DecisionRecorder.begin(decisions, start) else {
            return (start.tree(), nil)
        }
        return (tree, recorder)
    }
}

extension SlotKeeper {
    /// How much of what a run may use can be used at a time.
    func capacities(of setup: SpeculationTree.Setup, tools: [Tool]) -> [Resource: Int] {
        var resources = Set(setup.endpoints.values)
        resources.formUnion(setup.speculators.compactMap(\.resource))
        resources.formUnion(setup.substitutes.values.flatMap { $0.map(\.resource) })
        for tool in tools {
            resources.formUnion(Effect.allCases.map { .tool(tool.name, $0, of: setup.run) })
        }
        return capacities(of: resources)
    }
}
