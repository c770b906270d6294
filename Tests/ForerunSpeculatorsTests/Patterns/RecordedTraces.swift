import ForerunCore
import ForerunSpeculators
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The recorded runs beside the repository, without the calls that only think.
struct RecordedTraces {
    var tools: [Tool] = []
    /// The tools that only read.
    var reads: Set<String> = []
    var runs: [[PatternStep]] = []

    /// `shared/traces` in the repository or, usually, beside it.
    private static let folder: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        while parts.count > 1 {
            parts.removeLast()
            let folder = parts.joined(separator: "/") + "/shared/traces"
            if access(folder, R_OK) == 0 { return folder }
        }
        return "/shared/traces"
    }()

    static let areThere = access(folder + "/retail.dev.jsonl.gz", R_OK) == 0 && gunzip("/dev/null") != nil
    static let reason: Comment = "needs ../shared/traces and the program gzip"

    /// - Parameter limit: how many runs are read at most.
    init(_ file: String, limit: Int = .max) throws {
        let bytes = try #require(Self.gunzip("\(Self.folder)/\(file).jsonl.gz"))
        var names: Set<String> = []
        // Mixed, and always in the same way: the files have the runs of one model after those of another.
        let all = try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            let run = try JSON(parsing: line)
            return (digest: StableDigest.hex(of: (run["id"]?.stringValue ?? "").utf8), run: run)
        }
        for (_, run) in all.sorted(by: { $0.digest < $1.digest }).prefix(limit) {
            for tool in run["tools"]?.arrayValue ?? [] {
                guard let name = tool["name"]?.stringValue, name != "think" else { continue }
                names.insert(name)
                if tool["effect"] == "read" { reads.insert(name) }
            }
            runs.append(Self.steps(run["events"]?.arrayValue ?? []))
        }
        tools = names.sorted().map { Tool(name: $0, description: "") }
    }

    private static func steps(_ events: [JSON]) -> [PatternStep] {
        var steps: [PatternStep] = []
        var places: [String: Int] = [:]
        var open: (turn: Turn, onlyThinks: Bool)?
        func close() {
            if let turn = open, !turn.onlyThinks || !turn.turn.calls.isEmpty { steps.append(.turn(turn.turn)) }
            open = nil
        }
        for event in events {
            switch event["type"]?.stringValue {
            case "user":
                close()
                steps.append(.message(event["text"]?.stringValue ?? ""))
            case "assistant":
                close()
                open = (Turn(text: event["text"]?.stringValue ?? ""), false)
            case "tool_call" where event["name"] == "think": open?.onlyThinks = true
            case "tool_call":
                places[event["call_id"]?.stringValue ?? ""] = open?.turn.calls.count
                open?.turn.calls.append(Call(event["name"]?.stringValue ?? "", event["arguments"] ?? nil))
            default:
                guard let place = places[event["call_id"]?.stringValue ?? ""] else { continue }
                close()
                let text = event["result"]?.stringValue ?? event["result"]?.text ?? ""
                steps.append(.output(call: place, PatternOutput(Output(text))))
            }
        }
        close()
        return steps
    }

    /// The bytes of a gzip file; `nil`: it could not be read.
    private static func gunzip(_ path: String) -> [UInt8]? {
        guard let pipe = popen("exec gzip -dcf '\(path)'", "r") else { return nil }
        var bytes: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                count = fread(buffer.baseAddress, 1, buffer.count, pipe)
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        return pclose(pipe) == 0 ? bytes : nil
    }
}
