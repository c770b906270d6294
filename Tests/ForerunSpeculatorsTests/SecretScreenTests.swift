import ForerunCore
import ForerunSpeculators
import Testing

struct SecretScreenTests {
    @Test(arguments: [
        "jane.doe@example.org", "write to <a@b.co> now", "sk-proj-4fG7hJ2kL9mN3pQ8",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.e30.abc", "-----BEGIN OPENSSH PRIVATE KEY-----",
        "curl -H 'Authorization: Bearer abc'", "PASSWORD=hunter2 make", "api_key: xyz", "https://u:p@host.org/x",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "e83c5163316f89bfbde7d9ab23ca2e25604af290",
        "4111 1111 1111 1111", "4111111111111111",
    ])
    func secretsAreSuspected(_ text: String) {
        #expect(SecretScreen.suspects(text))
        #expect(SecretScreen.suspects(["deep": [.string(text)]]))
    }

    @Test(arguments: [
        "", "swift test --filter TransitionModelTests", "/usr/lib/x86_64-linux-gnu/libcurl.so.4",
        "Sources/App/main.swift",
        "2026-11-21T09:26:04Z", "How many people live in Bielefeld?", "yusuf_rossi_9620", "#W2378156",
        "git log --oneline -20",
        "func testThatBase64EncodingOfLongWordsWorks()", "a == b && c != d", "e2e4", "1234567890",
        "python3.11-minimal_amd64",
        "https://docs.swift.org/swift-book/documentation/the-swift-programming-language/", "@MainActor func f()",
    ])
    func ordinaryArgumentsAreNot(_ text: String) {
        #expect(!SecretScreen.suspects(text))
        #expect(!SecretScreen.suspects(["deep": [.string(text)]]))
    }

    @Test func membersWithTellingNamesAreSuspected() {
        #expect(SecretScreen.suspects(["password": "x"]))
        #expect(SecretScreen.suspects(["API_Key": "x"]))
        #expect(SecretScreen.suspects(["accessToken": 5]))
        #expect(!SecretScreen.suspects(["password": nil]))
        #expect(!SecretScreen.suspects(["path": "x", "line": 5]))
    }
}
