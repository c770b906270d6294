import ForerunTesting
import Testing

@testable import ForerunCore

struct StableDigestTests {
    /// Examples published by NIST for FIPS 180-4.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func publishedExamples(text: String, digest: String) { #expect(StableDigest.hex(of: text.utf8) == digest) }

    @Test func aMillionLetters() {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(StableDigest.hex(of: letters) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func piecesDoNotMatter(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0..<400, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var digest = StableDigest()
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...min(130, rest.count), using: &random)
            if Bool.random(using: &random) {
                digest.update(rest.prefix(count))
            } else {
                digest.update(rest.prefix(count).lazy.map { $0 })
            }
            // Looking changes nothing.
            _ = digest.bytes
            rest = rest.dropFirst(count)
        }
        #expect(digest.hex == StableDigest.hex(of: bytes))
        #expect(digest.bytes.count == 32)
    }
}
