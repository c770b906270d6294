import ForerunCore

/// The words of texts: what all matching between texts and values is done with.
enum WordScan {
    /// Calls `body` with every word: lower-case letters and digits of ASCII, more than one, without a plural's s.
    @inline(__always)
    static func words(
        in text: UnsafeBufferPointer<UInt8>, _ body: (_ word: FeatureHash, _ length: Int, _ hasDigit: Bool) -> Void
    ) {
        var hash = Naming.empty
        var shorter = hash
        var length = 0
        var last: UInt8 = 0
        var hasDigit = false
        for index in 0...text.count {
            var byte: UInt8 = index < text.count ? text[index] : 0
            if byte >= 65, byte <= 90 { byte |= 32 }
            if byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 {
                shorter = hash
                hash = Naming.adding(byte, to: hash)
                length += 1
                last = byte
                if byte < 58 { hasDigit = true }
            } else if length > 0 {
                if length > 3, last == UInt8(ascii: "s") {
                    body(shorter, length - 1, hasDigit)
                } else if length > 1 {
                    body(hash, length, hasDigit)
                }
                hash = Naming.empty
                length = 0
                hasDigit = false
            }
        }
    }

    static func words(in text: String, limit: Int = .max, _ body: (FeatureHash, Int, Bool) -> Void) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
            words(in: UnsafeBufferPointer(rebasing: $0.prefix(limit)), body)
        }
        if isDone == nil { Array(text.utf8.prefix(limit)).withUnsafeBufferPointer { words(in: $0, body) } }
    }

    /// The words of a string, or of the strings of an array.
    static func words(of value: JSON) -> [FeatureHash] {
        var result: [FeatureHash] = []
        switch value {
        case .string(let text): words(in: text) { hash, _, _ in result.append(hash) }
        case .array(let elements): result = elements.flatMap(words(of:))
        default: break
        }
        return result
    }
}
