public import ForerunCore
import ForerunEndpoints
import ForerunRuntime

/// A server of models.
public struct Endpoint: Sendable {
    /// The wire format that a server speaks.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// OpenAI's Chat Completions, as most servers have it.
        case chat
        /// OpenAI's Responses.
        case responses
        /// Anthropic's Messages.
        case anthropic
        /// Plain completions of text, for models that guess.
        case completions
    }

    private let configuration: EndpointConfiguration

    /// - Parameters:
    ///   - baseURL: the address below which `/chat/completions` (or what the format has) lies, such as `http://127.0.0.1:8000/v1`.
    ///   - key: where the key is kept, `env:NAME` or `file:PATH` (mode 0600); `nil`: the server wants none.
    ///   - concurrency: requests that it takes at once. Unknown counts as 1: then nothing is asked ahead there.
    /// - Throws: ``AgentError`` where `key` is neither.
    public init(
        _ baseURL: String, name: String = "endpoint", format: Format = .chat, key: String? = nil, concurrency: Int = 1
    ) throws(AgentError) {
        var source = KeySource.none
        if let key {
            guard let parsed = KeySource(key) else {
                throw AgentError(.configuration, "A key is written env:NAME or file:PATH, never as it is")
            }
            source = parsed
        }
        configuration = EndpointConfiguration(
            name: name, baseURL: baseURL, wire: WireProtocol(rawValue: format.rawValue) ?? .chat, key: source,
            concurrency: concurrency)
    }

    /// A model that this endpoint serves.
    ///
    /// - Throws: ``AgentError`` where the key is missing, or readable by others.
    public func model(_ name: String) throws(AgentError) -> EndpointModel {
        do throws(ModelFailure) {
            let rate = Resource.rate(configuration.name, name)
            let model = try configuration.model(name, rates: RateGauge(rate, slots: SharedSlots.keeper))
            return EndpointModel(
                model: model, endpoint: configuration.name, concurrency: configuration.concurrency, rate: rate)
        } catch {
            throw AgentError(.authentication, error.description)
        }
    }
}

/// A model behind an endpoint, with the slots that it shares with the endpoint's other models.
public struct EndpointModel: Sendable {
    let model: any Model
    let endpoint: String
    let concurrency: Int
    /// What its rate limit is known by; `nil`: it has none that is told of.
    let rate: Resource?

    init(model: any Model, endpoint: String, concurrency: Int, rate: Resource) {
        self.model = model
        self.endpoint = endpoint
        self.concurrency = concurrency
        self.rate = rate
    }

    /// Any model of your own.
    ///
    /// - Parameter concurrency: requests that it takes at once.
    public init(_ model: any Model, concurrency: Int = 1) {
        self.model = model
        endpoint = model.id
        self.concurrency = concurrency
        rate = nil
    }
}
