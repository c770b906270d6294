import ForerunCore
import ForerunSimulation

/// Plays one scenario and holds it against the oracle.
///
/// - Returns: what is wrong; empty if the promises held.
func violations(
    seed: UInt64, rules: Rules = Rules(), reserve: SimulationDriver.Reserve = .width,
    change: (inout Scenario) -> Void = { _ in }
) -> [String] {
    var scenario = Scenario(seed: seed)
    change(&scenario)
    var driver = SimulationDriver(scenario, rules: rules, reserve: reserve)
    driver.run()
    var wrong = driver.violations
    let isTimed = scenario.others == .absent && scenario.steering.isEmpty && scenario.halts.isEmpty
    var seen: [Place: Int] = [:]
    var stopped: [Place: Output] = [:]
    for case .call(let taken) in driver.landmarks {
        let place = Place(turn: taken.turn, index: taken.index)
        if [.stopped, .stoppedHalfWay].contains(taken.output) { stopped[place] = taken.output }
        guard let tool = SimulatedTool(taken.call), let readAt = taken.readAt else { continue }
        seen[place] = scenario.version(tool.key, at: readAt)
    }
    let oracle = SequentialOracle(scenario, seen: seen, stopped: stopped, joined: isTimed ? nil : driver.joined)
    var hasFailed = false
    if case .endpointFailed = driver.end { hasFailed = true }
    if hasFailed != oracle.failed { wrong.append("ended differently: \(String(describing: driver.end))") }
    if driver.tree.transcript != oracle.transcript { wrong.append("transcript differs") }
    if driver.states[driver.tree.world] != oracle.state { wrong.append("world differs") }
    if driver.external != oracle.sent { wrong.append("external effects differ") }
    // What a run reserves is all that it needs: shadow work is never in its way, and nothing has to be pre-empted.
    if driver.tree.statistics.revoked > 0 { wrong.append("shadow work held what the real path needed") }
    if !isExplainable(scenario, driver.landmarks) { wrong.append("outside reads run backwards") }
    if isTimed {
        for case .turn(let turn, let time) in driver.landmarks where turn < oracle.turnTimes.count {
            if time > oracle.turnTimes[turn] + 1e-9 {
                wrong.append("turn \(turn) later by \(time - oracle.turnTimes[turn])")
                break
            }
        }
    }
    return wrong
}
