package import ForerunStore

extension PastRuns {
    /// Makes the decisions of a run again.
    ///
    /// - Parameter onStep: told of each step, in order.
    package func rerun(_ run: RunName, onStep: (Rerun.Step) -> Void = { _ in }) throws(Complaint) -> Rerun {
        do throws(StoreError) { return try Rerun(run, in: directory, onStep: onStep) } catch {
            guard error.code == .notFound else { throw Complaint(error) }
            throw Complaint(
                "nothing was kept of what run \(run) decided",
                remedy: "Runs keep it where speculation is on: --mode observe, tools or full", status: .configuration)
        }
    }
}
