import ForerunCore

extension RunPlan {
    /// Lets models and speculators make ready what their first requests need, each once and all beside each other.
    func prewarm() async {
        var models: [String: any Model] = [:]
        for actor in actors.values { models[actor.model.id] = actor.model }
        await withDiscardingTaskGroup { group in
            for model in models.values { group.addTask { await model.prewarm() } }
            for item in speculators where item.model.map({ models[$0] == nil }) ?? true {
                group.addTask { await item.speculator.prewarm() }
            }
        }
    }
}
