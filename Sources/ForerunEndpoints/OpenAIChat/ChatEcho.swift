import ForerunCore

/// What some Chat Completions servers want back: the reasoning of the turn (DeepSeek), a signature with each call (Gemini).
struct ChatEcho {
    /// A JSON string.
    private(set) var reasoning: String?
    /// By call, a JSON value.
    private(set) var extras: [Int: String] = [:]

    /// Nothing, where another model wrote it.
    init(_ echo: Echo?, for id: String) {
        guard let echo, echo.model == id else { return }
        for part in echo.parts {
            if part.json.hasPrefix("\"") { reasoning = part.json } else { extras[part.calls] = part.json }
        }
    }

    /// - Returns: `nil` where there is nothing to give back.
    static func parts(reasoning: String, extras: [Int: String]) -> [Echo.Part]? {
        var parts: [Echo.Part] = []
        if !reasoning.isEmpty { parts.append(Echo.Part(calls: 0, text: 0, json: JSON.string(reasoning).text)) }
        for (call, json) in extras.sorted(by: { $0.key < $1.key }) {
            parts.append(Echo.Part(calls: call, text: 0, json: json))
        }
        return parts.isEmpty ? nil : parts
    }
}
