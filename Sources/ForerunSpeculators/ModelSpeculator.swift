public import ForerunCore
internal import Glibc
internal import Synchronization

/// Asks a model, small and quick as a rule, what the actor will do next.
///
/// It sees the actor's transcript, of a long one the task and the latest turns, and answers with guesses as JSON, which count
/// as soon as each is complete. The fixed part of its requests comes first and is the same in all of a run, what changes comes
/// last, so that endpoints can keep the rest in their prompt cache. How sure it is, it states itself; or it is asked several
/// times, and the share of answers that agree counts; or the server tells how probable the tokens of a guess were.
public final class ModelSpeculator: Speculator {
    private let model: any Model
    private let prompt: Prompt
    private let options: SamplingOptions
    private let samples: Int
    private let hints: ModelHints?
    /// One role of our own for each of the actors that were seen.
    private let roles = Mutex<[(actor: ModelRequest.Role, own: ModelRequest.Role)]>([])

    /// - Parameters:
    ///   - template: a mustache template of the instructions. It can use `tools` (each with `name`, `description` and
    ///     `parameters`, a JSON Schema), and `instructions`, the actor's own.
    ///   - options: an answer needs some 50 tokens for each guess.
    ///     With `logprobs`, the probability of a guess's tokens is the confidence in it, where the server tells them.
    ///   - samples: how often it is asked, at least once. One answer ranks several guesses; of several answers the first
    ///     guess of each counts. They come one after the other, since a speculator has one slot.
    /// - Throws: `TemplateError` where `template` is none.
    public convenience init(
        model: any Model, template: String, options: SamplingOptions = SamplingOptions(maxTokens: 1024),
        samples: Int = 1
    ) throws(TemplateError) {
        try self.init(model: model, template: template, options: options, samples: samples, hints: nil)
    }

    package init(
        model: any Model, template: String, options: SamplingOptions = SamplingOptions(maxTokens: 1024),
        samples: Int = 1, hints: ModelHints?
    ) throws(TemplateError) {
        self.model = model
        self.samples = max(1, samples)
        self.hints = hints
        var options = options
        // Asked in the same words, a model that always takes the likeliest word would always answer the same.
        if samples > 1 { options.temperature = options.temperature ?? Self.temperature }
        self.options = options
        prompt = try Prompt(template)
    }

    private static let temperature = 0.8

    public var source: String { "model:\(model.id)" }
    public var endpoint: String? { model.id }
    public var requests: Int { samples }
    public func prewarm() async { await model.prewarm() }

    @discardableResult
    public func predict(_ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void) async -> Usage?
    {
        guard samples > 1 else { return await ask(context, emit).usage }
        let single = SpeculationContext(request: context.request, turnNumber: context.turnNumber, width: 1)
        let tally = SampleTally(samples: samples, emit: emit)
        var usage: Usage? = .zero
        for _ in 0..<samples where !Task.isCancelled {
            let answer = await ask(single) { tally.add($0[0].turn) }
            // Of what is not known in part, nothing is known.
            usage = answer.usage.flatMap { used in usage.map { $0 + used } }
            // What follows a failure would hardly fare better.
            if answer.hasFailed { break }
        }
        return usage
    }

    public func observe(_ turn: Turn, after context: SpeculationContext) async {
        hints?.observe(turn, after: context.request.transcript)
    }

    /// Asks once.
    ///
    /// - Returns: what was used, `nil` where the endpoint does not say, nothing where it refused; and whether there was no
    ///   whole answer.
    private func ask(
        _ context: SpeculationContext, _ emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> (usage: Usage?, hasFailed: Bool) {
        let sink = GuessSink(context: context, emit: emit)
        do throws(ModelFailure) {
            let answer = try await model.answer(request(for: context)) { delta in
                switch delta {
                case .text(let text): sink.push(text)
                case .logprobs(let logprobs): sink.heard(logprobs)
                default: break
                }
            }
            sink.finish(answer.turn)
            return (answer.usage, false)
        } catch {
            // A stream that broke off is as good as one that ended early.
            sink.finish(nil)
            return (sink.isSilent ? .zero : nil, true)
        }
    }

    private func request(for context: SpeculationContext) -> ModelRequest {
        let question = Prompt.question(context.width, hints: hints?.lines(context) ?? [])
        return ModelRequest(
            role: role(for: context.request.role),
            transcript: Window.seen(of: context.request).appending(.message(question)))
    }

    private func role(for actor: ModelRequest.Role) -> ModelRequest.Role {
        roles.withLock { roles in
            if let known = roles.first(where: { $0.actor === actor }) { return known.own }
            let own = ModelRequest.Role(
                name: "speculator:\(actor.name)", instructions: prompt.instructions(for: actor), options: options)
            roles.append((actor, own))
            return own
        }
    }
}

/// Turns the text of one answer into predictions.
private final class GuessSink: Sendable {
    private struct State: Sendable {
        var parser = GuessParser()
        var guesses: Set<[Call]> = []
        var hasText = false
    }

    private let context: SpeculationContext
    private let emit: @Sendable ([Prediction]) -> Void
    private let state = Mutex(State())

    init(context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void) {
        self.context = context
        self.emit = emit
    }

    /// Nothing has been said.
    var isSilent: Bool { state.withLock { !$0.hasText } }

    func heard(_ logprobs: [Double]) { state.withLock { $0.parser.likelihood.add(logprobs) } }

    func push(_ text: String) {
        report { state in
            state.hasText = true
            return state.parser.push(text)
        }
    }

    /// - Parameter turn: the whole answer, where there was one.
    func finish(_ turn: Turn?) {
        report { state in
            var guesses = state.hasText ? [] : state.parser.push(turn?.text ?? "")
            guesses += state.parser.finish()
            // A model that calls tools by itself has made one guess with that.
            let calls = turn?.calls.filter { $0.malformed == nil } ?? []
            if !calls.isEmpty {
                guesses.append(GuessParser.Guess(calls: calls, logprob: state.parser.likelihood.total))
            }
            return guesses
        }
    }

    private func report(_ read: (inout State) -> [GuessParser.Guess]) {
        let predictions = state.withLock { state in
            read(&state).compactMap { guess in
                isPossible(guess) && state.guesses.count < context.width && state.guesses.insert(guess.calls).inserted
                    ? Prediction(
                        Turn(calls: guess.calls), confidence: guess.logprob.map { exp($0) } ?? guess.confidence,
                        rank: state.guesses.count - 1) : nil
            }
        }
        if !predictions.isEmpty, !Task.isCancelled { emit(predictions) }
    }

    private func isPossible(_ guess: GuessParser.Guess) -> Bool {
        let tools = context.request.role.tools
        return guess.calls.allSatisfy { call in tools.contains { $0.name == call.name } }
    }
}
