import ForerunCore

/// What a collector says of a request that it accepted: how much of it it refused all the same, and why.
///
/// `ExportTracePartialSuccess` and `ExportMetricsPartialSuccess`, which are alike.
package struct PartialSuccess: Sendable, Hashable {
    package var rejected = 0
    package var message = ""

    /// Reads the body of a response. What cannot be read says nothing.
    package init(_ body: [UInt8], as encoding: OTLP.Encoding) {
        switch encoding {
        case .json:
            guard let part = (try? JSON(parsing: body))?["partialSuccess"] else { return }
            let count = part["rejectedSpans"] ?? part["rejectedDataPoints"]
            rejected = max(0, count?.stringValue.flatMap { Int($0) } ?? count?.intValue ?? 0)
            message = part["errorMessage"]?.stringValue ?? ""
        case .protobuf:
            var outer = FieldReader(body[...])
            while let field = outer.next() {
                guard field.number == 1, case .bytes(let part) = field.value else { continue }
                var inner = FieldReader(part)
                while let field = inner.next() {
                    switch (field.number, field.value) {
                    case (1, .varint(let count)): rejected = Int(clamping: Int64(bitPattern: count).magnitude)
                    case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
                    default: break
                    }
                }
            }
        }
    }
}

/// The fields of a message in binary form, one by one.
private struct FieldReader {
    enum Value {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
        case other
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// `nil`: there is none, or it cannot be read.
    mutating func next() -> (number: Int, value: Value)? {
        guard let tag = varint(), tag >> 3 <= 0x1FFF_FFFF else { return nil }
        let number = Int(tag >> 3)
        switch tag & 7 {
        case 0: return varint().map { (number, .varint($0)) }
        case 1: return take(8).map { _ in (number, .other) }
        case 2:
            guard let count = varint(), count <= UInt64(rest.count) else { return nil }
            return take(Int(count)).map { (number, .bytes($0)) }
        case 5: return take(4).map { _ in (number, .other) }
        default: return nil
        }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
