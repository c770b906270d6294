import ForerunCore
import OrderedCollections

// What a set-up is made of, as JSON and back. Numbers are exact.

extension JSON {
    /// What JSON has no number for is a string.
    static func exact(_ value: Double) -> JSON {
        value.isFinite && (value != 0 || value.sign == .plus) ? .number(JSONNumber(value)) : .string("\(value)")
    }
    static func exact(_ value: Double?) -> JSON { value.map { .exact($0) } ?? .null }
    static func optional(_ value: Int?) -> JSON { value.map { .int($0) } ?? .null }
    static func optional(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    static func sized(_ text: String) -> JSON { .string(SizedText.encoded(text)) }

    static func map<Value>(_ values: [String: Value], _ body: (Value) -> JSON) -> JSON {
        JSON(members: values.sorted { $0.key < $1.key }.map { ($0.key, body($0.value)) })
    }

    func member(_ name: String) throws(DecisionFault) -> JSON {
        guard let value = self[name] else { throw DecisionFault("“\(name)” is missing") }
        return value
    }

    func string() throws(DecisionFault) -> String {
        guard let stringValue else { throw DecisionFault("something is no text") }
        return stringValue
    }

    func sizedText() throws(DecisionFault) -> String { try SizedText.decoded(string()) }

    func int() throws(DecisionFault) -> Int {
        guard let intValue, (-EventNumbers.limit...EventNumbers.limit).contains(intValue) else {
            throw DecisionFault("something is no whole number, or too great")
        }
        return intValue
    }

    func resource() throws(DecisionFault) -> Resource {
        guard let resource = Resource(self) else { throw DecisionFault("something is no resource") }
        return resource
    }

    func list<Value>(_ read: (JSON) throws(DecisionFault) -> Value) throws(DecisionFault) -> [Value] {
        guard let arrayValue else { throw DecisionFault("something is no list") }
        var list: [Value] = []
        for value in arrayValue { list.append(try read(value)) }
        return list
    }

    func int(_ name: String) throws(DecisionFault) -> Int { try member(name).int() }

    /// One that is counted up to, and multiplied.
    func count(_ name: String) throws(DecisionFault) -> Int {
        let value = try int(name)
        guard (0...1_000_000).contains(value) else { throw DecisionFault("“\(name)” cannot be \(value)") }
        return value
    }

    func bool(_ name: String) throws(DecisionFault) -> Bool {
        guard let value = try member(name).boolValue else { throw DecisionFault("“\(name)” is neither true nor false") }
        return value
    }

    func map<Value>(
        _ name: String, _ read: (JSON) throws(DecisionFault) -> Value
    ) throws(DecisionFault) -> [String: Value] {
        guard let members = try member(name).objectValue else { throw DecisionFault("“\(name)” is no object") }
        var map: [String: Value] = [:]
        for (key, value) in members { map[key] = try read(value) }
        return map
    }

    func choice<Value: RawRepresentable>(_ name: String) throws(DecisionFault) -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: try member(name).string()) else {
            throw DecisionFault("“\(name)” is unknown")
        }
        return value
    }

    /// `nil` where the member is `null`.
    func optional<Value>(
        _ name: String, _ read: (JSON) throws(DecisionFault) -> Value
    ) throws(DecisionFault) -> Value? {
        let value = try member(name)
        return value == .null ? nil : try read(value)
    }

    func optionalDouble(_ name: String) throws(DecisionFault) -> Double? {
        try optional(name) { value throws(DecisionFault) in try DecisionRow.double(value) }
    }

    func optionalInt(_ name: String) throws(DecisionFault) -> Int? {
        try optional(name) { value throws(DecisionFault) in try value.int() }
    }
}

extension Program {
    /// What the core sees of it; `nil` where it is of a kind that is not written.
    var json: JSON? {
        let kind: [(String, JSON)]
        switch self {
        case let program as ReActProgram:
            kind = [
                ("kind", "react"), ("commentary", .string(program.commentary.rawValue)),
                ("conversation", .bool(program.isConversation)),
            ]
        case is AlternatingProgram: kind = [("kind", "alternating")]
        default: return nil
        }
        return JSON(members: kind + [("roles", .array(roles.map(\.json)))])
    }
}

extension JSON {
    func program() throws(DecisionFault) -> any Program {
        let roles = try member("roles").list { value throws(DecisionFault) in try ModelRequest.Role(decisions: value) }
        guard let first = roles.first else { throw DecisionFault("there is no role") }
        switch try member("kind").string() {
        case "react":
            return ReActProgram(
                role: first, commentary: try choice("commentary"), isConversation: try bool("conversation"))
        case "alternating": return AlternatingProgram(roles: roles)
        case let kind: throw DecisionFault("the program “\(kind.prefix(40))” is not known here")
        }
    }
}

