public import ForerunCore
internal import Synchronization

/// Asks a model, small and quick as a rule, what the actor will do next.
///
/// It sees the actor's transcript and answers with guesses as JSON, which count as soon as each is complete. The fixed part
/// of its requests is the same in all of a run, so that endpoints can keep it in their prompt cache.
public final class ModelSpeculator: Speculator {
    private let model: any Model
    private let prompt: Prompt
    private let options: SamplingOptions
    /// One role of our own for each of the actors that were seen.
    private let roles = Mutex<[(actor: ModelRequest.Role, own: ModelRequest.Role)]>([])

    /// - Parameters:
    ///   - template: a mustache template of the instructions. It can use `tools` (each with `name`, `description` and
    ///     `parameters`, a JSON Schema), and `instructions`, the actor's own.
    ///   - options: an answer needs some 50 tokens for each guess.
    /// - Throws: `TemplateError` where `template` is none.
    public init(
        model: any Model, template: String, options: SamplingOptions = SamplingOptions(maxTokens: 1024)
    ) throws(TemplateError) {
        self.model = model
        self.options = options
        prompt = try Prompt(template)
    }

    public var source: String { "model:\(model.id)" }
    public var endpoint: String? { model.id }

    @discardableResult
    public func predict(_ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void) async -> Usage?
    {
        let sink = GuessSink(context: context, emit: emit)
        do throws(ModelFailure) {
            let answer = try await model.answer(request(for: context)) { delta in
                if case .text(let text) = delta { sink.push(text) }
            }
            sink.finish(answer.turn)
            return answer.usage
        } catch {
            // A stream that broke off is as good as one that ended early.
            sink.finish(nil)
            return nil
        }
    }

    private func request(for context: SpeculationContext) -> ModelRequest {
        let seen =
            switch context.request.view {
            case .whole: context.request.transcript
            case .lastEntry: Transcript(context.request.entries)
            }
        return ModelRequest(
            role: role(for: context.request.role), transcript: seen.appending(.message(Prompt.question(context.width))))
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
            if !calls.isEmpty { guesses.append(GuessParser.Guess(calls: calls, confidence: nil)) }
            return guesses
        }
    }

    private func report(_ read: (inout State) -> [GuessParser.Guess]) {
        let predictions = state.withLock { state in
            read(&state).compactMap { guess in
                isPossible(guess) && state.guesses.count < context.width && state.guesses.insert(guess.calls).inserted
                    ? Prediction(
                        Turn(calls: guess.calls), confidence: guess.confidence, rank: state.guesses.count - 1) : nil
            }
        }
        if !predictions.isEmpty, !Task.isCancelled { emit(predictions) }
    }

    private func isPossible(_ guess: GuessParser.Guess) -> Bool {
        let tools = context.request.role.tools
        return guess.calls.allSatisfy { call in tools.contains { $0.name == call.name } }
    }
}
