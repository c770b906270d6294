import Testing

@testable import ForerunTransport

struct SecretMaskTests {
    private func masked(_ text: String, _ secrets: String...) -> String {
        String(decoding: SecretMask(secrets.map { Array($0.utf8) }).masked(Array(text.utf8)), as: UTF8.self)
    }

    @Test func masksEveryOccurrenceAtItsLength() {
        #expect(masked("a sk-12345 b sk-12345", "sk-12345") == "a ******** b ********")
        #expect(masked("sk-12345sk-12345", "sk-12345") == "****************")
        #expect(masked("nothing", "sk-12345") == "nothing")
        #expect(masked("", "sk-12345") == "")
    }

    @Test func masksWhatJSONAndURLsMakeOfIt() {
        #expect(masked(#""sk\/12+45""#, "sk/12+45") == #""*********""#)
        #expect(masked("?k=sk%2F12%2B45", "sk/12+45") == "?k=************")
    }

    @Test func theLongerSecretGoesFirst() {
        #expect(masked("Bearer sk-12345", "sk-12345", "Bearer sk-12345") == "***************")
    }

    @Test func whatIsTooShortIsNoSecret() { #expect(masked("data: x", "data") == "data: x") }

    @Test func masksAcrossPieces() {
        let mask = SecretMask([Array("sk-12345".utf8)])
        for cut in 0...20 {
            let bytes = Array("before sk-12345 after".utf8)
            let pieces = mask.masked([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(pieces.map(\.count) == [cut, 21 - cut])
            #expect(String(decoding: pieces.joined(), as: UTF8.self) == "before ******** after")
        }
    }
}
