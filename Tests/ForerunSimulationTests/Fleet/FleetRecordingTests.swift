import ForerunCore
import ForerunSimulation
import Testing

@Suite struct FleetRecordingTests {
    private func spec(pieces: Int, _ policy: SpeculationPolicy) -> FleetSpec {
        var spec = FleetSpec()
        (spec.agents, spec.turns, spec.spacing) = (4, 6, 0.5)
        (spec.pieces, spec.policy) = (pieces, policy)
        return spec
    }

    @Test(arguments: [0, 5]) func coresThatAreToldTheSameDecideTheSame(pieces: Int) {
        let spec = spec(pieces: pieces, SpeculationPolicy(width: 1, depth: 4, maxExtraCost: .unlimited))
        let recording = FleetDriver(spec).record()
        #expect(recording.events == FleetDriver(spec).run().events)
        var ends = 0
        var asked = 0
        recording.play { _, _, commands in
            for command in commands {
                if case .finish(.finished) = command { ends += 1 }
                if case .finish(.limit(.steps)) = command { ends += 1 }
                if case .ask = command { asked += 1 }
            }
        }
        #expect(ends == spec.agents)
        #expect(asked >= spec.agents * spec.turns)
    }

    /// In turn, each answer is its pieces, the beginning of its call, the whole call, and its end.
    @Test func textComesInPieces() {
        let off = SpeculationPolicy(mode: .off)
        let whole = FleetDriver(spec(pieces: 0, off)).record().events
        let streamed = FleetDriver(spec(pieces: 5, off)).record().events
        #expect(streamed == whole + 4 * 6 * (5 + 2))
    }
}
