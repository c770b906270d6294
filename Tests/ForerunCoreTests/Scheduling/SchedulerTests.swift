import ForerunTesting
import Testing

@testable import ForerunCore

/// The slots of one endpoint, shared by runs 1, 2, …
private final class Desk {
    static let endpoint = Resource.endpoint("server")
    var scheduler: Scheduler

    /// - Parameter reserves: of run 1, run 2, …
    init(capacity: Int?, reserves: [Int]) {
        scheduler = Scheduler(capacities: capacity.map { [Self.endpoint: $0] } ?? [:])
        for (index, reserve) in reserves.enumerated() {
            scheduler.join(RunID(index + 1), reserving: [Self.endpoint: reserve])
        }
    }

    func bid(_ holder: Scheduler.Holder, lane: Lane, value: Double) -> Bool {
        scheduler.bid(holder, on: Self.endpoint, lane: lane, value: value)
    }
    func revoke(for run: RunID, sparing spared: Set<WorkID>) -> WorkID? {
        scheduler.revoke(on: Self.endpoint, for: run, sparing: spared)
    }
    func move(_ holder: Scheduler.Holder, to lane: Lane) { scheduler.move(holder, on: Self.endpoint, to: lane) }
    func release(_ holder: Scheduler.Holder) { scheduler.release(holder, on: Self.endpoint) }
    func leave(_ run: RunID) { scheduler.leave(run) }
    func takeNotices() -> [Scheduler.Notice] { scheduler.takeNotices() }
    var usage: [Lane: Int] { scheduler.usage(of: Self.endpoint) }
    var capacity: Int { scheduler.capacity(of: Self.endpoint) }
}

struct SchedulerTests {
    private func holder(_ run: Int, _ work: Int) -> Scheduler.Holder {
        Scheduler.Holder(run: RunID(run), work: WorkID(work))
    }

    @Test func unknownCapacityIsOneAndNothingRunsAheadThere() {
        let slots = Desk(capacity: nil, reserves: [1])
        #expect(slots.capacity == 1)
        #expect(!slots.bid(holder(1, 1), lane: .shadow, value: 1))
        #expect(slots.bid(holder(1, 2), lane: .active, value: 1))
        #expect(!slots.bid(holder(1, 3), lane: .active, value: 1))
        slots.scheduler.setCapacity(3, of: Desk.endpoint)
        #expect(slots.bid(holder(1, 3), lane: .shadow, value: 1))
        #expect(slots.usage == [.active: 1, .shadow: 1])
    }

    @Test func shadowWorkNeverEntersTheReserve() {
        let slots = Desk(capacity: 4, reserves: [1, 1])
        #expect(slots.bid(holder(1, 1), lane: .shadow, value: 1))
        #expect(slots.bid(holder(2, 1), lane: .shadow, value: 1))
        #expect(!slots.bid(holder(1, 2), lane: .shadow, value: 1))
        #expect(slots.bid(holder(1, 3), lane: .active, value: 1))
        #expect(slots.bid(holder(2, 3), lane: .active, value: 1))
    }

    /// Two runs that wait for shadow work are not told of a slot that is kept for the real path, each after the other, for ever.
    @Test func shadowWorkIsNotToldOfTheReserve() {
        let slots = Desk(capacity: 4, reserves: [1, 1, 1])
        #expect(slots.bid(holder(1, 1), lane: .shadow, value: 1))
        #expect(!slots.bid(holder(2, 1), lane: .shadow, value: 1))
        #expect(!slots.bid(holder(3, 1), lane: .shadow, value: 1))
        #expect(slots.bid(holder(1, 2), lane: .active, value: 1))
        // Three slots are free then, and none of them for shadow work.
        slots.release(holder(1, 2))
        #expect(slots.takeNotices() == [])
        // The one that is for it goes to who waited first, and no further where it is taken.
        slots.release(holder(1, 1))
        #expect(slots.takeNotices() == [.granted(RunID(2))])
        #expect(slots.bid(holder(2, 1), lane: .shadow, value: 1))
        slots.scheduler.stepped(RunID(2))
        #expect(slots.takeNotices() == [])
    }

