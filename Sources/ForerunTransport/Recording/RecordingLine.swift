import FoundationEssentials

/// The lines of a recording, one by one.
enum RecordingLine {
    private struct Header: Codable {
        var format: String
        var version: Int
    }

    private static let format = "forerun.traffic"
    private static let version = 1
    private static let sumPrefix = Array(#"{"fnv1a":""#.utf8)

    static var header: [UInt8] { Array(#"{"format":"\#(format)","version":\#(version)}"#.utf8) + [0x0a] }

    /// Why a first line is none; `nil`: it is one.
    static func complaint(aboutHeader line: some Collection<UInt8>) -> String? {
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(line)), header.format == format else {
            return "is no recording of traffic"
        }
        return header.version == version
            ? nil : "has version \(header.version) of the format; this program reads version \(version)"
    }

    static func line(_ exchange: RecordedExchange) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rest = try encoder.encode(exchange).dropFirst()
        return sumPrefix + Array((sum(rest) + "\",").utf8) + rest + [0x0a]
    }

    /// - Returns: `nil` where the line is damaged.
    static func exchange(_ line: ArraySlice<UInt8>) -> RecordedExchange? {
        if line.starts(with: sumPrefix) {
            let sum = line.dropFirst(sumPrefix.count).prefix(16)
            let rest = line.dropFirst(sumPrefix.count + 18)
            guard String(decoding: sum, as: UTF8.self) == self.sum(rest) else { return nil }
        }
        return try? JSONDecoder().decode(RecordedExchange.self, from: Data(line))
    }

    private static func sum(_ bytes: some Collection<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
