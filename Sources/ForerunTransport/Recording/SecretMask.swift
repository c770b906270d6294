/// Replaces secrets in bytes by as many asterisks, so that nothing else moves.
struct SecretMask: Sendable {
    private let needles: [[UInt8]]

    /// What is shorter is no key, and would be found in innocent text.
    private static let shortest = 6

    /// Each secret is looked for as it is, as JSON may escape it and as URLs do.
    init(_ secrets: [[UInt8]]) {
        var needles: Set<[UInt8]> = []
        for secret in secrets where secret.count >= Self.shortest {
            needles.insert(secret)
            needles.insert(secret.flatMap { $0 == UInt8(ascii: "/") ? Array("\\/".utf8) : [$0] })
            needles.insert(
                secret.flatMap { byte in
                    Self.isUnreserved(byte) ? [byte] : Array("%\(Self.digit(byte >> 4))\(Self.digit(byte & 15))".utf8)
                })
        }
        // Longest first: a secret may be part of another one.
        self.needles = needles.sorted { $0.count > $1.count }
    }

    func masked(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for needle in needles {
            var start = bytes.startIndex
            while let found = bytes[start...].firstRange(of: needle) {
                for index in found { bytes[index] = UInt8(ascii: "*") }
                start = found.upperBound
            }
        }
        return bytes
    }

    /// Masks what lies in several pieces, also where a secret spans two of them.
    func masked(_ pieces: [[UInt8]]) -> [[UInt8]] {
        guard !needles.isEmpty else { return pieces }
        let whole = masked(Array(pieces.joined()))
        var start = 0
        return pieces.map { piece in
            defer { start += piece.count }
            return Array(whole[start..<start + piece.count])
        }
    }

    private static func digit(_ value: UInt8) -> String { String(value, radix: 16, uppercase: true) }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~".utf8.contains(byte)
        }
    }
}
