package import ForerunCore
import ForerunLearning
import ForerunSpeculators
import FoundationEssentials

/// What was learnt from recorded runs: `$XDG_DATA_HOME/forerun/patterns.sqlite`.
package struct PatternLibrary: Sendable {
    private let store: LearnedStore

    /// Where it is.
    package static func path(_ variables: [String: String]) -> String {
        let base =
            variables["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (variables["HOME"] ?? "/") + "/.local/share"
        return "\(base)/forerun/patterns.sqlite"
    }

    /// - Parameter makes: make it where it is missing.
    /// - Returns: `nil` where nothing was learnt yet.
    package static func open(_ variables: [String: String], makes: Bool) throws(Complaint) -> PatternLibrary? {
        let path = path(variables)
        if !FileAccess.exists(path) {
            guard makes else { return nil }
            do {
                try FileManager.default.createDirectory(
                    atPath: String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)),
                    withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw Complaint(
                    "cannot make the directory of \(path)", remedy: "Check its permissions", status: .failed)
            }
        }
        do throws(LearningError) { return PatternLibrary(store: try LearnedStore(path: path)) } catch {
            throw Complaint(error)
        }
    }

    // MARK: - Learning

    /// Learns from files and directories.
    ///
    /// - Parameters:
    ///   - agent: learn as if all runs were this agent's.
    ///   - isStopped: asked before each run; once it is so, what was learnt until then is kept and the rest left alone.
    ///   - onProgress: called after each run with a line for people.
    /// - Returns: lines that say what came of it.
    package func learn(
        _ paths: [String], agent: String?, isStopped: () -> Bool = { false }, onProgress: (String) -> Void
    ) throws(Complaint) -> [String] {
        do throws(LearningError) {
            var learning = try Learning<PatternModel>(paths, into: store, agent: agent)
            var goesOn = true
            while goesOn, !isStopped() {
                goesOn = try learning.step(time: Date().timeIntervalSince1970)
                onProgress(Self.line(learning.progress))
            }
            guard goesOn else { return Self.lines(learning.outcome, learning.progress, learning.problems) }
            try learning.keep(time: Date().timeIntervalSince1970)
            return Self.lines(learning.outcome, learning.progress, learning.problems)
                + ["interrupted: what was learnt until then is kept; the same command goes on from there"]
        } catch {
            throw Complaint(error)
        }
    }

    private static func line(_ progress: ImportProgress) -> String {
        let share = progress.bytesInAll > 0 ? progress.bytes * 100 / progress.bytesInAll : 100
        return
            "\(share) %: \(progress.files) of \(progress.filesInAll) files, \(progress.runs) runs, \(progress.calls) calls"
    }

    private static func lines(
        _ outcome: Learning<PatternModel>.Outcome, _ progress: ImportProgress, _ problems: ImportProblems
    ) -> [String] {
        var lines = ["learnt from \(outcome.runs) runs with \(outcome.calls) calls"]
        if outcome.knownRuns > 0 { lines.append("\(outcome.knownRuns) runs were known already") }
        if progress.unchanged > 0 {
            lines.append("\(progress.unchanged) files have not changed since they were learnt")
        }
        if progress.ignored > 0 {
            lines.append("\(progress.ignored) files were left out: their names are no transcript's")
        }
        for agent in outcome.begunAnew { lines.append("what was known of \(agent) could not be read; it begins anew") }
        for (reason, count) in problems.counts.sorted(by: { $0.key < $1.key }) { lines.append("\(reason): \(count)") }
        for problem in problems.named { lines.append("  \(DisplayText.harmless("\(problem)"))") }
        return lines
    }

    // MARK: - Using

    /// What guesses by what is known of an agent, or of all agents where there is nothing of this one; `nil`: nothing is.
    ///
    /// The model is read beside: nobody waits for it but guesses.
    ///
    /// - Returns: also from whose runs, in words.
    func speculator(of agent: String) -> (speculator: PatternSpeculator, source: String)? {
        guard let known = try? store.summaries() else { return nil }
        for (name, words) in [(agent, "runs of \(agent)"), (LearnedStore.everyone, "runs of other agents")] {
            guard let summary = known.first(where: { $0.agent == name }) else { continue }
            let speculator = PatternSpeculator { [store] in
                (try? store.model(of: name)).flatMap { $0 }.flatMap { try? PatternModel(content: $0) }
            }
            return (speculator, "\(summary.runs) \(words)")
        }
        return nil
    }

    /// A line for each agent.
    package func lines() throws(Complaint) -> [String] {
        do throws(LearningError) {
            return try store.summaries().map { summary in
                let name = summary.agent == LearnedStore.everyone ? "(all agents)" : summary.agent
                return
                    "\(DisplayText.harmless(name))  \(summary.runs) runs, \(summary.calls) calls, \(summary.size >> 10) KiB"
            }
        } catch {
            throw Complaint(error)
        }
    }

    /// What is known of each agent: `agent` (`*`: all of them), `runs`, `calls`, `bytes`, `patterns` as ``patterns(of:)`` has them.
    package func objects() throws(Complaint) -> JSON {
        do throws(LearningError) {
            var objects: [JSON] = []
            for summary in try store.summaries() {
                // What cannot be read is nothing that is known.
                let model = try store.model(of: summary.agent).flatMap { try? PatternModel(content: $0) }
                objects.append([
                    "agent": .string(summary.agent), "runs": .int(summary.runs), "calls": .int(summary.calls),
                    "bytes": .int(summary.size), "patterns": .array((model?.listing ?? []).map { .string($0) }),
                ])
            }
            return .array(objects)
        } catch {
            throw Complaint(error)
        }
    }

    /// Where the arguments of an agent's calls come from, the most frequent first; `nil`: nothing was learnt of it.
    package func patterns(of agent: String) throws(Complaint) -> [String]? {
        let content: [UInt8]?
        do throws(LearningError) { content = try store.model(of: agent) } catch { throw Complaint(error) }
        guard let content else { return nil }
        guard let model = try? PatternModel(content: content) else {
            throw Complaint(
                "what was learnt of \(agent) is damaged",
                remedy: "Learn again: forerun patterns --forget, forerun learn",
                status: .failed)
        }
        return model.listing.map { DisplayText.harmless($0) }
    }

    package func forget() throws(Complaint) {
        do throws(LearningError) { try store.forgetEverything() } catch { throw Complaint(error) }
    }
}

extension Complaint {
    init(_ error: LearningError) { self.init(error.message, remedy: error.remedy, status: .failed) }
}
