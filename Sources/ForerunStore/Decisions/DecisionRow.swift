import ForerunCore
import OrderedCollections

/// Reads the elements of an array one after the other.
struct DecisionRow {
    private let elements: [JSON]
    private var next = 0

    init(_ json: JSON?) throws(DecisionFault) {
        guard let elements = json?.arrayValue else { throw DecisionFault("something is no list") }
        self.elements = elements
    }

    var isAtEnd: Bool { next >= elements.count }

    mutating func any() throws(DecisionFault) -> JSON {
        guard !isAtEnd else { throw DecisionFault("a list is too short") }
        defer { next += 1 }
        return elements[next]
    }

    mutating func int() throws(DecisionFault) -> Int { try any().int() }

    /// Nanoseconds since the run began.
    mutating func moment() throws(DecisionFault) -> Int {
        guard let value = try any().intValue, (0...1 << 62).contains(value) else {
            throw DecisionFault("a time that cannot be")
        }
        return value
    }

    mutating func bool() throws(DecisionFault) -> Bool {
        guard let value = try any().boolValue else { throw DecisionFault("something is neither true nor false") }
        return value
    }

    mutating func text() throws(DecisionFault) -> String {
        guard let value = try any().stringValue else { throw DecisionFault("something is no text") }
        return value
    }

    /// A text that may be told by its size.
    mutating func sized() throws(DecisionFault) -> String { try SizedText.decoded(text()) }

    mutating func double() throws(DecisionFault) -> Double { try Self.double(any()) }

    mutating func row() throws(DecisionFault) -> DecisionRow { try DecisionRow(any()) }

    mutating func list<Element>(
        _ read: (inout DecisionRow) throws(DecisionFault) -> Element
    ) throws(DecisionFault) -> [Element] {
        var row = try row()
        var list: [Element] = []
        while !row.isAtEnd { list.append(try read(&row)) }
        return list
    }

    mutating func optional<Value>(
        _ read: (inout DecisionRow) throws(DecisionFault) -> Value
    ) throws(DecisionFault) -> Value? {
        if !isAtEnd, elements[next] == .null {
            next += 1
            return nil
        }
        return try read(&self)
    }

    /// The last element, where it is an object; it is taken away.
    static func splitting(_ json: JSON) throws(DecisionFault) -> (row: DecisionRow, last: JSON?) {
        guard var elements = json.arrayValue else { throw DecisionFault("it is no list") }
        // A literal `nil` would be a JSON value here.
        var last: JSON?
        if let candidate = elements.last, candidate.objectValue != nil { last = candidate }
        if last != nil { elements.removeLast() }
        return (try DecisionRow(.array(elements)), last)
    }

    static func double(_ json: JSON) throws(DecisionFault) -> Double {
        if let value = json.doubleValue { return value }
        // What JSON has no number for.
        guard let text = json.stringValue, ["inf", "-inf", "nan", "-0.0"].contains(text), let value = Double(text)
        else {
            throw DecisionFault("something is no number")
        }
        return value
    }
}

extension DecisionRow {
    mutating func work() throws(DecisionFault) -> WorkID { WorkID(try int()) }
    mutating func world() throws(DecisionFault) -> WorldID { WorldID(try int()) }

    /// - Parameter streamed: the text of the answer that has been streamed.
    mutating func turn(streamed: String? = nil) throws(DecisionFault) -> Turn {
        var row = try row()
        let first = try row.any()
        guard let text = first == true ? streamed : first.stringValue else {
            throw DecisionFault("the text of a turn is missing")
        }
        let finish = FinishReason(try row.text())
        let calls = try row.list { row throws(DecisionFault) in try row.call() }
        guard !row.isAtEnd else { return Turn(text: text, calls: calls, finish: finish) }
        var echo = try row.row()
        let model = try echo.text()
        var parts: [Echo.Part] = []
        while !echo.isAtEnd {
            var part = try echo.row()
            parts.append(Echo.Part(calls: try part.int(), text: try part.int(), json: try part.sized()))
        }
        return Turn(text: text, calls: calls, finish: finish, echo: Echo(model: model, parts: parts))
    }

    mutating func call() throws(DecisionFault) -> Call {
        var row = try row()
        let name = try row.text()
        let arguments = try Self.unsized(row.any())
        return Call(name, arguments, malformed: row.isAtEnd ? nil : try row.sized())
    }

    mutating func output() throws(DecisionFault) -> Output {
        var row = try row()
        return Output(try row.sized(), isError: try row.bool(), endsEpisode: try row.bool())
    }

    mutating func usage() throws(DecisionFault) -> Usage {
        var row = try row()
        return Usage(
            input: try row.int(), cached: try row.int(), written: try row.int(), output: try row.int(),
            reasoning: try row.int())
    }

    mutating func prediction() throws(DecisionFault) -> Prediction {
        var row = try row()
        let rank = try row.int()
        let confidence = try row.optional { row throws(DecisionFault) in try row.double() }
        var prediction = Prediction(try row.turn(), confidence: confidence, rank: rank)
        guard !row.isAtEnd else { return prediction }
        var outputs = try row.row()
        while !outputs.isAtEnd {
            var pair = try outputs.row()
            prediction.outputs[try pair.int()] = try pair.output()
        }
        return prediction
    }

    mutating func footprint() throws(DecisionFault) -> Footprint {
        switch try any() {
        case false: return .nothing
        case true: return .everything
        case let list:
            var row = try DecisionRow(list)
            var resources: Set<String> = []
            while !row.isAtEnd { resources.insert(try row.text()) }
            return .resources(resources)
        }
    }

    mutating func modelFailure() throws(DecisionFault) -> ModelFailure {
        var row = try row()
        let kind = ModelFailure.Kind(try row.text(), retryable: try row.bool())
        return ModelFailure(
            kind, try row.sized(), status: try row.optional { row throws(DecisionFault) in try row.int() },
            requestID: try row.optional { row throws(DecisionFault) in try row.text() },
            retryAfter: try row.optional { row throws(DecisionFault) in try row.double() },
            mayRetry: try row.optional { row throws(DecisionFault) in try row.bool() },
            remedy: try row.optional { row throws(DecisionFault) in try row.text() })
    }

    mutating func environmentFailure() throws(DecisionFault) -> EnvironmentFailure {
        var row = try row()
        return EnvironmentFailure(
            EnvironmentFailure.Code(try row.text()), try row.sized(),
            remedy: try row.optional { row throws(DecisionFault) in try row.text() })
    }

    mutating func callFailure() throws(DecisionFault) -> CallFailure {
        var row = try row()
        return CallFailure(CallFailure.Kind(try row.text(), retryable: try row.bool()), try row.sized())
    }

    private static func unsized(_ json: JSON) throws(DecisionFault) -> JSON {
        switch json {
        case .string(let text): return .string(try SizedText.decoded(text))
        case .array(let elements):
            var list: [JSON] = []
            for element in elements { list.append(try unsized(element)) }
            return .array(list)
        case .object(var members):
            for (name, value) in members { members[name] = try unsized(value) }
            return .object(members)
        case .null, .bool, .number: return json
        }
    }
}
