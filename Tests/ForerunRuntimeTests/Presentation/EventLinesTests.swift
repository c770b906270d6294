import ForerunCore
import Testing

@testable import ForerunRuntime

struct EventLinesTests {
    @Test func eventsCarryTheirTime() {
        let lines = EventLines()
        let object = lines.object(for: .event(.promoted(work: 3), time: 1.5), at: 9)
        #expect(object.text == #"{"type":"work.promoted","work":3,"time":1.5}"#)
    }

    @Test func textIsAnEvent() {
        let object = EventLines().object(for: .text("Hi\n", turn: 2), at: 1.25)
        #expect(object.text == #"{"type":"answer.text","turn":2,"text":"Hi\n","time":1.25}"#)
    }

    @Test func theLastObjectIsTheReport() {
        let object = EventLines().object(for: .finished(Samples.report()), at: 0)
        #expect(object == Samples.report().json)
        #expect(object["type"]?.stringValue == "run.completed")
    }

    @Test func halvesOfAComparisonSayWhichTheyAre() {
        var lines = EventLines()
        lines.side = .sequential
        #expect(lines.object(for: .text("x", turn: 0), at: 0)["side"]?.stringValue == "sequential")
    }
}
