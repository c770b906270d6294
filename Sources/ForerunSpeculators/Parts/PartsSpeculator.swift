package import ForerunCore
import Synchronization

/// Guesses one call in parts: first the tool, then all arguments of this tool at the same time.
///
/// What parallel heads do for models that were trained with them (SimpleTool, arXiv 2603.00030), for those that were not: a
/// guess takes as long as a name and its longest argument. All requests begin with the same bytes, which the endpoint's prompt
/// cache reads once. It pays where calls have several arguments, or a long one.
package final class PartsSpeculator: Speculator {
    /// Tokens of an argument at most: what is longer is cut off, and no guess.
    private static let mostTokens = 512

    private let model: any Model
    private let prompt: ModelSpeculator.Prompt
    private let parallel: Int
    private let roles = Mutex<[(actor: ModelRequest.Role, own: ModelRequest.Role, tools: [HeadTool])]>([])

    /// - Parameters:
    ///   - template: a mustache template of the instructions, with the values of ``ModelSpeculator``'s.
    ///   - parallel: how many arguments are asked for at a time.
    /// - Throws: where `template` is none.
    package init(model: any Model, template: String, parallel: Int) throws(ModelSpeculator.TemplateError) {
        self.model = model
        self.parallel = max(1, parallel)
        prompt = try ModelSpeculator.Prompt(template)
    }

    package var source: String { "parts:\(model.id)" }
    package var endpoint: String? { model.id }
    package var requests: Int { 1 + HeadPrompt.mostArguments }
    package func prewarm() async { await model.prewarm() }

    @discardableResult
    package func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        let (role, tools) = role(for: context.request.role)
        guard !tools.isEmpty else { return .zero }
        let seen = ModelSpeculator.Window.seen(of: context.request)
        let named = await ask(.tool, seen, role)
        guard let tool = tools.first(where: { $0.name == named.text }) else { return named.usage }
        let told = await arguments(of: tool, seen, role)
        let usage = told.reduce(named.usage) { sum, part in sum.flatMap { sum in part.usage.map { sum + $0 } } }
        let texts = told.compactMap(\.text)
        if texts.count == tool.arguments.count, let call = tool.call(texts), !Task.isCancelled {
            emit([Prediction(Turn(calls: [call]), rank: 0)])
        }
        return usage
    }

    private struct Part: Sendable {
        /// As ``PartQuestion/reading(_:)`` has it.
        var text: String?
        var usage: Usage?
    }

    /// In the order of the tool's arguments. The first one that comes to nothing ends the others.
    private func arguments(
        of tool: HeadTool, _ seen: Transcript, _ role: ModelRequest.Role
    ) async -> [Part] {
        await withTaskGroup(of: (Int, Part).self) { group in
            var parts = Array(repeating: Part(text: nil, usage: .zero), count: tool.arguments.count)
            var next = 0
            func start() {
                guard next < parts.count else { return }
                let (index, name) = (next, tool.arguments[next].name)
                next += 1
                group.addTask { (index, await self.ask(.argument(name, of: tool.name), seen, role)) }
            }
            for _ in 0..<parallel { start() }
            while let (index, part) = await group.next() {
                parts[index] = part
                if part.text == nil {
                    group.cancelAll()
                    next = parts.count
                }
                start()
            }
            return parts
        }
    }

    /// - Returns: with nothing used where the endpoint said nothing, and `nil` where it does not say how much.
    private func ask(_ question: PartQuestion, _ seen: Transcript, _ role: ModelRequest.Role) async -> Part {
        let request = ModelRequest(role: role, transcript: seen.appending(.message(question.text)))
        let hasAnswered = Atomic(false)
        do throws(ModelFailure) {
            let answer = try await model.answer(request) { _ in hasAnswered.store(true, ordering: .relaxed) }
            return Part(text: question.reading(answer.turn), usage: answer.usage)
        } catch {
            return Part(text: nil, usage: hasAnswered.load(ordering: .relaxed) ? nil : .zero)
        }
    }

    private func role(for actor: ModelRequest.Role) -> (ModelRequest.Role, [HeadTool]) {
        roles.withLock { roles in
            if let known = roles.first(where: { $0.actor === actor }) { return (known.own, known.tools) }
            let own = ModelRequest.Role(
                name: "speculator:\(actor.name)", instructions: prompt.instructions(for: actor),
                options: SamplingOptions(maxTokens: Self.mostTokens))
            let tools = actor.tools.compactMap(HeadTool.init)
            roles.append((actor, own, tools))
            return (own, tools)
        }
    }
}
