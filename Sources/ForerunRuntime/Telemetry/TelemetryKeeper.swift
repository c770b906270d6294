import ForerunTelemetry
import Glibc
import Synchronization

/// What the runs of a runtime report through: made when the first of them begins that does.
final class TelemetryKeeper: Sendable {
    private let telemetry = Mutex<Telemetry?>(nil)
    private static let count = Atomic(0)

    deinit { stop() }

    /// What the variables ask for; `nil`: nothing is exported. And what the user should know.
    static func settings(_ variables: [String: String]) -> (settings: TelemetrySettings?, notes: [String]) {
        TelemetrySettings.read(
            variables, instance: SpanIDs.uuid(of: "\(machine) \(getpid()) \(startOfProcess)"), process: Int(getpid()))
    }

    /// A run begins to report.
    func begin(_ facts: RunFacts, _ settings: TelemetrySettings) -> RunTelemetry {
        let telemetry = telemetry.withLock { telemetry in
            let known = telemetry ?? Telemetry(settings)
            telemetry = known
            return known
        }
        // No other run, here or anywhere, has the same: names of runs may be alike on two machines, and those without a log
        // have none.
        let number = Self.count.add(1, ordering: .relaxed).newValue
        return telemetry.run(facts, seed: "\(facts.id) \(Self.machine) \(getpid()) \(Telemetry.now) \(number)")
    }

    /// Ends at once.
    func stop() { telemetry.withLock { $0.take() }?.stop() }

    /// What tells machines and containers apart. Only digests of it leave the process.
    private static let machine: String = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let id = ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"].compactMap { try? FileAccess.text(of: $0) }
        return ([host] + id).joined(separator: " ")
    }()

    private static let startOfProcess = Telemetry.now
}