extension ModelRequest.Role {
    /// Its instructions count by their size.
    fileprivate var json: JSON {
        [
            "name": .string(name), "instructions": .int(instructions.utf8.count),
            "maxTokens": .optional(options.maxTokens),
            "tools": .array(tools.map { ["name": .string($0.name), "parameters": $0.parameters] }),
        ]
    }

    fileprivate convenience init(decisions json: JSON) throws(DecisionFault) {
        let size = try json.int("instructions")
        guard (0...1 << 30).contains(size) else { throw DecisionFault("instructions of \(size) bytes") }
        self.init(
            name: try json.member("name").string(), instructions: String(repeating: " ", count: size),
            tools: try json.member("tools").list { value throws(DecisionFault) in
                Tool(
                    name: try value.member("name").string(), description: "", parameters: try value.member("parameters")
                )
            },
            options: SamplingOptions(maxTokens: try json.optionalInt("maxTokens")))
    }
}

extension SpeculationPolicy {
    var json: JSON {
        [
            "mode": .string(mode.rawValue), "rule": .string(rule.rawValue), "speed": .string(speed.rawValue),
            "width": .int(width), "depth": .int(depth), "threshold": .exact(threshold),
            "maxExtraCost": [
                "ratio": .exact(maxExtraCost.ratio), "tokens": .optional(maxExtraCost.tokens),
                "money": .exact(maxExtraCost.money), "followsSpeed": .bool(maxExtraCost.followsSpeed),
            ],
            "killSwitch": .bool(hasKillSwitch), "canLift": .bool(canLiftRestrictions),
        ]
    }

    init(decisions json: JSON) throws(DecisionFault) {
        let most = try json.member("maxExtraCost")
        var extra = ExtraCostLimit(
            ratio: try most.optionalDouble("ratio"), tokens: try most.optionalInt("tokens"),
            money: try most.optionalDouble("money"))
        extra.followsSpeed = try most.bool("followsSpeed")
        self.init(
            mode: try json.choice("mode"), rule: try json.choice("rule"), speed: try json.choice("speed"),
            width: try json.count("width"), depth: try json.count("depth"),
            threshold: try DecisionRow.double(json.member("threshold")), maxExtraCost: extra,
            canLiftRestrictions: try json.bool("canLift"))
        hasKillSwitch = try json.bool("killSwitch")
    }
}

extension Limits {
    var json: JSON {
        [
            "steps": .optional(steps), "seconds": .exact(seconds), "tokens": .optional(tokens), "money": .exact(money),
        ]
    }

    init(decisions json: JSON) throws(DecisionFault) {
        self.init(
            steps: try json.optionalInt("steps"), seconds: try json.optionalDouble("seconds"),
            tokens: try json.optionalInt("tokens"), money: try json.optionalDouble("money"))
    }
}

extension RetryPolicy {
    var json: JSON {
        [
            "attempts": .int(attempts), "base": .exact(base), "cap": .exact(cap), "patience": .exact(patience),
        ]
    }

    init(decisions json: JSON) throws(DecisionFault) {
        self.init(
            attempts: try json.count("attempts"), base: try DecisionRow.double(json.member("base")),
            cap: try DecisionRow.double(json.member("cap")), patience: try DecisionRow.double(json.member("patience")))
    }
}

extension Price {
    var json: JSON {
        [
            "rates": [.exact(input), .exact(cached), .exact(written), .exact(output)], "currency": .string(currency),
            "long": long.map {
                [.int($0.above), .exact($0.input), .exact($0.cached), .exact($0.written), .exact($0.output)]
            }
                ?? .null,
            "asOf": .optional(asOf),
        ]
    }

    init(decisions json: JSON) throws(DecisionFault) {
        var rates = try DecisionRow(json.member("rates"))
        let long = try json.optional("long") { value throws(DecisionFault) in
            var row = try DecisionRow(value)
            return Long(
                above: try row.int(), input: try row.double(), cached: try row.double(), written: try row.double(),
                output: try row.double())
        }
        self.init(
            input: try rates.double(), cached: try rates.double(), written: try rates.double(),
            output: try rates.double(), currency: try json.member("currency").string(), long: long,
            asOf: try json.optional("asOf") { value throws(DecisionFault) in try value.string() })
    }
}

extension Substitute {
    var json: JSON {
        [
            "model": .string(model), "resource": resource.json, "rate": rate?.json ?? .null,
            "price": price?.json ?? .null,
            "asksAhead": .bool(asksAhead),
        ]
    }

    init(decisions json: JSON) throws(DecisionFault) {
        self.init(
            model: try json.member("model").string(), resource: try json.member("resource").resource(),
            rate: try json.optional("rate") { value throws(DecisionFault) in try value.resource() },
            price: try json.optional("price") { value throws(DecisionFault) in try Price(decisions: value) },
            asksAhead: try json.bool("asksAhead"))
    }
}
