import ForerunCore
import ForerunRuntime
import Testing

struct ComplaintTests {
    @Test func causeAndRemedyHaveLinesOfTheirOwn() {
        let failure = ModelFailure(
            .rateLimited, "slow down", status: 429, requestID: "r1", remedy: "Wait a minute.")
        #expect(
            Complaint(failure).text
                == "forerun: error: rate limited (HTTP 429): slow down [request r1]\n  Wait a minute\n")
    }

    @Test func placesComeFirst() {
        let error = ConfigurationError(
            .unknownKey, "unknown key “x”", at: .file("c.yaml", line: 3), remedy: "Did you mean “y”?")
        #expect(Complaint(error).text == "forerun: error: c.yaml:3: unknown key “x”\n  Did you mean “y”?\n")
    }

    @Test func thereIsAlwaysARemedy() {
        let kinds: [ModelFailure.Kind] = [
            .rateLimited, .quotaExhausted, .overloaded, .server, .connection, .timedOut, .truncated, .malformed,
            .authentication, .notFound, .invalidRequest, .contextOverflow, .cancelled,
        ]
        for kind in kinds { #expect(!Complaint(ModelFailure(kind, "x")).remedy.isEmpty, "\(kind)") }
        #expect(!Complaint(ConfigurationError(.syntax, "x")).remedy.isEmpty)
        #expect(!Complaint(EnvironmentFailure(.failed, "x")).remedy.isEmpty)
    }

    @Test func nothingBreaksTheLineOrCommandsTheTerminal() {
        let complaint = Complaint("a\n  b\u{1B}[31m.", remedy: "c\r\nd", status: .failed)
        #expect(complaint.text == "forerun: error: a b[31m\n  c d\n")
    }

    @Test func limitsAreNamedWithTheirValues() {
        var settings = AgentSettings()
        settings.limits.steps = 7
        settings.limits.seconds = 1.5
        #expect(Complaint(.limit(.steps), settings)?.cause.contains("steps (7)") == true)
        #expect(Complaint(.limit(.seconds), settings)?.cause.contains("seconds (1.5)") == true)
        #expect(Complaint(.limit(.steps), settings)?.remedy.contains("--max-steps") == true)
        #expect(Complaint(.finished, settings) == nil)
        #expect(Complaint(.interrupted, settings) == nil)
    }
}
