import Testing

@testable import ForerunTelemetry

/// Sums and histograms.
struct MetricStoreTests {
    private static func tokens(_ count: Int, _ type: String = "input") -> Measurement {
        Measurement(instrument: .tokenUsage, value: .count(count), attributes: [Key.tokenType: .string(type)])
    }

    @Test func boundsAreThoseOfTheConventions() {
        guard case .histogram(let tokens) = Instrument.tokenUsage.kind,
            case .histogram(let seconds) = Instrument.operationDuration.kind
        else { return #expect(Bool(false)) }
        #expect(
            tokens == [
                1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
            ])
        #expect(
            seconds == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92])
    }

    @Test func valuesFallIntoBuckets() throws {
        var store = MetricStore(.cumulative, start: 5)
        for count in [0, 1, 2, 4, 5, 100_000_000] { store.add(Self.tokens(count)) }
        store.add(Self.tokens(7, "output"))
        let metric = try #require(store.report(now: 9).first)
        guard case .histograms(let points) = metric.points else { return #expect(Bool(false)) }
        #expect(metric.name == "gen_ai.client.token.usage" && metric.unit == "{token}" && points.count == 2)
        // Bounds belong to the bucket below.
        #expect(points[0].counts == [2, 2, 1] + Array(repeating: 0, count: 11) + [1])
        #expect(points[0].sum == 100_000_012 && points[0].least == 0 && points[0].most == 100_000_000)
        #expect(points[0].start == 5 && points[0].time == 9 && points[0].count == 6)
    }

    @Test func cumulativeSumsGoOnAndDeltasBeginAgain() throws {
        for temporality in [Temporality.cumulative, .delta] {
            var store = MetricStore(temporality, start: 1)
            let one = Measurement(instrument: .hits, value: .count(1), attributes: [:])
            store.add(one)
            #expect(store.report(now: 2).count == 1)
            store.add(one)
            let metric = try #require(store.report(now: 3).first)
            guard case .sums(let points, let isMonotonic) = metric.points else { return #expect(Bool(false)) }
            #expect(isMonotonic && metric.temporality == temporality)
            #expect(points[0].value == .int(temporality == .delta ? 1 : 2))
            #expect(points[0].start == (temporality == .delta ? 2 : 1))
            #expect(store.report(now: 4).isEmpty == (temporality == .delta))
        }
    }

    @Test func attributesWithoutEndAreCountedTogether() throws {
        var store = MetricStore(.cumulative, start: 0)
        for number in 0..<MetricStore.mostSets + 50 {
            store.add(Measurement(instrument: .hits, value: .count(1), attributes: ["n": .int(number)]))
        }
        guard case .sums(let points, _)? = store.report(now: 1).first?.points else { return #expect(Bool(false)) }
        #expect(points.count == MetricStore.mostSets + 1)
        #expect(points.last?.value == .int(50) && points.last?.attributes["otel.metric.overflow"] == true)
    }

    @Test func savedTimeMayBeNegative() throws {
        var store = MetricStore(.cumulative, start: 0)
        store.add(Measurement(instrument: .saved, value: .amount(-1.5), attributes: [:]))
        store.add(Measurement(instrument: .saved, value: .amount(0.25), attributes: [:]))
        guard case .sums(let points, let isMonotonic)? = store.report(now: 1).first?.points else {
            return #expect(Bool(false))
        }
        #expect(points[0].value == .double(-1.25) && !isMonotonic)
    }
}
