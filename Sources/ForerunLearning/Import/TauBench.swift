import ForerunCore

/// Results of tau-bench (an array of runs) and tau2-bench (`{info, tasks, simulations}`).
///
/// Trials and models share customers and orders: ``RecordedRun/group`` names the customer, or the task, so that runs are
/// split by it and not by their ids. Calls of tau2's simulated user are left out and counted.
struct TauBench: TranscriptParser {
    static let format = "tau-bench"

    private let file: SourceFile
    private var domain: String?
    private var model: String?

    init(_ file: SourceFile) { self.file = file }

    static func recognises(_ piece: Piece) -> Recognition {
        let value = piece.value
        switch piece.member {
        case nil:
            if value["simulations"]?.arrayValue != nil { return .yes }
            return value["traj"]?.arrayValue != nil && value["task_id"] != nil ? .yes : .no
        case "simulations": return value["messages"]?.arrayValue != nil ? .yes : .no
        default: return .no
        }
    }

    mutating func read(_ piece: Piece, into sink: inout ImportSink) {
        let value = piece.value
        switch piece.member {
        case nil:
            if let simulations = value["simulations"]?.arrayValue {
                info(value["info"])
                for simulation in simulations { run(simulation, simulation["messages"], piece.line, &sink) }
            } else {
                run(value, value["traj"], piece.line, &sink)
            }
        case "info": info(value)
        case "simulations": run(value, value["messages"], piece.line, &sink)
        default: break
        }
    }

    private mutating func info(_ info: JSON?) {
        domain = info?["environment_info"]?["domain_name"]?.stringValue ?? domain
        model = info?["agent_info"]?["llm"]?.stringValue ?? model
    }

    private mutating func run(_ run: JSON, _ messages: JSON?, _ line: Int, _ sink: inout ImportSink) {
        guard let messages = messages?.arrayValue else {
            return sink.problem(.unknownShape, line: line, "a run without messages")
        }
        let task = Self.text(run["task_id"]) ?? "?"
        let trial = Self.text(run["trial"]) ?? "0"
        let id = run["id"]?.stringValue ?? "\(file.id)/\(task)/\(trial)"
        var list = ChatMessages(Self.format, id: id, path: file.path)
        list.heading.agent = domain ?? file.stem
        list.heading.model = model
        if let customer = run["info"]?["task"]?["user_id"]?.stringValue {
            list.heading.group = "customer \(customer)"
        } else {
            // The personas of the simulated user share a task.
            let name = task.range(of: "[PERSONA").map { task[..<$0] } ?? task[...]
            list.heading.group = "task \(domain ?? "") \(name)"
        }
        for message in messages { list.add(message, line: line, to: &sink) }
        list.finish(into: &sink)
    }

    private static func text(_ value: JSON?) -> String? { value?.stringValue ?? value?.intValue.map { String($0) } }

    mutating func finish(into sink: inout ImportSink) {}
}

extension String {
    /// Where `part` begins.
    fileprivate func range(of part: String) -> String.Index? {
        indices.first { self[$0...].hasPrefix(part) }
    }
}
