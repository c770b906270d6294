package import ForerunCore
package import ForerunEndpoints
import ForerunSpeculators

/// Heads behind an endpoint of plain completions: a request for each, at the same time.
///
/// A request of its own has stops of its own, few enough for every server; the prompts share all but their last tag, so that
/// servers with a prompt cache read them once.
package struct EndpointHeads: HeadModel {
    package let id: String
    private let client: CompletionsClient
    /// Whether the server is asked for the probabilities of tokens.
    private let logprobs: Bool

    package init(id: String, client: CompletionsClient, logprobs: Bool) {
        self.id = id
        self.client = client
        self.logprobs = logprobs
    }

    package func decode(
        _ prompts: [String], stops: [[String]], mostTokens: Int,
        emit: @escaping @Sendable (Int, String, [Double], FinishReason?) -> Void
    ) async throws(ModelFailure) -> Usage? {
        let result = await withTaskGroup(of: Result<Usage?, ModelFailure>.self) { group in
            for (number, prompt) in prompts.enumerated() {
                let request = CompletionRequest(
                    prompts: [prompt], maxTokens: mostTokens, temperature: 0, stop: stops[number],
                    logprobs: logprobs ? 1 : nil)
                group.addTask {
                    do throws(ModelFailure) {
                        let usage = try await client.complete(request) { delta in
                            emit(number, delta.text, delta.logprobs, delta.finish)
                        }.usage
                        return .success(usage)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var usage: Usage?
            for await result in group {
                switch result {
                case .success(let used): if let used { usage = (usage ?? .zero) + used }
                case .failure(let failure):
                    group.cancelAll()
                    return Result<Usage?, ModelFailure>.failure(failure)
                }
            }
            return .success(usage)
        }
        return try result.get()
    }
}
