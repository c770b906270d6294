import ForerunCore

/// What was learnt of how far the guesses of each source can be trusted.
///
/// Here, and nowhere else in the replay driver, is said how the core keeps it.
package struct ReplayTrust: Sendable, Hashable {
    fileprivate var experience = Experience()

    package init() {}

    init(_ tree: SpeculationTree) { experience.ensemble = tree.ensemble }
}

/// All that one pass of a replay is made of.
struct ReplaySetup: Sendable {
    /// Slots beyond what the run in turn needs, of the actor's endpoint and of each tool.
    static let spareSlots = 8
    static let run = RunID(1)
    private static let endpoint = Resource.endpoint("actor")

    let path: ReplayPath
    let book: ReplayBook
    let latencies: ReplayLatencies
    let records: ReplayRecords?
    var policy: SpeculationPolicy
    var speculators: [ReplaySpeculator] = []
    var trust = ReplayTrust()
    /// Every guess is followed as far as the policy's depth, since all are right.
    var isOracle = false

    var tree: SpeculationTree {
        SpeculationTree(
            SpeculationTree.Setup(
                run: Self.run, program: path.program, book: book, policy: policy,
                endpoints: [path.program.role.name: Self.endpoint],
                speculators: speculators.map { ($0.speculator.source, nil) }),
            transcript: path.opening, experience: trust.experience,
            admission: isOracle ? ThresholdAdmission(threshold: 0, depth: policy.depth) : nil)
    }

    /// Slots for the run in turn, its widest turn included, and for what runs ahead.
    var slots: Scheduler {
        var slots = Scheduler(capacities: [Self.endpoint: 1 + Self.spareSlots])
        var reserve = [Self.endpoint: 1]
        let names = Set(path.program.role.tools.map(\.name) + path.calls.map(\.call.name))
        for name in names {
            for effect in Effect.allCases {
                let resource = Resource.tool(name, effect, of: Self.run)
                let own = effect == .readOnly ? path.widest : 1
                slots.setCapacity(own + Self.spareSlots, of: resource)
                reserve[resource] = own
            }
        }
        slots.join(Self.run, reserving: reserve)
        return slots
    }
}
