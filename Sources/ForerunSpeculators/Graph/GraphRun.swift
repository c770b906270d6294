package import ForerunCore
import OrderedCollections

/// What a run has shown so far, as a graph sees it: events, and values with the sources that they were seen in.
package struct GraphRun: Sendable {
    /// A value that was seen in a source.
    struct Sighting: Sendable {
        var value: JSON
        /// Its place among the values that came with it.
        var place: Int
        var event: Int
    }

    private static let sourceLimit = 512
    private static let sightingLimit = 64
    private static let valueLimit = 400
    /// Events that are remembered.
    private static let eventLimit = 8

    /// The latest events, oldest first: `message`, `text`, or the name of a tool and how its call ended.
    private(set) var events: [String] = []
    /// By source; in each, the oldest first.
    private(set) var sightings: [String: [Sighting]] = [:]
    /// What the names of sources say.
    private(set) var names: [String: GraphSource] = [:]
    private var sources: [JSON: Set<String>] = [:]
    private var used: [String: Set<JSON>] = [:]
    private var calls: [Call] = []
    private var count = 0

    package init() {}

    /// The sources in which a value was seen.
    func sources(of value: JSON) -> Set<String> { sources[value] ?? [] }

    /// Whether an argument has had this value in this run.
    func hasUsed(_ value: JSON, for argument: String) -> Bool { used[argument]?.contains(value) ?? false }

    package mutating func append(_ entry: Transcript.Entry) {
        count += 1
        switch entry {
        case .message(let text):
            happened("message")
            addWords(of: text, "user")
        case .turn(let turn):
            calls = turn.calls
            if calls.isEmpty { happened("text") }
            for call in calls {
                for (name, value) in call.arguments.objectValue ?? [:] {
                    let argument = GraphModel.argument(name, of: call.name)
                    used[argument, default: []].insert(value)
                    add(value, "argument \(argument)", 0)
                }
            }
        case .output(let index, let output):
            guard calls.indices.contains(index) else { return }
            let output = PatternOutput(output)
            let tool = calls[index].name
            happened("\(tool) \(output.isError ? "error" : "ok")")
            var places: [String: Int] = [:]
            if case .string(let text) = output.value {
                addWords(of: text, "text \(tool)")
            } else {
                var rest = Self.valueLimit
                add(output.value, at: "\(tool) ", &places, &rest)
            }
        }
    }

    private mutating func happened(_ event: String) {
        events.append(event)
        if events.count > Self.eventLimit { events.removeFirst() }
    }

    private mutating func add(_ value: JSON, _ source: String, _ place: Int) {
        guard sightings[source] != nil || sightings.count < Self.sourceLimit else { return }
        if names[source] == nil { names[source] = GraphSource(source) }
        // What is seen again is seen last.
        sightings[source, default: []].removeAll { $0.value == value }
        sightings[source, default: []].append(Sighting(value: value, place: place, event: count))
        sources[value, default: []].insert(source)
        if sightings[source, default: []].count > Self.sightingLimit {
            let gone = sightings[source]?.removeFirst()
            if let gone { sources[gone.value]?.remove(source) }
        }
    }

    /// Adds what an output holds, each value with its path.
    private mutating func add(_ value: JSON, at path: String, _ places: inout [String: Int], _ rest: inout Int) {
        guard rest > 0 else { return }
        rest -= 1
        switch value {
        case .null: return
        case .bool, .number, .string: add(value, path, next(path, &places))
        case .array(let items):
            if items.count <= 8 { add(value, path, next(path, &places)) }
            for item in items { add(item, at: path + "[]", &places, &rest) }
        case .object(let members):
            for (key, item) in members {
                let isData = members.count > 12 || RunIndex.isData(key)
                if isData { add(.string(key), "\(path).keys", next("\(path).keys", &places)) }
                add(item, at: isData ? "\(path).{}" : "\(path).\(key)", &places, &rest)
            }
        }
    }

    private func next(_ path: String, _ places: inout [String: Int]) -> Int {
        defer { places[path, default: 0] += 1 }
        return places[path, default: 0]
    }

    /// Adds the words of a text that look like values: those with digits or signs in them, and capitalised ones.
    private mutating func addWords(of text: String, _ origin: String) {
        var place = 0
        for word in text.utf8.prefix(16 << 10).split(whereSeparator: { " \t\r\n,;()\"'<>{}[]!?".utf8.contains($0) }) {
            guard place < Self.sightingLimit else { return }
            var word = word
            while let last = word.last, ".:".utf8.contains(last) { word = word.dropLast() }
            guard word.count > 1, word.count <= 80, let shape = Self.shape(word), let value = String(word) else {
                continue
            }
            add(.string(value), "\(origin) \(shape)", place)
            place += 1
        }
    }

    /// `#A9` for `#W123`: runs of letters and digits, and the signs between them. `nil`: an ordinary word.
    private static func shape(_ word: Substring.UTF8View) -> String? {
        var shape: [UInt8] = []
        var isTelling = false
        for byte in word {
            let sign: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): sign = UInt8(ascii: "9")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): sign = UInt8(ascii: "a")
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): sign = UInt8(ascii: "A")
            case 0x80...: sign = UInt8(ascii: "a")
            default: sign = byte
            }
            if sign != UInt8(ascii: "a"), sign != UInt8(ascii: "-") { isTelling = true }
            if shape.last != sign { shape.append(sign) }
        }
        guard isTelling, shape.count <= 12 else { return nil }
        if shape.contains(UInt8(ascii: "@")) { return "@" }
        return String(decoding: shape, as: UTF8.self)
    }
}
