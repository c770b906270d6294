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
        let key: String?
        do throws(ModelFailure) { key = try readKey() } catch {
            return (nothing, [.failure("key of \(endpoint.name)", Complaint(error))])
        }
        var found: [Finding] = []
        if key != nil { found.append(.ok("key of \(endpoint.name)", "is there (\(place))")) }
        do throws(TransportError) {
            let response = try await client.send(request(key))
            return judge(response, subject, found)
        } catch {
            let complaint = Complaint(
                "\(endpoint) does not answer: \(error.code)" + (error.message.isEmpty ? "" : ", \(error.message)"),
                remedy: error.remedy ?? "Start the server, or correct endpoints.\(endpoint.name).baseURL",
                status: .endpoint)
            return (nothing, found + [.failure(subject, complaint)])
        }
    }

    private func judge(_ response: HTTPResponse, _ subject: String, _ found: [Finding]) -> (Listing, [Finding]) {
        let nothing = Listing(models: nil)
        switch response.status {
        case 200..<300:
            let list = (try? JSON(parsing: response.body))?["data"]?.arrayValue
            guard let list else {
                let remedy =
                    "Check that endpoints.\(endpoint.name).baseURL ends where /chat/completions begins, often with /v1"
                return (
                    nothing,
                    found + [.warning(subject, "\(endpoint) answers, but not with a list of models", remedy: remedy)]
                )
            }
            let models = list.compactMap { $0["id"]?.stringValue }
            return (
                Listing(models: models),
                found + [.ok(subject, "\(endpoint) answers, \(PresentedNumber.count(models.count, "model"))")]
            )
        case 401, 403:
            let complaint = Complaint(
                "\(endpoint) refuses the key (HTTP \(response.status))", remedy: endpoint.key.remedy,
                status: .authentication)
            return (nothing, found + [.failure(subject, complaint)])
        case 404, 405:
            let remedy = "Check endpoints.\(endpoint.name).baseURL; some servers have no list of models"
            return (
                nothing,
                found + [
                    .warning(
                        subject, "\(endpoint) answers, but lists no models (HTTP \(response.status))", remedy: remedy)
                ]
            )
        default:
            let complaint = Complaint(
                "\(endpoint) answers with HTTP \(response.status)", remedy: "Look at the server's own log, or wait",
                status: .endpoint)
            return (nothing, found + [.failure(subject, complaint)])
        }
    }

    private func request(_ key: String?) -> HTTPRequest {
        var fields = endpoint.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        if let key { fields.append(endpoint.keyHeader.map { ($0, key) } ?? ("Authorization", "Bearer \(key)")) }
        var base = endpoint.baseURL[...]
        while base.hasSuffix("/") { base.removeLast() }
        return HTTPRequest(
            .get, base + "/models", headers: HTTPHeaders(fields), connectTimeout: min(5, endpoint.connectTimeout),
            idleTimeout: 10, totalTimeout: 15)
    }

    /// The key, once it is known to be sound.
    private func readKey() throws(ModelFailure) -> String? {
        guard try endpoint.key.resolve() != nil else { return nil }
        let text: String? =
            switch endpoint.key {
            case .none: nil
            case .environment(let name): ProcessVariables.current[name]
            case .file(let path): (try? FileAccess.text(of: FileAccess.expanded(path))) ?? nil
            }
        return text.map { DisplayText.line($0, limit: 16_384) }
    }

    private var place: String {
        switch endpoint.key {
        case .none: "none"
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}

extension FileAccess {
    /// With a leading `~/` replaced by the home directory.
    fileprivate static func expanded(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = ProcessVariables.current["HOME"] else { return path }
        return home + path.dropFirst()
    }
}
