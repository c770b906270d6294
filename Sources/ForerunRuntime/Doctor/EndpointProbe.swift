import ForerunCore
import ForerunEndpoints
import ForerunTransport

/// Asks an endpoint for its models: is it there, does it take the key, what does it serve?
struct EndpointProbe: Sendable {
    /// What an endpoint says that it serves; `nil`: it does not say, or could not be asked.
    struct Listing: Sendable {
        let models: [String]?

        /// `nil`: nothing is known about it.
        func finding(_ model: ModelName) -> Finding? {
            guard let models else { return nil }
            let subject = "model \(model)"
            if models.contains(model.model) { return .ok(subject, "is served") }
            let shown = models.prefix(8).joined(separator: ", ") + (models.count > 8 ? ", …" : "")
            return .failure(
                subject,
                Complaint(
                    "endpoint \(model.endpoint) does not list it",
                    remedy: models.isEmpty ? "It lists no model at all: load one" : "It lists: \(shown)",
                    status: .endpoint))
        }
    }

    private let endpoint: EndpointConfiguration
    private let client: HTTPClient

    init(_ endpoint: EndpointConfiguration, client: HTTPClient) {
        self.endpoint = endpoint
        self.client = client
    }

    func findings() async -> (Listing, [Finding]) {
        let subject = "endpoint \(endpoint.name)"
        let nothing = Listing(models: nil)
        var found: [Finding] = []
        do throws(ModelFailure) {
            if try endpoint.key.resolve() != nil { found.append(.ok("key of \(endpoint.name)", "is there (\(place))")) }
        } catch {
            return (nothing, [.failure("key of \(endpoint.name)", Complaint(error))])
        }
        do throws(ModelFailure) {
            let models = try await ModelCatalog.list(at: patient, client: client)
            let count = PresentedNumber.count(models.count, "model")
            return (Listing(models: models), found + [.ok(subject, "\(endpoint) answers, \(count)")])
        } catch {
            return (nothing, found + [judge(error, subject)])
        }
    }

    /// What may run ahead of an actor, by what its provider wants back.
    static func lookAhead(_ model: ModelName, _ endpoint: EndpointConfiguration) -> Finding {
        let subject = "look-ahead with \(model)"
        if let echo = endpoint.mustEcho(model: model.model) {
            return .ok(subject, "tools only: it wants its \(echo) back, which no guess holds")
        }
        guard endpoint.concurrency > 1 else {
            return .ok(
                subject, "tools only: endpoints.\(endpoint.name).concurrency is 1, so nothing is asked ahead there")
        }
        return .ok(subject, "tools and questions")
    }

    /// A server without a list of models may be as good as any.
    private func judge(_ failure: ModelFailure, _ subject: String) -> Finding {
        guard failure.kind == .notFound || failure.kind == .malformed else {
            return .failure(subject, Complaint(failure))
        }
        let remedy =
            "Check that endpoints.\(endpoint.name).baseURL ends where /chat/completions begins, often with /v1; "
            + "some servers have no list of models"
        return .warning(subject, "\(endpoint) answers, but lists no models: \(failure.message)", remedy: remedy)
    }

    /// People wait for the doctor.
    private var patient: EndpointConfiguration {
        var configuration = endpoint
        configuration.connectTimeout = min(5, endpoint.connectTimeout)
        return configuration
    }

    private var place: String {
        switch endpoint.key {
        case .none: "none"
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}
