import ForerunCore

/// A streamed answer, put together as a tolerant client would.
struct Streamed {
    struct Call {
        var id: String
        var name: String
        var arguments: String
        var index: Int
    }

    var text = ""
    var reasoning = ""
    var calls: [Call] = []
    var finish: String?
    var usage: JSON?
    var isDone = false

    init(_ response: RawResponse) throws {
        for event in response.events {
            if event == "[DONE]" {
                isDone = true
                continue
            }
            let chunk = try JSON(parsing: event)
            if let usage = chunk["usage"], !usage.isNull { self.usage = usage }
            guard let choice = chunk["choices"]?.arrayValue?.first else { continue }
            finish = choice["finish_reason"]?.stringValue ?? finish
            text += choice["delta"]?["content"]?.stringValue ?? ""
            reasoning += choice["delta"]?["reasoning_content"]?.stringValue ?? ""
            for call in choice["delta"]?["tool_calls"]?.arrayValue ?? [] { add(call) }
        }
    }

    private mutating func add(_ delta: JSON) {
        let id = delta["id"]?.stringValue ?? ""
        let index = delta["index"]?.intValue ?? 0
        // A call begins with a new id, or with a new index.
        if calls.last.map({ (!id.isEmpty && $0.id != id) || $0.index != index }) ?? true {
            calls.append(Call(id: id, name: "", arguments: "", index: index))
        }
        calls[calls.count - 1].name += delta["function"]?["name"]?.stringValue ?? ""
        calls[calls.count - 1].arguments += delta["function"]?["arguments"]?.stringValue ?? ""
    }
}
