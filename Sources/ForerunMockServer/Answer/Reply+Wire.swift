extension Reply {
    /// Whether the HTTP library cannot be asked to send it.
    var isRaw: Bool { framing != .usual && framing != .trailers }

    /// The whole response as bytes, header included, for framings that no HTTP library would produce.
    var rawWrites: [Write] {
        let start = writes.first?.after ?? 0
        var result = [Write(after: start, text: rawHeader)]
        for write in writes {
            switch framing {
            case .everyByte:
                for byte in write.bytes { result.append(Write(after: write.after, bytes: Self.chunk([byte]))) }
            case .badChunk: result.append(Write(after: write.after, bytes: Self.chunk(write.bytes)))
            default: result.append(write)
            }
        }
        let end = writes.last?.after ?? start
        if framing == .everyByte, ending == .complete { result.append(Write(after: end, text: "0\r\n\r\n")) }
        if framing == .badChunk { result.append(Write(after: end, text: "zz\r\nno size\r\n")) }
        return result
    }

    private var rawHeader: String {
        let version = framing == .untilClose ? "1.0" : "1.1"
        var fields = [("content-type", contentType)] + headers.map { ($0.name, $0.value) }
        switch framing {
        case .untilClose: break
        case .short(let missing):
            fields.append(("content-length", String(writes.reduce(missing) { $0 + $1.bytes.count })))
        default: fields.append(("transfer-encoding", "chunked"))
        }
        fields.append(("connection", "close"))
        return "HTTP/\(version) \(status) \(status < 400 ? "OK" : "Error")\r\n"
            + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        bytes.isEmpty ? [] : Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [0x0d, 0x0a]
    }

    /// Cuts the body into writes of `size` bytes, `pause` seconds apart.
    mutating func drip(size: Int, pause: Double) {
        var time = 0.0
        writes = writes.flatMap { write in
            stride(from: 0, to: write.bytes.count, by: size).map { start in
                time = max(time + pause, write.after)
                return Write(after: time, bytes: Array(write.bytes[start..<min(start + size, write.bytes.count)]))
            }
        }
    }

    /// Puts the body into `encoding`, each write so that it can be read by itself.
    mutating func encode(_ encoding: ContentEncoding) {
        var encoder = ContentEncoder(encoding)
        for index in writes.indices { writes[index].bytes = encoder.add(writes[index].bytes) }
        guard !writes.isEmpty else { return }
        writes[writes.count - 1].bytes += encoder.finish()
        headers.append(("content-encoding", encoding.rawValue))
        if contentLength != nil { contentLength = writes.reduce(0) { $0 + $1.bytes.count } }
    }
}
