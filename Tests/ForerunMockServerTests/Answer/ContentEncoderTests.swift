import Testing

@testable import ForerunMockServer

/// Known answers: what `gzip -d` and `brotli -d` unpack.
struct ContentEncoderTests {
    @Test func gzip() {
        var encoder = ContentEncoder(.gzip)
        let bytes = encoder.add(Array("12345".utf8)) + encoder.add(Array("6789".utf8)) + encoder.finish()
        let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
        let blocks = [0, 5, 0, 0xfa, 0xff] + Array("12345".utf8) + [0, 4, 0, 0xfb, 0xff] + Array("6789".utf8)
        // The CRC-32 of "123456789" is the check value of its definition: cbf43926.
        #expect(bytes == header + blocks + [1, 0, 0, 0xff, 0xff, 0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0])
    }

    @Test func brotli() {
        var encoder = ContentEncoder(.br)
        let bytes = encoder.add(Array("12345".utf8)) + encoder.finish()
        #expect(bytes == [0x0c, 0x20, 0x00, 0x08] + Array("12345".utf8) + [0x03])
    }

    @Test func longBodiesTakeSeveralBlocks() {
        let body = [UInt8](repeating: 7, count: 150_000)
        var gzip = ContentEncoder(.gzip)
        #expect((gzip.add(body) + gzip.finish()).count == 10 + 3 * 5 + body.count + 5 + 8)
        var brotli = ContentEncoder(.br)
        #expect((brotli.add(body) + brotli.finish()).count == 1 + 3 * 3 + body.count + 1)
    }
}
