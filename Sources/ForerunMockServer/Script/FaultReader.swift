import Yams

/// Reads the `fault:` of a model: one, or a list.
struct FaultReader {
    private enum Kind: String, CaseIterable {
        case hang, stall, reset, status, half, garbage
        case malformedArguments = "malformed_arguments"
        case nullArguments = "null_arguments"
        case emptyUsage = "empty_usage"
    }

    private let model: ScriptSection

    init(_ model: ScriptSection) { self.model = model }

    func faults() throws(MockScriptFailure) -> [Fault] {
        let nodes = model.list("fault")
        var faults: [Fault] = []
        for (index, node) in nodes.enumerated() {
            let path = model.subpath(nodes.count == 1 ? "fault" : "fault[\(index)]")
            let known = ["kind", "after", "status", "retry_after", "code", "at", "request", "times"]
            faults.append(try fault(ScriptSection(node, file: model.file, path: path, known: known)))
        }
        return faults
    }

    private func fault(_ section: ScriptSection) throws(MockScriptFailure) -> Fault {
        guard let kind = try section.choice("kind", of: Kind.self) else { throw section.failure("kind", "is missing") }
        var place = Fault.Place.anywhere
        if let step = try section.integer("at", in: 0 ... .max) { place = .step(step) }
        if let request = try section.integer("request", in: 1 ... .max) {
            guard place == .anywhere else { throw section.failure("request", "stands beside at", remedy: "Keep one") }
            place = .request(request)
        }
        let isAlways = try section.string("times") == "always"
        let times = isAlways ? nil : try section.integer("times", in: 1 ... .max) ?? 1
        return Fault(try self.kind(kind, section), at: place, times: times)
    }

    private func kind(_ kind: Kind, _ section: ScriptSection) throws(MockScriptFailure) -> Fault.Kind {
        switch kind {
        case .hang: return .hang
        case .stall: return .stall(after: try section.integer("after", in: 0 ... .max) ?? 1)
        case .reset: return .reset(after: try section.integer("after", in: 0 ... .max) ?? 0)
        case .status:
            guard let status = try section.integer("status", in: 400...599) else {
                throw section.failure("status", "is missing")
            }
            let retryAfter = try section.number("retry_after", in: 0 ... .infinity)
            return .status(status, retryAfter: retryAfter, code: try section.string("code"))
        case .half: return .half
        case .garbage: return .garbage
        case .malformedArguments: return .malformedArguments
        case .nullArguments: return .nullArguments
        case .emptyUsage: return .emptyUsage
        }
    }
}
