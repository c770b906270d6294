import ForerunCore
import Yams

/// Reads one model of a script.
struct MockModelReader {
    private enum Kind: String, CaseIterable {
        case script, speculator
    }

    /// Why a turn ends, where it is not for its calls or for having said all.
    private enum Finish: String, CaseIterable {
        case stop, length
        case contentFilter = "content_filter"
    }

    private static let common = [
        "kind", "latency", "tokens_per_second", "chunk", "usage", "fault", "quirk", "limits", "marker",
    ]
    private static let own: [Kind: [String]] = [
        .script: ["turns", "generate"],
        .speculator: ["of", "hit", "hit_top", "width", "wrong", "confidence"],
    ]

    private let name: String
    private let kind: Kind
    private let section: ScriptSection

    init(name: String, in models: ScriptSection) throws(MockScriptFailure) {
        self.name = name
        guard let loose = try models.section(name, known: nil) else { throw models.failure(name, "is missing") }
        kind = try loose.choice("kind", of: Kind.self) ?? .script
        section = try models.section(name, known: Self.common + (Self.own[kind] ?? [])) ?? loose
    }

    /// The answers of a scripted model; `nil` for a speculator.
    func turns() throws(MockScriptFailure) -> ScriptedTurns? {
        guard kind == .script else { return nil }
        switch (section.has("turns"), section.has("generate")) {
        case (true, false): return try listedTurns()
        case (false, true): return try generatedTurns()
        default: throw section.failure("turns", "a scripted model needs either turns or generate")
        }
    }

    func model(scripts: [String: ScriptedTurns]) throws(MockScriptFailure) -> MockModel {
        let answers: MockModel.Answers
        switch kind {
        case .script:
            guard let turns = scripts[name] else { throw section.failure("turns", "is missing") }
            answers = .script(turns)
        case .speculator:
            answers = .guesses(try guesses(scripts: scripts))
        }
        var quirks: Set<Quirk> = []
        for node in section.list("quirk") {
            quirks.insert(try section.choice(node.string ?? "", "quirk", of: Quirk.self))
        }
        return MockModel(
            name, answers, latency: try latency(),
            tokensPerSecond: try section.number("tokens_per_second", in: 0 ... .infinity) ?? 0,
            chunk: try section.integer("chunk", in: 0...1_000_000) ?? 4,
            reportsUsage: try section.bool("usage") ?? true, faults: try FaultReader(section).faults(), quirks: quirks,
            limits: try limits(), marker: try section.string("marker") ?? MockModel.marker)
    }

    // MARK: - Scripts

    private func listedTurns() throws(MockScriptFailure) -> ScriptedTurns {
        var turns: [ScriptedTurn] = []
        for (index, node) in section.list("turns").enumerated() {
            let path = section.subpath("turns[\(index)]")
            let turn = try ScriptSection(
                node, file: section.file, path: path, known: ["text", "reasoning", "calls", "finish"])
            var calls: [Call] = []
            for (position, node) in turn.list("calls").enumerated() {
                let path = turn.subpath("calls[\(position)]")
                let call = try ScriptSection(node, file: section.file, path: path, known: ["name", "arguments"])
                calls.append(Call(try Self.required("name", call), try Self.arguments(call)))
            }
            let text = try turn.string("text") ?? ""
            let finish = try turn.choice("finish", of: Finish.self).map { FinishReason($0.rawValue) }
            turns.append(
                ScriptedTurn(
                    Turn(text: text, calls: calls, finish: finish), reasoning: try turn.string("reasoning") ?? ""))
        }
        guard turns.last?.turn.calls.isEmpty ?? false else {
            throw section.failure("turns", "the last turn must have no calls: it is the final answer")
        }
        return ScriptedTurns(turns)
    }

    private func generatedTurns() throws(MockScriptFailure) -> ScriptedTurns {
        let known = ["steps", "tool", "arguments", "text", "final"]
        guard let form = try section.section("generate", known: known) else {
            throw section.failure("generate", "is missing")
        }
        guard let steps = try form.integer("steps", in: 0...1_000_000) else {
            throw form.failure("steps", "is missing")
        }
        return ScriptedTurns(
            steps: steps, text: try form.string("text") ?? "", tool: try Self.required("tool", form),
            arguments: try Self.arguments(form), final: try form.string("final") ?? "Done.")
    }

    private static func required(_ key: String, _ section: ScriptSection) throws(MockScriptFailure) -> String {
        guard let text = try section.string(key), !text.isEmpty else { throw section.failure(key, "is missing") }
        return text
    }

    private static func arguments(_ section: ScriptSection) throws(MockScriptFailure) -> JSON {
        guard let node = section.node("arguments") else { return [:] }
        guard node.mapping != nil else { throw section.failure("arguments", "expected keys and values") }
        return JSON(node)
    }

    // MARK: - Speculators

    private func guesses(scripts: [String: ScriptedTurns]) throws(MockScriptFailure) -> ScriptedGuesses {
        guard let of = try section.string("of") else {
            throw section.failure("of", "is missing", remedy: "Name the scripted model that it guesses at")
        }
        guard let truth = scripts[of] else {
            let remedy = ScriptSection.offer(scripts.keys.sorted(), for: of)
            throw section.failure("of", "there is no scripted model \"\(of)\"", remedy: remedy)
        }
        if section.has("hit"), section.has("hit_top") {
            throw section.failure("hit", "stands beside hit_top", remedy: "Keep one: `hit: p` means `hit_top: [p]`")
        }
        let key = section.has("hit") ? "hit" : "hit_top"
        guard let hitTop = try section.numbers(key, in: 0...1) else { throw section.failure("hit", "is missing") }
        guard hitTop.reduce(0, +) <= 1 + 1e-9 else {
            throw section.failure(key, "adds up to more than 1", remedy: "Give the probability of each rank by itself")
        }
        return ScriptedGuesses(
            of: of, truth: truth, hitTop: hitTop,
            width: try section.integer("width", in: 1...64) ?? max(1, hitTop.count),
            wrong: try section.choice("wrong", of: ScriptedGuesses.Wrong.self) ?? .turns,
            confidence: try section.numbers("confidence", in: 0...1) ?? [])
    }

    private func limits() throws(MockScriptFailure) -> RateLimits {
        let known = ["requests", "tokens", "concurrency", "window"]
        guard let limits = try section.section("limits", known: known) else { return RateLimits() }
        return RateLimits(
            requests: try limits.integer("requests", in: 1...1_000_000_000),
            tokens: try limits.integer("tokens", in: 1...1_000_000_000),
            concurrency: try limits.integer("concurrency", in: 1...1_000_000),
            window: try limits.number("window", in: 0.001...86_400) ?? 60)
    }

    private func latency() throws(MockScriptFailure) -> LatencyLaw {
        guard let node = section.node("latency") else { return LatencyLaw() }
        if node.scalar != nil {
            return LatencyLaw(.fixed, mean: try section.number("latency", in: 0 ... .infinity) ?? 0)
        }
        guard let law = try section.section("latency", known: ["law", "mean", "sigma"]) else { return LatencyLaw() }
        guard let mean = try law.number("mean", in: 0 ... .infinity) else { throw law.failure("mean", "is missing") }
        return LatencyLaw(
            try law.choice("law", of: LatencyLaw.Law.self) ?? .fixed, mean: mean,
            sigma: try law.number("sigma", in: 0...10) ?? 0.5)
    }
}
