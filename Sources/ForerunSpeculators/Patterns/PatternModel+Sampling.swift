import ForerunCore
import OrderedCollections

/// How learning keeps pace with very long logs: what is known well is only looked at now and then.
extension PatternModel {
    /// Calls of a tool that are learnt in full before any are only counted.
    static let fullCalls = 4_000
    /// At least one run in so many is learnt in full, however well its tools are known: habits change.
    static let leastShare = 20

    /// Whether a run is learnt in full: always while one of its tools is new to the model, later ever more rarely.
    func isLearntInFull(_ groups: [[PatternStep]]) -> Bool {
        var fewest = Int.max
        for group in groups {
            for case .turn(let turn) in group {
                for call in turn.calls {
                    let number = number(ofTool: Naming.name(call.name))
                    guard number >= 0, tools[number].calls > Self.fullCalls else { return true }
                    fewest = min(fewest, tools[number].calls)
                }
            }
        }
        // Runs without calls say when there are none; they are cheap.
        guard fewest < .max else { return true }
        let share = min(Self.leastShare, max(1, fewest / Self.fullCalls))
        return Naming.combine(17, runs) % UInt64(share) == 0
    }

    /// Counts the calls of a run, their argument names and constants: all that needs no index of the run.
    mutating func count(_ groups: [[PatternStep]], from first: Int) {
        for group in groups[min(first, groups.count)...] {
            for case .turn(let turn) in group {
                for call in turn.calls { count(call) }
            }
        }
        if first == 0 { runs += 1 }
    }

    private mutating func count(_ call: Call) {
        guard case .object(let members) = call.arguments, call.malformed == nil else { return }
        callCount += 1
        let now = Int32(truncatingIfNeeded: callCount)
        let tool = learnTool(call.name)
        for (name, value) in members where ValueHash.size(of: value, limit: 80) < ArgumentKnowledge.constantBytes {
            let known = learnArgument(Naming.name(name), name, of: tool)
            arguments[known].learn(value, ValueHash.of(value), run: Int32(truncatingIfNeeded: runs), now: now)
        }
        tools[tool].count(members.keys, now: now)
    }
}
