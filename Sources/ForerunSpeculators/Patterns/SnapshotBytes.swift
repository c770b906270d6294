/// Writes a snapshot: numbers of eight bytes and floats of four, little-endian; counts in groups of seven bits.
struct SnapshotWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ value: Float) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A count, not negative; -1 is written as 0 is.
    mutating func write(_ count: Int) {
        var rest = UInt64(max(0, count))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes += text.utf8
    }

    mutating func write(_ texts: [String]) {
        write(texts.count)
        for text in texts { write(text) }
    }

    mutating func write(_ unit: FadingUnit) {
        write(unit.value)
        write(Int(unit.time))
    }

    mutating func write(_ derivation: Derivation) {
        write(Int(derivation.source.kind.rawValue))
        write(derivation.source.tool)
        write(derivation.source.path)
        switch derivation.form {
        case .plain: write(0)
        case .affix(let prefix):
            write(1)
            write(prefix)
        case .year: write(2)
        case .one: write(3)
        case .all: write(4)
        case .pick: write(5)
        case .cutOne(let names):
            write(6)
            write(names)
        case .cutAll(let names):
            write(7)
            write(names)
        }
    }
}

/// Reads what ``SnapshotWriter`` wrote. Whatever the bytes are, it ends with a value or an error.
struct SnapshotReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    private static let short = SnapshotError(description: "the snapshot ends too early")

    private mutating func take(_ count: Int) throws(SnapshotError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw Self.short }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number() throws(SnapshotError) -> UInt64 {
        try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func double() throws(SnapshotError) -> Double {
        let value = Double(bitPattern: try number())
        guard value.isFinite else { throw SnapshotError(description: "a number of the snapshot is none") }
        return value
    }

    mutating func float() throws(SnapshotError) -> Float {
        let value = Float(bitPattern: try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        guard value.isFinite else { throw SnapshotError(description: "a number of the snapshot is none") }
        return value
    }

    mutating func count() throws(SnapshotError) -> Int {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 56, by: 7) {
            guard let byte = try take(1).first else { throw Self.short }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return Int(value) }
        }
        throw SnapshotError(description: "a count of the snapshot is too large")
    }

    mutating func small() throws(SnapshotError) -> Int32 {
        guard let value = Int32(exactly: try count()) else {
            throw SnapshotError(description: "a count of the snapshot is too large")
        }
        return value
    }

    mutating func unit() throws(SnapshotError) -> FadingUnit {
        let value = try float()
        return FadingUnit(value: value, time: try small())
    }

    mutating func text() throws(SnapshotError) -> String {
        String(decoding: try take(try count()), as: UTF8.self)
    }

    mutating func texts() throws(SnapshotError) -> [String] {
        var result: [String] = []
        for _ in 0..<(try count()) { result.append(try text()) }
        return result
    }

    mutating func derivation() throws(SnapshotError) -> Derivation {
        guard let kind = ValueSource.Kind(rawValue: UInt8(clamping: try count())) else {
            throw SnapshotError(description: "the snapshot has an unknown kind of source")
        }
        let tool = try text()
        let source = ValueSource(kind: kind, tool: tool, path: try text())
        switch try count() {
        case 0: return Derivation(.plain, source)
        case 1: return Derivation(.affix(try text()), source)
        case 2: return Derivation(.year, source)
        case 3: return Derivation(.one, source)
        case 4: return Derivation(.all, source)
        case 5: return Derivation(.pick, source)
        case 6: return Derivation(.cutOne(try texts()), source)
        case 7: return Derivation(.cutAll(try texts()), source)
        default: throw SnapshotError(description: "the snapshot has an unknown form of derivation")
        }
    }
}
