import Yams

/// Reads the `fault:` of a model or of a script: one, or a list.
struct FaultReader {
    private static let common = ["kind", "at", "request", "times", "probability", "protocol"]

    private let owner: ScriptSection
    /// The models that `model` may name; `nil`: the faults are a model's own.
    private let models: [String]?

    init(_ owner: ScriptSection, models: [String]? = nil) {
        self.owner = owner
        self.models = models
    }

    func faults() throws(MockScriptFailure) -> [Fault] {
        let nodes = owner.list("fault")
        var faults: [Fault] = []
        for (index, node) in nodes.enumerated() {
            let path = owner.subpath(nodes.count == 1 ? "fault" : "fault[\(index)]")
            let loose = try ScriptSection(node, file: owner.file, path: path, known: nil)
            guard let name = try loose.string("kind") else { throw loose.failure("kind", "is missing") }
            guard let kind = Fault.Kind(rawValue: name) else {
                let names = Fault.Kind.allCases.map(\.rawValue)
                let list = "The faults are \(names.joined(separator: ", "))"
                let near = ScriptSection.nearest(to: name, among: names).map { "Did you mean \($0)? " } ?? ""
                throw loose.failure("kind", "\"\(name)\" is unknown", remedy: near + list)
            }
            let known = Self.common + (models == nil ? [] : ["model"]) + kind.keys
            faults.append(try fault(kind, ScriptSection(node, file: owner.file, path: path, known: known)))
        }
        return faults
    }

    private func fault(_ kind: Fault.Kind, _ section: ScriptSection) throws(MockScriptFailure) -> Fault {
        var fault = Fault(kind)
        if let step = try section.integer("at", in: 0 ... .max) { fault.place = .step(step) }
        if let request = try section.integer("request", in: 1 ... .max) {
            guard fault.place == .anywhere else {
                throw section.failure("request", "stands beside at", remedy: "Keep one")
            }
            fault.place = .request(request)
        }
        if let probability = try section.number("probability", in: 0...1) {
            fault.probability = probability
            // Chances are for ever, unless it is said how often.
            fault.times = nil
        }
        if try section.string("times") == "always" {
            fault.times = nil
        } else if let times = try section.integer("times", in: 1 ... .max) {
            fault.times = times
        }
        for node in section.list("protocol") {
            fault.dialects.insert(try section.choice(node.string ?? "", "protocol", of: Dialect.self))
        }
        for node in section.list("model") {
            let name = node.string ?? ""
            guard let models, models.contains(name) else {
                throw section.failure(
                    "model", "there is no model \"\(name)\"", remedy: ScriptSection.offer(models ?? [], for: name))
            }
            fault.models.insert(name)
        }
        fault.after = try section.integer("after", in: 0 ... .max)
        fault.status = try section.integer("status", in: 400...599)
        if kind == .status, fault.status == nil { throw section.failure("status", "is missing") }
        fault.code = try section.string("code")
        fault.message = try section.string("message")
        fault.bytes = try section.integer("bytes", in: 1...1_000_000_000)
        fault.pause = try section.number("pause", in: 0...86_400)
        fault.retry = try advice(section)
        return fault
    }

    private func advice(_ section: ScriptSection) throws(MockScriptFailure) -> RetryAdvice {
        var advice = RetryAdvice(wait: try section.number("retry_after", in: 0 ... .infinity))
        advice.shouldRetry = try section.bool("should_retry")
        guard section.has("retry") else { return advice }
        guard advice.wait != nil else {
            throw section.failure("retry", "needs retry_after", remedy: "Say how many seconds to wait")
        }
        advice.forms = []
        for node in section.list("retry") {
            advice.forms.append(try section.choice(node.string ?? "", "retry", of: RetryAdvice.Form.self))
        }
        return advice
    }
}
