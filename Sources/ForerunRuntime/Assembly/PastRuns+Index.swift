import ForerunCore
package import ForerunStore

extension PastRuns {
    /// The runs that a query finds, the index brought up to date first.
    ///
    /// - Parameters:
    ///   - warn: told what stands in the way and does not prevent an answer.
    ///   - progress: how many of how many logs are read.
    package func runs(
        _ query: RunQuery, rebuilds: Bool = false, warn: (String) -> Void = { _ in },
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(Complaint) -> (runs: [RunSummary], read: RunIndex.Refreshment) {
        do throws(StoreError) {
            let index = try RunIndex(of: directory, rebuilds: rebuilds)
            let read = try index.refresh(progress: progress)
            if let complaint = index.complaint { warn("the index cannot be kept: \(complaint)") }
            for failure in read.failures { warn("a log cannot be read: \(failure)") }
            return (try index.runs(query), read)
        } catch {
            throw Complaint(error)
        }
    }

    /// All about one run, as far as its log can be read.
    package func timeline(of run: RunName, wholeOutputs: Bool) throws(Complaint) -> (RunSummary, RunTimeline) {
        do throws(StoreError) {
            let (summary, timeline) = try RunSummary.withTimeline(run, in: directory, wholeOutputs: wholeOutputs)
            return (summary.current(in: directory), timeline)
        } catch {
            throw Complaint(error)
        }
    }

    /// A run as a page of HTML.
    package func page(of run: RunSummary, _ timeline: RunTimeline) -> String { RunPage(run, timeline).html }
}
