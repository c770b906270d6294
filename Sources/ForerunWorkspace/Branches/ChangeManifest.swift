import ForerunCore

/// What the changes of a layer were based on, as it is written beside a layer that is kept.
struct ChangeManifest {
    enum Problem: Error { case unreadable }

    /// By path: what was there when the change was made; `nil`: nothing.
    let expected: [RelativePath: Origin?]

    init(_ changes: [RelativePath: Change]) {
        expected = changes.mapValues(\.expected)
    }

    init(bytes: [UInt8]) throws {
        guard let list = try JSON(parsing: bytes)["changes"]?.arrayValue else { throw Problem.unreadable }
        var expected: [RelativePath: Origin?] = [:]
        for item in list {
            guard let path = item["path"]?.stringValue.flatMap(Self.path) else { throw Problem.unreadable }
            if let layer = item["layer"]?.intValue {
                expected[path] = .some(.layer(layer))
            } else if let base = item["base"]?.arrayValue?.compactMap({ $0.stringValue.flatMap { Int64($0) } }) {
                guard let signature = Signature(numbers: base) else { throw Problem.unreadable }
                expected[path] = .some(.base(signature))
            } else {
                expected[path] = .some(nil)
            }
        }
        self.expected = expected
    }

    var bytes: [UInt8] {
        let list = expected.sorted { $0.key < $1.key }.map { path, origin -> JSON in
            let name = JSON.string(Self.text(path))
            return switch origin {
            case nil: ["path": name]
            case .layer(let number): ["path": name, "layer": .int(number)]
            // As text: not every reader of JSON keeps 64 bits.
            case .base(let signature): ["path": name, "base": .array(signature.numbers.map { .string(String($0)) })]
            }
        }
        return Array((["version": 1, "changes": .array(list)] as JSON).text.utf8)
    }

    /// Names need not be UTF-8: as hexadecimal digits.
    private static func text(_ path: RelativePath) -> String {
        path.bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func path(_ text: String) -> RelativePath? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return RelativePath(bytes: bytes)
    }
}

extension Signature {
    fileprivate var numbers: [Int64] {
        [
            Int64(kind.rawValue), Int64(mode), size, modified, changed, Int64(bitPattern: inode), Int64(owner),
            Int64(group),
        ]
    }

    fileprivate init?(numbers: [Int64]) {
        guard numbers.count == 8, let kind = UInt8(exactly: numbers[0]).flatMap(Kind.init(rawValue:)),
            let mode = UInt32(exactly: numbers[1]), let owner = UInt32(exactly: numbers[6]),
            let group = UInt32(exactly: numbers[7])
        else { return nil }
        self.init(
            kind: kind, mode: mode, size: numbers[2], modified: numbers[3], changed: numbers[4],
            inode: UInt64(bitPattern: numbers[5]), owner: owner, group: group)
    }
}
