package import ForerunCore

/// What the cores of a fleet were told, in order. Told the same again, they decide the same: that takes the time of the cores
/// alone, without models, tools and virtual time.
package struct FleetRecording: Sendable {
    enum Told: Sendable {
        case event(agent: Int, time: Double, Event)
        case allowance(Allowance)
    }

    let spec: FleetSpec
    var told: [Told] = []

    init(of spec: FleetSpec) { self.spec = spec }

    /// Events that the cores are told.
    package var events: Int {
        told.count { if case .event = $0 { true } else { false } }
    }

    /// Tells new cores the same.
    ///
    /// - Parameter heard: an agent, what it was told, and what it commanded.
    /// - Returns: how many commands there were.
    @discardableResult
    package func play(_ heard: ((Int, Event, [Command]) -> Void)? = nil) -> Int {
        var cores = FleetCores(spec, FleetModel(spec))
        var commands = 0
        for told in told {
            switch told {
            case .allowance(let allowance): cores.learn(allowance)
            case .event(let agent, let time, let event):
                let step = cores.on(event, of: agent, at: time)
                commands += step.count
                heard?(agent, event, step)
                _ = cores.takeNotices()
                _ = cores.takeFinished(agent)
            }
        }
        return commands
    }
}
