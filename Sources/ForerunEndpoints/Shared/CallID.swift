/// Normalised ids of calls: nine base-36 characters, six for the turn and three for the call.
///
/// Providers choose ids at random, so that equal turns would never make equal requests. Ours follow from the place in
/// the transcript. Some chat templates want exactly nine letters or digits.
package enum CallID {
    static let length = 9

    static func append(turn: Int, call: Int, to bytes: inout [UInt8]) {
        append(turn, digits: 6, to: &bytes)
        append(call, digits: 3, to: &bytes)
    }

    /// The id of call `call` of turn `turn`.
    package static func text(turn: Int, call: Int) -> String {
        var bytes: [UInt8] = []
        append(turn: turn, call: call, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var rest = number
        for place in (start..<bytes.count).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest % 36)
            bytes[place] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
            rest /= 36
        }
    }
}
