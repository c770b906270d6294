/// Finds where a JSON object ends, while its text arrives in pieces. Each byte is looked at once.
struct ObjectBoundary: Sendable {
    private enum State {
        case before
        case inside
        case inString
        case afterBackslash
        case complete
        /// The text starts with something else than an object.
        case noObject
    }

    private var state = State.before
    private var depth = 0

    /// Braces are balanced: nothing that belongs to the object can follow.
    var isComplete: Bool { state == .complete }
    /// Only white space so far.
    var isEmpty: Bool { state == .before }

    /// Takes the next bytes.
    ///
    /// - Returns: how many of them belong to the object, or to the text that is none.
    mutating func scan(_ bytes: some Collection<UInt8>) -> Int {
        var count = 0
        for byte in bytes {
            switch state {
            case .before:
                if byte == UInt8(ascii: "{") {
                    state = .inside
                    depth = 1
                } else if byte > 0x20 {
                    state = .noObject
                }
            case .inside:
                switch byte {
                case UInt8(ascii: "\""): state = .inString
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { state = .complete }
                default: break
                }
            case .inString:
                if byte == UInt8(ascii: "\"") { state = .inside }
                if byte == UInt8(ascii: "\\") { state = .afterBackslash }
            case .afterBackslash: state = .inString
            case .complete: return count
            case .noObject: break
            }
            count += 1
        }
        return count
    }
}
