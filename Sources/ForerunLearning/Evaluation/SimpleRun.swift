import ForerunCore
import OrderedCollections

/// What ``SimplePredictor`` sees of a run.
struct SimpleRun {
    private static let messagesRead = 4
    /// Leaves of an output that are looked at.
    private static let leaves = 400

    /// The numbers of rules, by name; they outlive the run.
    private(set) var rules: [String: Int]
    private var events: [String] = []
    private var messages: [[(rule: Int, value: JSON)]] = []
    /// By tool, the values in its latest output.
    private var outputs: OrderedDictionary<String, [(rule: Int, value: JSON)]> = [:]
    private var arguments: OrderedDictionary<Int, JSON> = [:]
    private(set) var calls: Set<Call> = []

    init(rules: [String: Int] = [:]) { self.rules = rules }

    /// The last events, from none to as many as `order`.
    func contexts(_ order: Int) -> [[String]] { (0...min(order, events.count)).map { Array(events.suffix($0)) } }

    /// What each rule yields now.
    var values: [(rule: Int, value: JSON)] {
        outputs.values.flatMap { $0 } + arguments.map { ($0.key, $0.value) }
            + messages.suffix(Self.messagesRead).flatMap { $0 }
    }

    mutating func message(_ text: String) {
        events.append("")
        messages.append(
            text.split(whereSeparator: \.isWhitespace).compactMap { word in
                let trimmed = Self.trimmed(word)
                return trimmed.isEmpty ? nil : (number("user \(Self.shape(trimmed))"), .string(String(trimmed)))
            })
    }

    mutating func call(_ call: Call) {
        events.append(call.name)
        calls.insert(call)
        for (name, value) in call.arguments.objectValue ?? [:] {
            arguments[number("argument \(call.name) \(name)")] = value
        }
    }

    mutating func output(_ output: Output, of call: Call) {
        let value = (try? JSON(parsing: output.text)) ?? .string(output.text)
        var found: [(rule: Int, value: JSON)] = []
        collect(value, "output \(call.name) ", &found)
        outputs[call.name] = found
    }

    private mutating func collect(_ value: JSON, _ path: String, _ found: inout [(rule: Int, value: JSON)]) {
        guard found.count <= Self.leaves else { return }
        switch value {
        case .object(let members): for (key, member) in members { collect(member, "\(path).\(key)", &found) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { collect(element, "\(path)[\(index)]", &found) }
        default: found.append((number(path), value))
        }
    }

    private mutating func number(_ rule: String) -> Int {
        if let number = rules[rule] { return number }
        rules[rule] = rules.count
        return rules.count - 1
    }

    private static let marks = Set(".,!?;:()\"'*")

    private static func trimmed(_ word: Substring) -> Substring {
        var word = word.drop { marks.contains($0) }
        while let last = word.last, marks.contains(last) { word.removeLast() }
        return word
    }

    /// `A` for a capital, `a` for small letters in a row, `9` for a digit, others as they are; ASCII only.
    private static func shape(_ word: Substring) -> String {
        var shape: [UInt8] = []
        var isSmall = false
        for byte in word.utf8 {
            switch byte {
            case 97...122:
                if !isSmall { shape.append(97) }
                isSmall = true
                continue
            case 65...90: shape.append(65)
            case 48...57: shape.append(57)
            default: shape.append(byte)
            }
            isSmall = false
        }
        return String(decoding: shape, as: UTF8.self)
    }
}
