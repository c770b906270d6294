package import ForerunStore

/// What recorded runs took, read from their logs.
package struct CostBook: Sendable {
    /// Oldest first.
    package private(set) var runs: [RunCosts] = []
    /// Runs whose log cannot be read, with the reason.
    package private(set) var unreadable: [String] = []

    package init(_ runs: [RunCosts] = []) { self.runs = runs }

    /// - Parameters:
    ///   - names: as runs and their logs are named, or the path of a log; empty: all runs.
    ///   - latest: the newest so many of all runs; `nil`: all.
    /// - Throws: where a run that was named is not there.
    package init(_ names: [String], latest: Int? = nil, variables: [String: String]) throws(Complaint) {
        let directory: RunStateDirectory
        let all: [RunName]
        do throws(StoreError) {
            directory = try RunStateDirectory(environment: { variables[$0] })
            all = names.isEmpty ? try directory.runs() : []
        } catch {
            throw Complaint(error)
        }
        for run in all.suffix(latest ?? .max) {
            do throws(StoreError) {
                runs.append(try Self.read(directory.eventsPath(of: run), as: run.description))
            } catch {
                leaveOut(run.description, error.message)
            }
        }
        for name in names {
            let path = RunName(name).map { directory.eventsPath(of: $0) } ?? name
            do throws(StoreError) {
                runs.append(try Self.read(path, as: name))
            } catch {
                guard error.code == .notFound else { throw Complaint(error) }
                throw Complaint(
                    "there is no run \(name)",
                    remedy: "forerun cost without a name adds up all of them; a path of a log will do as well",
                    status: .failed)
            }
        }
    }

    mutating func leaveOut(_ run: String, _ reason: String) { unreadable.append("\(run): \(reason)") }

    package var total: RunCosts.Sum { runs.reduce(into: RunCosts.Sum()) { $0.add($1.total) } }

    /// All runs together, by model, role and outcome, in order.
    package var sums: [(key: RunCosts.Key, sum: RunCosts.Sum)] {
        var sums: [RunCosts.Key: RunCosts.Sum] = [:]
        for run in runs { for (key, sum) in run.sums { sums[key, default: RunCosts.Sum()].add(sum) } }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The names of the recorded runs, newest first.
    package static func runNames(_ variables: [String: String]) -> [String] {
        guard let directory = try? RunStateDirectory(environment: { variables[$0] }), let runs = try? directory.runs()
        else { return [] }
        return runs.reversed().map(\.description)
    }

    private static func read(_ path: String, as name: String) throws(StoreError) -> RunCosts {
        var reader = try EventLogReader(path: path)
        var costs = RunCosts(run: name)
        while let event = try reader.next() { costs.add(event) }
        costs.finish()
        return costs
    }
}
