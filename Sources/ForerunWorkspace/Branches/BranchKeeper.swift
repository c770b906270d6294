/// The one owner of an open workspace's host: starts it, and starts another one should it die.
actor BranchKeeper {
    private let opening: BranchHost.Opening
    private let program: String
    private var current: BranchHost?
    private var opened: Task<Result<BranchHost, BranchFailure>, Never>?

    init(_ opening: BranchHost.Opening, program: String) {
        self.opening = opening
        self.program = program
    }

    func host() async throws(BranchFailure) -> BranchHost {
        if let current, current.isAlive { return current }
        let work: Task<Result<BranchHost, BranchFailure>, Never>
        if let opened {
            work = opened
        } else {
            work = Task { [opening, program] in
                do throws(BranchFailure) {
                    return .success(try await BranchHost.open(opening, program: program))
                } catch {
                    return .failure(error)
                }
            }
            opened = work
        }
        let result = await work.value
        opened = nil
        if case .success(let host) = result { current = host }
        return try result.get()
    }

    /// Ends the host.
    func close() async {
        let host = current
        current = nil
        await host?.shutDown()
    }
}
