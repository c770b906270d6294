package import ForerunCore

/// Makes an answer of the events of a Responses stream, or of the one object of a reply that is not streamed.
///
/// Items may come in pieces, or whole with `response.output_item.done`; what the response at the end repeats of them does not
/// count, unless nothing came before it. Servers in front of other models are seen to give all items one place.
/// A stream that ends before `response.completed`, `.incomplete` or `.failed` is cut off.
package struct ResponsesStreamDecoder: AnswerDecoder {
    private enum Item {
        /// Whether some of its text has come.
        case message(hasText: Bool)
        case call(Int)
        case other
    }

    private let model: String
    private var text = ""
    private var calls = CallList()
    private var echo: [Echo.Part] = []
    /// Items that have begun, in order.
    private var items: [Item] = []
    /// Those that are over.
    private var done: Set<Int> = []
    /// The item at each place in the output.
    private var places: [Int: Int] = [:]
    private var usage: Usage?
    private var finishReason: FinishReason?
    private var isDone = false

    package init(model: String) { self.model = model }

    package var isComplete: Bool { isDone }

    package mutating func decode(
        _ chunk: UnsafeBufferPointer<UInt8>, emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        guard !isDone, !chunk.isEmpty else { return }
        if chunk.elementsEqual("[DONE]".utf8) { return }
        let event: ResponsesEvent
        do throws(JSONReader.Malformed) {
            event = try ResponsesEvent(chunk)
        } catch {
            throw ModelFailure(.malformed, "The server sent what is no JSON: \(EndpointFailure.excerpt(of: chunk))")
        }
        if event.isError { throw EndpointFailure.inStream(Array(chunk)) }
        switch event.type {
        case "response.output_item.added": try begin(event.item?.json ?? .null, at: event.outputIndex, emit)
        case "response.output_item.done": try end(event.item?.json ?? .null, at: event.outputIndex, emit)
        case "response.output_text.delta", "response.refusal.delta":
            try add(text: event.delta, at: event.outputIndex, emit)
        case "response.function_call_arguments.delta":
            guard let item = open(at: event.outputIndex), case .call(let call) = items[item] else { break }
            calls.append((event.delta ?? "").utf8, to: call, emit)
        case "response.function_call_arguments.done":
            guard let item = open(at: event.outputIndex), case .call(let call) = items[item] else { break }
            end(call, arguments: event.arguments, emit)
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            if let delta = event.delta, !delta.isEmpty { emit(.reasoning(delta)) }
        case "response.completed", "response.incomplete", "response.failed", "response.done":
            try conclude(event.response?.json ?? .null, emit)
        case _ where event.isWhole: try conclude(JSONSlice(chunk).json, emit)
        default: break
        }
    }

    /// One object is whole where it says so; nothing else is taken for an end.
    package mutating func end(emit: (AnswerDelta) -> Void) {}

    package mutating func finish(emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Answer {
        guard let finishReason else {
            throw ModelFailure(.truncated, "The stream ended in the middle of the answer")
        }
        if calls.hasNameless { throw ModelFailure(.malformed, "The server sent a call without a name") }
        let echo = echo.isEmpty ? nil : Echo(model: model, parts: echo)
        return Answer(Turn(text: text, calls: calls.sealed, finish: finishReason, echo: echo), usage: usage)
    }

    // MARK: - Items

    /// The item at a place that is not over; `nil` as place: the latest.
    private func open(at place: Int?) -> Int? {
        let item = place.map { places[$0] } ?? items.indices.last
        return item.flatMap { done.contains($0) ? nil : $0 }
    }

    @discardableResult
    private mutating func begin(
        _ item: JSON, at place: Int?, _ emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) -> Int {
        guard items.count < CallList.limit else { throw CallList.tooMany }
        if let place { places[place] = items.count }
        switch item["type"]?.stringValue {
        case "message": items.append(.message(hasText: false))
        case "function_call":
            let call = try calls.start(item["name"]?.stringValue ?? "", id: item["call_id"]?.stringValue ?? "", emit)
            items.append(.call(call))
            if let arguments = item["arguments"]?.stringValue { calls.append(arguments.utf8, to: call, emit) }
        default: items.append(.other)
        }
        return items.count - 1
    }

    private mutating func end(
        _ item: JSON, at place: Int?, _ emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        var number = open(at: place)
        // Text came before anything was said of an item, and now another one ends.
        if let known = number, case .message = items[known], item["type"] != "message" { number = nil }
        let index: Int
        if let number { index = number } else { index = try begin(item, at: place, emit) }
        done.insert(index)
        switch items[index] {
        case .message(false): try add(text: Self.text(of: item), to: index, emit)
        case .call(let call): end(call, arguments: item["arguments"]?.stringValue, emit)
        case .message(true), .other: break
        }
        // Without its encrypted form, reasoning is unknown to a provider that keeps nothing.
        if item["type"] == "reasoning", item["encrypted_content"]?.stringValue?.isEmpty == false {
            echo.append(Echo.Part(calls: calls.count, text: text.utf8.count, json: item.text))
        }
    }

    private mutating func end(_ call: Int, arguments: String?, _ emit: (AnswerDelta) -> Void) {
        if let arguments, calls.isEmpty(call) { calls.append(arguments.utf8, to: call, emit) }
        calls.end(call, emit)
    }

    private mutating func conclude(_ response: JSON, _ emit: (AnswerDelta) -> Void) throws(ModelFailure) {
        let status = response["status"]?.stringValue
        if let error = response["error"], !error.isNull { throw EndpointFailure.inStream(Array(response.text.utf8)) }
        if status == "failed" { throw ModelFailure(.server, "The server gave up and gave no reason") }
        if status == "cancelled" { throw ModelFailure(.server, "The server cancelled the answer") }
        if items.isEmpty {
            for (place, item) in (response["output"]?.arrayValue ?? []).enumerated() { try end(item, at: place, emit) }
        }
        usage = response["usage"].flatMap { Usage(responses: $0) } ?? usage
        calls.endAll(emit)
        finishReason =
            try FinishReason(
                word: response["incomplete_details"]?["reason"]?.stringValue
                    ?? (status == "incomplete" ? "incomplete" : nil), hasCalls: !calls.sealed.isEmpty)
        isDone = true
    }

    private mutating func add(
        text piece: String?, at place: Int?, _ emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        if let item = open(at: place), case .message = items[item] { return try add(text: piece, to: item, emit) }
        try add(text: piece, to: begin(["type": "message"], at: place, emit), emit)
    }

    private mutating func add(
        text piece: String?, to item: Int, _ emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        guard let piece, !piece.isEmpty else { return }
        items[item] = .message(hasText: true)
        text += piece
        emit(.text(piece))
    }

    /// The text of a whole message; a refusal is what the model says, too.
    private static func text(of item: JSON) -> String {
        (item["content"]?.arrayValue ?? []).map { $0["text"]?.stringValue ?? $0["refusal"]?.stringValue ?? "" }.joined()
    }
}