    @Test func endingWorkStillCountsAsShadow() {
        let slots = Desk(capacity: 2, reserves: [1])
        #expect(slots.bid(holder(1, 1), lane: .shadow, value: 1))
        slots.move(holder(1, 1), to: .ending)
        #expect(!slots.bid(holder(1, 2), lane: .shadow, value: 1))
        #expect(slots.usage == [.ending: 1])
        slots.release(holder(1, 1))
        #expect(slots.bid(holder(1, 2), lane: .shadow, value: 1))
    }

    @Test func promotedWorkLeavesTheSharedPart() {
        let slots = Desk(capacity: 2, reserves: [1])
        #expect(slots.bid(holder(1, 1), lane: .shadow, value: 1))
        slots.move(holder(1, 1), to: .active)
        #expect(slots.bid(holder(1, 2), lane: .shadow, value: 1))
        #expect(slots.usage == [.active: 1, .shadow: 1])
    }

    @Test func oneVictimAtATimeLeastValueFirst() {
        let slots = Desk(capacity: 3, reserves: [0])
        for (work, value) in [(1, 0.9), (2, 0.1), (3, 0.5)] {
            #expect(slots.bid(holder(1, work), lane: .shadow, value: value))
        }
        #expect(!slots.bid(holder(1, 4), lane: .active, value: 1))
        #expect(slots.revoke(for: RunID(1), sparing: []) == WorkID(2))
        #expect(slots.revoke(for: RunID(1), sparing: []) == nil, "one is chosen already")
        slots.move(holder(1, 2), to: .ending)
        #expect(slots.revoke(for: RunID(1), sparing: []) == nil, "one is being ended")
        slots.release(holder(1, 2))
        #expect(slots.bid(holder(1, 4), lane: .active, value: 1))
        #expect(slots.revoke(for: RunID(1), sparing: []) == WorkID(3))
    }

    @Test func activeAndSparedWorkIsNoVictim() {
        let slots = Desk(capacity: 3, reserves: [0, 0])
        #expect(slots.bid(holder(1, 1), lane: .active, value: 0))
        #expect(slots.bid(holder(1, 2), lane: .shadow, value: 0.1))
        #expect(slots.bid(holder(2, 2), lane: .shadow, value: 0.2))
        // Spared is work of the bidding run only: another run's work of the same number is none of it.
        #expect(slots.revoke(for: RunID(1), sparing: [WorkID(2)]) == nil)
        #expect(slots.takeNotices() == [.revoked(holder(2, 2))])
        slots.release(holder(2, 2))
        #expect(slots.revoke(for: RunID(1), sparing: [WorkID(2)]) == nil)
        #expect(slots.takeNotices().isEmpty)
    }

    @Test func aVictimThatBecameAuthoritativeIsNoVictimAnyMore() {
        let slots = Desk(capacity: 2, reserves: [0, 0])
        #expect(slots.bid(holder(1, 1), lane: .shadow, value: 0.1))
        #expect(slots.bid(holder(1, 2), lane: .shadow, value: 0.9))
        #expect(!slots.bid(holder(2, 3), lane: .active, value: 1))
        #expect(slots.revoke(for: RunID(2), sparing: []) == nil)
        #expect(slots.takeNotices() == [.revoked(holder(1, 1))])
        // Before its run hears of it, the victim is promoted. Run 2 must not wait for all of it.
        slots.move(holder(1, 1), to: .active)
        #expect(slots.takeNotices() == [.granted(RunID(2))])
        #expect(!slots.bid(holder(2, 3), lane: .active, value: 1))
        #expect(slots.revoke(for: RunID(2), sparing: []) == nil)
        #expect(slots.takeNotices() == [.revoked(holder(1, 2))])
    }

