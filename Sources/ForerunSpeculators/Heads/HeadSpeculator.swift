package import ForerunCore
import Glibc
import Synchronization

/// What decodes heads: a server of plain completions.
package protocol HeadModel: Sendable {
    /// `endpoint/model`.
    var id: String { get }

    /// Goes on from each prompt, all at the same time.
    ///
    /// - Parameters:
    ///   - stops: for each prompt, what ends its text.
    ///   - emit: called in order, from one task at a time: the number of the prompt, the next piece, the log-probabilities of
    ///     its tokens where the server tells them, and with the last piece why it ended.
    func decode(
        _ prompts: [String], stops: [[String]], mostTokens: Int,
        emit: @escaping @Sendable (Int, String, [Double], FinishReason?) -> Void
    ) async throws(ModelFailure) -> Usage?
}

/// Guesses one call with a model that decodes its name and its arguments in parallel.
///
/// The guess is told as soon as the name and the arguments that this tool has are whole; the rest is cancelled then.
package final class HeadSpeculator: Speculator {
    /// Tokens of a head at most: what is longer is cut off, and no call.
    private static let mostTokens = 48

    private let model: any HeadModel
    private let prompts = Mutex<[(role: ModelRequest.Role, prompt: HeadPrompt)]>([])

    package init(_ model: any HeadModel) { self.model = model }

    package var source: String { "heads:\(model.id)" }
    package var endpoint: String? { model.id }
    package var requests: Int { 1 + HeadPrompt.mostArguments }

    /// - Returns: what was used, by the length of the texts where heads were cut off.
    @discardableResult
    package func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        let prompt = prompt(for: context.request.role)
        guard !prompt.tools.isEmpty else { return .zero }
        let heads = prompt.heads
        let texts = prompt.prompts(context.request.transcript)
        let sink = HeadSink(HeadAssembly(prompt.tools, heads: heads), emit: emit)
        let model = model
        let (decided, decision) = AsyncStream.makeStream(of: Void.self)
        let reported = await withTaskGroup(of: Usage?.self) { group in
            group.addTask {
                defer { decision.finish() }
                return try? await model.decode(texts, stops: heads.map(\.stops), mostTokens: Self.mostTokens) {
                    number, piece, logprobs, finish in
                    if sink.take(number, piece, logprobs, finish) { decision.yield() }
                }
            }
            for await _ in decided { break }
            // Nobody waits for heads that do not count.
            group.cancelAll()
            return await group.next() ?? nil
        }
        // An endpoint that said nothing has refused.
        let pieces = sink.pieces
        guard reported == nil, pieces > 0 else { return reported ?? .zero }
        return Usage(input: texts.reduce(0) { $0 + $1.utf8.count } / 4, output: pieces)
    }

    private func prompt(for role: ModelRequest.Role) -> HeadPrompt {
        prompts.withLock { prompts in
            if let known = prompts.first(where: { $0.role === role }) { return known.prompt }
            let prompt = HeadPrompt(role)
            prompts.append((role, prompt))
            return prompt
        }
    }
}

/// Assembles what arrives, and tells of the call once.
private final class HeadSink: Sendable {
    private let assembly: Mutex<HeadAssembly>
    private let heard = Mutex(0)
    private let emit: @Sendable ([Prediction]) -> Void

    init(_ assembly: HeadAssembly, emit: @escaping @Sendable ([Prediction]) -> Void) {
        self.assembly = Mutex(assembly)
        self.emit = emit
    }

    /// How many pieces arrived, of about a token each.
    var pieces: Int { heard.withLock { $0 } }

    /// - Returns: whether it is decided now.
    func take(_ number: Int, _ piece: String, _ logprobs: [Double], _ finish: FinishReason?) -> Bool {
        heard.withLock { $0 += 1 }
        let news = assembly.withLock { assembly -> HeadAssembly.State in
            guard assembly.state == .open else { return .open }
            assembly.take(number, piece, logprobs: logprobs, finish: finish)
            return assembly.state
        }
        guard news != .open else { return false }
        if case .call(let call, let logprob) = news, !Task.isCancelled {
            emit([Prediction(Turn(calls: [call]), confidence: logprob.map { exp($0) }, rank: 0)])
        }
        return true
    }
}
