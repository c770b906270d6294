import ForerunCore
import ForerunLearning

/// Recorded runs by domain, in the order in which they were read, each once.
struct RecordedRuns {
    private(set) var domains: [String: [RecordedRun]] = [:]
    private(set) var problems = ImportProblems()
    private var places: [String: (domain: String, index: Int)] = [:]

    /// - Parameter onProgress: called after each run.
    init(_ paths: [String], onProgress: (Int) -> Void) {
        var reader = TranscriptReader(paths)
        var count = 0
        while !Task.isCancelled, let run = reader.next() {
            add(run)
            count += 1
            onProgress(count)
        }
        problems = reader.problems
    }

    /// What runs are counted under: what the log calls the agent, else the log's own format.
    static func domain(of run: RecordedRun) -> String { run.agent ?? run.format }

    private mutating func add(_ run: RecordedRun) {
        let domain = Self.domain(of: run)
        if let place = places[run.key], place.domain == domain {
            // Read again from a log that has grown.
            domains[domain]?[place.index] = run
        } else {
            places[run.key] = (domain, domains[domain]?.count ?? 0)
            domains[domain, default: []].append(run)
        }
    }
}