    @Test func aFreeSlotIsOfferedToThoseWhoWait() {
        let slots = Desk(capacity: 1, reserves: [0, 0, 0])
        #expect(slots.bid(holder(1, 1), lane: .active, value: 1))
        #expect(!slots.bid(holder(2, 1), lane: .shadow, value: 1))
        #expect(!slots.bid(holder(3, 1), lane: .active, value: 1))
        #expect(slots.takeNotices().isEmpty)
        slots.release(holder(1, 1))
        #expect(slots.takeNotices() == [.granted(RunID(3))], "authoritative work comes first")
        #expect(slots.bid(holder(3, 1), lane: .active, value: 1))
        slots.release(holder(3, 1))
        #expect(slots.takeNotices() == [.granted(RunID(2))])
        #expect(slots.takeNotices().isEmpty, "each is told once")
    }

    @Test func leavingFreesTheReserve() {
        let slots = Desk(capacity: 2, reserves: [0, 1])
        #expect(slots.bid(holder(1, 1), lane: .shadow, value: 1))
        #expect(!slots.bid(holder(1, 2), lane: .shadow, value: 1))
        slots.leave(RunID(2))
        #expect(slots.takeNotices() == [.granted(RunID(1))])
        #expect(slots.bid(holder(1, 2), lane: .shadow, value: 1))
    }

    /// A run that leaves while it waits where it reserved nothing is told of no slot: others wait for it.
    @Test func whoHasLeftWaitsForNothing() {
        let slots = Desk(capacity: 1, reserves: [])
        #expect(slots.bid(holder(2, 1), lane: .active, value: 1))
        #expect(!slots.bid(holder(1, 1), lane: .shadow, value: 1))
        slots.leave(RunID(1))
        slots.release(holder(2, 1))
        #expect(slots.bid(holder(2, 2), lane: .active, value: 1))
        #expect(!slots.bid(holder(3, 1), lane: .active, value: 1))
        slots.release(holder(2, 2))
        #expect(slots.takeNotices() == [.granted(RunID(3))])
    }

    @Test func whatIsNotHeldCannotBeReleasedOrMoved() {
        let slots = Desk(capacity: 1, reserves: [0])
        slots.release(holder(1, 1))
        slots.move(holder(1, 1), to: .active)
        #expect(slots.usage.isEmpty)
        #expect(slots.bid(holder(1, 2), lane: .shadow, value: 1))
    }

    /// Whatever runs do, an authoritative bid within a run's reserve is granted at once.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func theReserveIsAlwaysThere(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 2...6, using: &random)
        let runs = Int.random(in: 1...capacity, using: &random)
        let slots = Desk(capacity: capacity, reserves: Array(repeating: 1, count: runs))
        var held: [(holder: Scheduler.Holder, lane: Lane)] = []
        for work in 1...200 {
            let run = Int.random(in: 1...runs, using: &random)
            let hasActive = held.contains { $0.holder.run == RunID(run) && $0.lane == .active }
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where !hasActive:
                #expect(slots.bid(holder(run, work), lane: .active, value: 1))
                held.append((holder(run, work), .active))
            case 1, 2:
                if slots.bid(holder(run, work), lane: .shadow, value: 0.5) {
                    held.append((holder(run, work), .shadow))
                }
            case 3 where !held.isEmpty:
                let index = held.indices.randomElement(using: &random)!
                slots.release(held[index].holder)
                held.remove(at: index)
            default:
                guard let index = held.indices.randomElement(using: &random), held[index].lane == .shadow else {
                    continue
                }
                let ownHasActive = held.contains { $0.holder.run == held[index].holder.run && $0.lane == .active }
                let lane = ownHasActive ? Lane.ending : .active
                slots.move(held[index].holder, to: lane)
                held[index].lane = lane
            }
            let usage = slots.usage
            #expect(usage == Dictionary(grouping: held, by: \.lane).mapValues(\.count))
            #expect(usage[.shadow, default: 0] + usage[.ending, default: 0] <= capacity - runs)
        }
    }
}
