import ForerunCore
import ForerunEndpoints
package import ForerunTransport
import Synchronization

/// What all runs of a process share: slots and connections.
package final class AgentRuntime: Sendable {
    package let slots: SlotKeeper
    package let client: HTTPClient
    private let telemetry = TelemetryKeeper()
    private let gauges = Mutex<[Resource: RateGauge]>([:])

    package init(slots: SlotKeeper = SlotKeeper(), client: HTTPClient = .shared) {
        self.slots = slots
        self.client = client
    }

    /// A runtime whose connections end with it (``shutDown()``).
    package static func withOwnConnections(_ traffic: Traffic = .live) -> AgentRuntime {
        AgentRuntime(client: HTTPClient(traffic))
    }

    /// Reads the agent and the configuration and puts a run together. Nothing is started yet.
    package func prepare(_ request: RunRequest) async throws(RunFailure) -> PreparedRun {
        let resolved = try Self.resolve(request)
        let assembly = try Assembly(request, resolved, runtime: self)
        let keeps = request.keepsSnapshot && assembly.workspace != nil
        let snapshot = try await keeps ? WorkspaceSnapshot(of: request.workspace) : nil
        let run = try PreparedRun(request, resolved, assembly, slots: slots, telemetry: telemetry, snapshot: snapshot)
        // The last thing that may fail, since it changes something.
        try run.rewind()
        return run
    }

    /// What counts for a run: all layers of configuration, with the agent's file.
    package static func resolve(_ request: RunRequest) throws(RunFailure) -> ResolvedConfiguration {
        do throws(ConfigurationError) {
            let places = try ConfigurationPlaces(environment: request.variables, workspace: request.workspace)
            let layers = try ConfigurationLayers(
                places: places, environment: request.variables, flags: request.assignments)
            let agent = try AgentDefinition(file: try ResourceLocator(places).agent(request.agent))
            return try layers.resolved(for: agent)
        } catch {
            throw .configuration(error)
        }
    }

    /// What listens to the rate limit of a model; one for all runs.
    func gauge(of rate: Resource) -> RateGauge {
        gauges.withLock { gauges in
            if let known = gauges[rate] { return known }
            let gauge = RateGauge(rate, slots: slots)
            gauges[rate] = gauge
            return gauge
        }
    }

    /// Ends the connections, unless the process shares them. Runs must be over.
    package func shutDown() async {
        telemetry.stop()
        if client !== HTTPClient.shared { client.shutDown() }
    }
}
