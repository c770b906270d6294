/// The fields of a message in binary form, by number: written for these tests alone, by the description of the format.
struct ProtoReader {
    enum Field: Equatable {
        case varint(UInt64)
        case eight(UInt64)
        case four(UInt32)
        case bytes([UInt8])
    }

    struct Malformed: Error {}

    let fields: [(number: Int, field: Field)]

    init(_ bytes: [UInt8]) throws {
        var position = 0
        var fields: [(Int, Field)] = []
        func byte() throws -> UInt8 {
            guard position < bytes.count else { throw Malformed() }
            position += 1
            return bytes[position - 1]
        }
        func varint() throws -> UInt64 {
            var result: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                let next = try byte()
                guard shift < 64 else { throw Malformed() }
                result += UInt64(next % 128) << shift
                shift += 7
                if next < 128 { return result }
            }
        }
        func little(_ count: Int) throws -> UInt64 {
            var result: UInt64 = 0
            for place in 0..<count { result += UInt64(try byte()) << UInt64(8 * place) }
            return result
        }
        while position < bytes.count {
            let tag = try varint()
            switch tag % 8 {
            case 0: fields.append((Int(tag / 8), .varint(try varint())))
            case 1: fields.append((Int(tag / 8), .eight(try little(8))))
            case 5: fields.append((Int(tag / 8), .four(UInt32(try little(4)))))
            case 2:
                let count = Int(try varint())
                guard position + count <= bytes.count else { throw Malformed() }
                fields.append((Int(tag / 8), .bytes(Array(bytes[position..<position + count]))))
                position += count
            default: throw Malformed()
            }
        }
        self.fields = fields
    }

    subscript(number: Int) -> [Field] { fields.filter { $0.number == number }.map(\.field) }

    func bytes(_ number: Int) -> [[UInt8]] {
        self[number].compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
    }

    func text(_ number: Int) -> String? { bytes(number).last.map { String(decoding: $0, as: UTF8.self) } }
    func messages(_ number: Int) throws -> [ProtoReader] { try bytes(number).map { try ProtoReader($0) } }

    /// Attributes (`KeyValue`) of a field, as text.
    func attributes(_ number: Int) throws -> [String: String] {
        var result: [String: String] = [:]
        for pair in try messages(number) { result[pair.text(1) ?? ""] = try pair.messages(2).first?.value }
        return result
    }

    /// `AnyValue`, as text.
    private var value: String {
        get throws {
            guard let (number, field) = fields.first else { return "" }
            return switch (number, field) {
            case (1, .bytes(let text)): String(decoding: text, as: UTF8.self)
            case (2, .varint(let flag)): flag == 1 ? "true" : "false"
            case (3, .varint(let number)): "\(Int64(bitPattern: number))"
            case (4, .eight(let bits)): "\(Double(bitPattern: bits))"
            case (5, .bytes(let list)):
                try "[" + ProtoReader(list).messages(1).map { try $0.value }.joined(separator: ", ") + "]"
            default: throw Malformed()
            }
        }
    }
}

extension ProtoReader {
    /// The spans of an `ExportTraceServiceRequest`.
    static func spans(_ body: [UInt8]) throws -> [ProtoReader] {
        try ProtoReader(body).messages(1).flatMap { try $0.messages(2) }.flatMap { try $0.messages(2) }
    }

    /// The metrics of an `ExportMetricsServiceRequest`.
    static func metrics(_ body: [UInt8]) throws -> [ProtoReader] {
        try ProtoReader(body).messages(1).flatMap { try $0.messages(2) }.flatMap { try $0.messages(2) }
    }
}
