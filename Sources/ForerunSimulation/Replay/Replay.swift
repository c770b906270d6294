import ForerunCore
import ForerunLearning
import ForerunRecords

/// Replays recorded runs: what would speculation have saved on these logs?
///
/// The core is the one that runs live; only time is virtual, the actor's answers are those of the log, and so are the
/// outputs of its calls.
package struct Replay: Sendable {
    private let options: ReplayOptions
    private let folder: RecordsFolder?

    /// - Throws: where the options make no sense.
    package init(_ options: ReplayOptions) throws(ReplayError) {
        guard !options.sources.isEmpty || options.mode == .off else {
            throw ReplayError(
                "no speculator is named", remedy: "Name some of \(ReplaySource.allNames), or leave it out",
                isUsage: true)
        }
        self.options = options
        folder = if let path = options.records { try RecordsFolder(path) } else { nil }
    }

    /// Reads, learns and replays. Where the task is cancelled, what was replayed until then is reported.
    ///
    /// - Parameter onProgress: called from one task at a time, often.
    @concurrent package func run(
        onProgress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
    ) async throws(ReplayError) -> ReplayReport {
        let runs = RecordedRuns(options.paths) { onProgress(ReplayProgress(phase: .reading, done: $0)) }
        var report = ReplayReport(options: options, problems: runs.problems)
        // What was not read cannot be missed.
        if Task.isCancelled { return report.interrupted() }
        let names = try domains(of: runs)
        let training =
            options.training.isEmpty
            ? nil : RecordedRuns(options.training) { onProgress(ReplayProgress(phase: .reading, done: $0)) }
        var domains: [ReplayDomain] = []
        var learnt = 0
        for name in names {
            let own = Array((runs.domains[name] ?? []).prefix(options.limit ?? .max))
            let replayed = Set(own.map(\.key))
            let other = (training?.domains[name] ?? []).filter { !replayed.contains($0.key) }
            let records = try await records(of: name)
            var domain = ReplayDomain(name, own, training: other, records: records, options: options)
            await domain.learn(other) {
                learnt += 1
                onProgress(ReplayProgress(phase: .learning, done: learnt))
            }
            report.add(domain, own, training: other, leftOut: (training?.domains[name]?.count ?? 0) - other.count)
            domains.append(domain)
        }
        let all = await replay(domains, counts: names.map { report.runCount(of: $0) }, onProgress)
        for run in all { report.add(run) }
        for domain in domains { await domain.records?.environment.close() }
        report.finish()
        return report
    }

    private func domains(of runs: RecordedRuns) throws(ReplayError) -> [String] {
        let names = runs.domains.keys.sorted()
        guard !names.isEmpty else {
            throw ReplayError(
                "there is no recorded run in \(options.paths.joined(separator: ", "))",
                remedy: runs.problems.named.first.map { "\($0)" }
                    ?? "forerun learn --help lists the formats that can be read")
        }
        guard let domain = options.domain else { return names }
        guard names.contains(domain) else {
            throw ReplayError(
                "there is no run of '\(domain)'", remedy: "There are runs of \(names.joined(separator: ", "))",
                isUsage: true)
        }
        return [domain]
    }

    private func records(of name: String) async throws(ReplayError) -> ReplayRecords? {
        guard let folder, let tools = RecordsFolder.tools(of: name) else { return nil }
        guard let records = try await folder.open(tools) else {
            throw ReplayError(
                "\(options.records ?? "") has no database of \(name)",
                remedy: "It needs \(tools.tables.map { "\(name).\($0).json" }.joined(separator: ", "))", isUsage: true)
        }
        return records
    }

    /// All runs, as many at a time as there are processors; in their order.
    private func replay(
        _ domains: [ReplayDomain], counts: [Int], _ onProgress: @Sendable (ReplayProgress) -> Void
    ) async -> [ReplayedRun] {
        let jobs = domains.indices.flatMap { domain in (0..<counts[domain]).map { (domain, $0) } }
        return await withTaskGroup(of: (Int, ReplayedRun).self) { group in
            var results: [ReplayedRun?] = Array(repeating: nil, count: jobs.count)
            var next = 0
            func start() {
                guard next < jobs.count, !Task.isCancelled else { return }
                let (number, job) = (next, jobs[next])
                let domain = domains[job.0]
                next += 1
                group.addTask { (number, await domain.replay(job.1)) }
            }
            for _ in 0..<Processors.count { start() }
            var done = 0
            for await (number, run) in group {
                // What was interrupted half-way says nothing.
                if !Task.isCancelled { results[number] = run }
                done += 1
                onProgress(ReplayProgress(phase: .replaying, done: done, all: jobs.count))
                start()
            }
            return results.compactMap(\.self)
        }
    }
}

extension ReplaySource {
    /// For help texts and complaints.
    package static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
