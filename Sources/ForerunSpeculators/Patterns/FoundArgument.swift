/// An argument of a found call: where its value came from, and what is known of it.
struct FoundArgument: Sendable {
    let name: String
    /// `nil`: it is a constant.
    let derivation: Derivation?
    /// How many values there were to choose from.
    let candidates: Int
    /// Whether the argument had this value before.
    let isUsed: Bool
    /// Its place in its list, from 0, and how long that is.
    var rank = 0
    var count = 1
    /// Whether the user's last words name it.
    var isSaid = false

    /// In words: the source, and, where there were several values, what tells this one apart.
    var reason: String {
        guard let derivation else { return "a value that it often has" }
        guard candidates > 1 else { return derivation.description }
        var parts = [derivation.description]
        if count > 1 { parts.append("\(Self.ordinal(rank + 1)) of \(count)") }
        parts.append(isUsed ? "used before" : "not used yet")
        if isSaid, derivation.source.kind != .user { parts.append("just named by the user") }
        return parts.joined(separator: ", ")
    }

    private static func ordinal(_ number: Int) -> String {
        let ending =
            switch (number % 10, number % 100) {
            case (_, 11...13): "th"
            case (1, _): "st"
            case (2, _): "nd"
            case (3, _): "rd"
            default: "th"
            }
        return "\(number)\(ending)"
    }
}
