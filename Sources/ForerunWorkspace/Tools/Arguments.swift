import ForerunCore

/// The arguments of a call, with refusals that say what is wrong.
struct Arguments {
    private let call: Call

    init(_ call: Call) { self.call = call }

    func string(_ name: String) throws(Refusal) -> String {
        guard let value = call.arguments[name] else { throw Refusal("\(call.name) needs the argument \(name)") }
        guard let text = value.stringValue else { throw Refusal("\(name) must be a string") }
        return text
    }

    func optionalString(_ name: String) throws(Refusal) -> String? {
        isMissing(name) ? nil : try string(name)
    }

    func bool(_ name: String, default value: Bool) throws(Refusal) -> Bool {
        if isMissing(name) { return value }
        guard let value = call.arguments[name]?.boolValue else { throw Refusal("\(name) must be true or false") }
        return value
    }

    func int(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(Refusal) -> Int {
        if isMissing(name) { return value }
        guard let value = call.arguments[name]?.intValue, range.contains(value) else {
            let bound =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw Refusal("\(name) must be a whole number \(bound)")
        }
        return value
    }

    /// Many models write null for what they leave out.
    private func isMissing(_ name: String) -> Bool { call.arguments[name]?.isNull ?? true }
}
