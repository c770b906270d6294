package import ForerunCore
import ForerunEndpoints
package import ForerunTransport

/// What endpoints serve, for `forerun models`.
package struct ServedModels: Sendable {
    /// What one endpoint says.
    package struct Listing: Sendable {
        package let endpoint: String
        package let models: [String]
        /// What they cost, as far as that is known.
        package let tariffs: [String: EndpointSettings.Tariff]
        /// Why there is no list; `nil`: there is one.
        package let complaint: Complaint?
    }

    private let configuration: Configuration
    private let variables: [String: String]
    private let client: HTTPClient

    /// - Throws: where the configuration cannot be read.
    package init(
        workspace: String, assignments: [ConfigurationAssignment] = [], variables: [String: String],
        client: HTTPClient = .shared
    ) throws(Complaint) {
        do throws(ConfigurationError) {
            let places = try ConfigurationPlaces(environment: variables, workspace: workspace)
            let layers = try ConfigurationLayers(places: places, environment: variables, flags: assignments)
            configuration = try layers.resolved().configuration
        } catch {
            throw Complaint(error)
        }
        self.variables = variables
        self.client = client
    }

    /// All endpoints that have a name here.
    package var names: [String] { configuration.endpoints.names }

    /// Endpoints that somebody means to use: those that are no mere presets, and presets whose key is there.
    package var likely: [String] {
        names.filter { name in
            guard let own = configuration.endpoints[name]?.configuration, !own.baseURL.isEmpty else { return false }
            guard own == EndpointConfiguration.preset(name) else { return true }
            if case .environment(let variable) = own.key { return variables[variable]?.isEmpty == false }
            return false
        }
    }

    /// Asks one endpoint.
    ///
    /// - Throws: where no endpoint has that name, or it has no address.
    package func list(_ name: String) async throws(Complaint) -> Listing {
        var endpoint: EndpointConfiguration
        do throws(ConfigurationError) {
            endpoint = try configuration.endpoint(of: ModelName(endpoint: name, model: "*"))
        } catch {
            throw Complaint(error)
        }
        // People wait for it.
        endpoint.connectTimeout = min(5, endpoint.connectTimeout)
        do throws(ModelFailure) {
            let models = try await ModelCatalog.list(at: endpoint, client: client)
            let terms = configuration.endpoints[name]
            let tariffs = models.reduce(into: [:]) { $0[$1] = terms?.tariff(of: $1) }
            return Listing(endpoint: name, models: models, tariffs: tariffs, complaint: nil)
        } catch {
            return Listing(endpoint: name, models: [], tariffs: [:], complaint: Complaint(error))
        }
    }
}

extension ServedModels.Listing {
    /// One line a model, as it is named in configuration.
    package var text: String { models.map { name(of: $0) + "\n" }.joined() }

    /// The same with what a million tokens cost.
    package var pricedText: String {
        let width = min(60, models.map { name(of: $0).count }.max() ?? 0)
        return models.map { model in
            let name = name(of: model)
            let space = String(repeating: " ", count: max(0, width - name.count) + 2)
            return name + space + (tariffs[model]?.text ?? "unknown") + "\n"
        }.joined()
    }

    private func name(of model: String) -> String { "\(endpoint)/\(DisplayText.line(model, limit: 400))" }

    package var json: JSON {
        [
            "endpoint": .string(endpoint), "models": .array(models.map { .string($0) }),
            "prices": JSON(members: models.compactMap { model in tariffs[model].map { (model, $0.json) } }),
            "error": complaint.map { .string($0.cause) } ?? .null,
            "remedy": complaint.map { .string($0.remedy) } ?? .null,
        ]
    }
}
