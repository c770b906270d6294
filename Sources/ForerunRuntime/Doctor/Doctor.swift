import ForerunChess
import ForerunCore
import ForerunEndpoints
package import ForerunTransport
import ForerunWorkspace
import Glibc

/// Looks whether runs can work here: configuration, endpoints, sandbox, engine, directories.
package struct Doctor: Sendable {
    private let workspace: String
    /// The agent that is asked about; `nil`: all of them.
    private let agent: String?
    private let assignments: [ConfigurationAssignment]
    private let variables: [String: String]
    private let client: HTTPClient

    package init(
        workspace: String, agent: String? = nil, assignments: [ConfigurationAssignment] = [],
        variables: [String: String],
        client: HTTPClient = .shared
    ) {
        self.workspace = workspace
        self.agent = agent
        self.assignments = assignments
        self.variables = variables
        self.client = client
    }

    /// Looks at everything.
    ///
    /// - Parameter report: called for each finding as it comes.
    package func examine(_ report: (Finding) -> Void = { _ in }) async -> [Finding] {
        var findings: [Finding] = []
        func add(_ finding: Finding) {
            findings.append(finding)
            report(finding)
        }
        let needs: Needs
        do throws(ConfigurationError) {
            let places = try ConfigurationPlaces(environment: variables, workspace: workspace)
            let layers = try ConfigurationLayers(places: places, environment: variables, flags: assignments)
            needs = try Needs(layers, agent: agent, report: add)
            let own = places.userDirectory + "/config.yaml"
            let read = [FileAccess.mode(of: own) != nil ? own : nil, places.project?.directory].compactMap(\.self)
            add(.ok("configuration", read.isEmpty ? "built-in; \(own) does not exist" : read.joined(separator: ", ")))
        } catch {
            add(.failure("configuration", Complaint(error)))
            needs = Needs()
        }
        for finding in await endpoints(needs) { add(finding) }
        add(await sandbox(needs))
        add(engine(needs))
        for finding in Places.findings(workspace: workspace, variables: variables) { add(finding) }
        for finding in await CollectorProbe.findings(variables) { add(finding) }
        return findings
    }

    // MARK: - Endpoints

    private func endpoints(_ needs: Needs) async -> [Finding] {
        guard let configuration = needs.configuration else { return [] }
        var findings: [Finding] = []
        if needs.actors.isEmpty, needs.wantsActor {
            findings.append(
                .warning(
                    "actor", "no model is named that decides",
                    remedy: "Name one: defaults.actor in config.yaml, FORERUN_ACTOR, or --actor endpoint/model"))
        }
        var known: [String: EndpointProbe.Listing] = [:]
        for model in needs.actors + needs.speculators.filter({ !needs.actors.contains($0) }) {
            // Speculation can be done without.
            let isNeeded = needs.actors.contains(model)
            do throws(ConfigurationError) {
                let endpoint = try configuration.endpoint(of: model)
                if known[model.endpoint] == nil {
                    let (listing, own) = await EndpointProbe(endpoint, client: client).findings()
                    known[model.endpoint] = listing
                    findings += isNeeded ? own : own.map(\.asWarning)
                }
                if let listing = known[model.endpoint], let finding = listing.finding(model) {
                    findings.append(isNeeded ? finding : finding.asWarning)
                }
                if isNeeded { findings.append(EndpointProbe.lookAhead(model, endpoint)) }
            } catch {
                let finding = Finding.failure("model \(model)", Complaint(error))
                findings.append(isNeeded ? finding : finding.asWarning)
            }
        }
        return findings
    }

    // MARK: - This machine

    private func sandbox(_ needs: Needs) async -> Finding {
        let subject = "sandbox"
        guard needs.sandbox != .off else {
            return .warning(
                subject, "turned off: commands run as you, and never ahead of the actor",
                remedy: "Set environment.sandbox to preferred or required")
        }
        let finding: Finding
        do throws(EnvironmentFailure) {
            // Whether branches can be made depends on the directory, too. One that cannot be used is named elsewhere.
            let isUsable = FileAccess.isDirectory(workspace) && access(workspace, W_OK | X_OK) == 0
            let trial = isUsable ? nil : try TrialDirectory()
            let found = try await WorkspaceEnvironment.trial(of: trial?.path ?? workspace)
            withExtendedLifetime(trial) {}
            if let warning = found.warning {
                let complaint = Complaint(found.confinement, remedy: warning, status: .configuration)
                finding =
                    found.runsCommands ? Finding.failure(subject, complaint).asWarning : .failure(subject, complaint)
            } else {
                finding = .ok(subject, found.confinement)
            }
        } catch {
            finding = .failure(subject, Complaint(error))
        }
        return needs.sandbox == .required ? finding : finding.asWarning
    }

    private func engine(_ needs: Needs) -> Finding {
        do throws(EngineFailure) {
            return .ok("chess engine", try EngineLocation.find(needs.enginePath))
        } catch {
            let finding = Finding.failure(
                "chess engine",
                Complaint(
                    error.message, remedy: error.remedy ?? "Set engine.path to a program that speaks UCI",
                    status: .configuration))
            return needs.isChess ? finding : finding.asWarning
        }
    }
}
