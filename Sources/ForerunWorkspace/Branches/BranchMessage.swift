import CBranch

/// A message between the runtime and the host of its branches, as `CBranch.h` describes it.
struct BranchMessage: Sendable {
    var kind: UInt32
    var id: UInt32
    var fields: [(key: String, value: [UInt8])]
    /// Owned by whoever holds the message.
    var descriptors: [Int32] = []

    init(_ request: cbranch_request, id: UInt32) {
        kind = request.rawValue
        self.id = id
        fields = []
    }

    /// The first value of a key.
    subscript(key: String) -> String? {
        fields.first { $0.key == key }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    func all(_ key: String) -> [String] {
        fields.filter { $0.key == key }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    mutating func add(_ key: String, _ value: String) { fields.append((key, Array(value.utf8))) }
    mutating func add(_ key: String, _ value: Int) { add(key, String(value)) }
    mutating func add(_ key: String, bytes: [UInt8]) { fields.append((key, bytes)) }

    // MARK: - Bytes

    private static let headerSize = MemoryLayout<cbranch_header>.size

    /// - Returns: `nil` for what is no message.
    init?(bytes: [UInt8], descriptors: [Int32]) {
        guard bytes.count >= Self.headerSize else { return nil }
        let header = bytes.withUnsafeBytes { $0.loadUnaligned(as: cbranch_header.self) }
        kind = header.kind
        id = header.id
        fields = bytes[Self.headerSize...].split(separator: 0).compactMap { field in
            guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (String(decoding: field[..<equals], as: UTF8.self), Array(field[field.index(after: equals)...]))
        }
        self.descriptors = descriptors
    }

    var header: [UInt8] {
        var header = cbranch_header(kind: kind, id: id)
        return withUnsafeBytes(of: &header) { Array($0) }
    }

    /// The fields as they are sent.
    var strings: [UInt8] {
        var bytes: [UInt8] = []
        for field in fields {
            bytes += field.key.utf8
            bytes.append(UInt8(ascii: "="))
            bytes += field.value
            bytes.append(0)
        }
        return bytes
    }
}
