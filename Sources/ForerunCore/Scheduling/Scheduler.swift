import OrderedCollections

/// The slots of a process: runs bid, it grants and revokes.
///
/// Shadow work never enters the reserve, and work that is being ended still counts as shadow until it is over; so
/// authoritative work never waits for speculative work as long as a run stays within what it reserved. Beyond that,
/// authoritative bids revoke shadow work, one victim at a time. Shadow work never pre-empts shadow work.
package struct Scheduler: Sendable {
    package struct Holder: Sendable, Hashable, Comparable {
        package let run: RunID
        package let work: WorkID

        /// In the order in which work began, within a run.
        package static func < (left: Holder, right: Holder) -> Bool {
            (left.work.number, left.run.number) < (right.work.number, right.run.number)
        }
    }

    /// What a run other than the one that bids must be told.
    package enum Notice: Sendable, Hashable {
        /// A slot that the run waited for may be free: bid again.
        case granted(RunID)
        /// This shadow work must end.
        case revoked(Holder)
    }

    private var slots: [Resource: Slots] = [:]
    private var rates: [Resource: RateReserve] = [:]
    private var notices: [Notice] = []
    private var wokenOn: [RunID: OrderedSet<Resource>] = [:]
    /// What a run reserved, waited for, or has to itself.
    private var joined: [RunID: OrderedSet<Resource>] = [:]
    /// Keeps what the run whose step this is was answered, or answers in place of what is known here.
    package var tape = SlotTape()

    /// - Parameter capacities: what is declared or measured. An unknown capacity is 1, so nothing runs ahead there.
    package init(capacities: [Resource: Int] = [:]) {
        for (resource, capacity) in capacities { slots[resource, default: Slots()].capacity = capacity }
    }

    package mutating func setCapacity(_ capacity: Int, of resource: Resource) {
        slots[resource, default: Slots()].capacity = capacity
        if let run = resource.run { joined[run, default: []].append(resource) }
    }

    package func capacity(of resource: Resource) -> Int { slots[resource]?.capacity ?? 1 }

    /// An endpoint has said what is left of its rate limit.
    ///
    /// - Parameter asked: when the request was sent whose response says so, in seconds on the clock of the scheduler; `nil`:
    ///   just now. What was asked since is taken off: the endpoint may not have counted it yet.
    package mutating func learn(_ allowance: Allowance, of resource: Resource, asked: Double? = nil) {
        rates[resource, default: RateReserve()].learn(allowance, asked: asked)
    }

    /// Whether the rate limit of an endpoint, as far as it is known, leaves room for shadow work.
    package mutating func admitsShadow(on resource: Resource, at time: Double) -> Bool {
        tape.admitted(rates[resource]?.admitsShadow(at: time) ?? true)
    }

    /// A request goes out.
    package mutating func asked(on resource: Resource, lane: Lane, at time: Double) {
        rates[resource]?.asked(lane, at: time)
    }

    /// Slots that shadow work could take now.
    package mutating func room(on resource: Resource) -> Int { tape.room(slots[resource]?.room ?? 1) }

    /// A run begins. `reserve` is what its authoritative path uses at most at a time.
    package mutating func join(_ run: RunID, reserving reserve: [Resource: Int]) {
        for (resource, count) in reserve {
            slots[resource, default: Slots()].reserve[run] = count
            slots[resource]?.reserved += count
            joined[run, default: []].append(resource)
        }
    }

    /// A run goes on to use a resource that it had not reserved: one slot for its authoritative path.
    package mutating func extend(_ run: RunID, to resource: Resource) {
        guard slots[resource]?.reserve[run] == nil else { return }
        join(run, reserving: [resource: 1])
    }

    /// A run ends; it must hold nothing any more.
    package mutating func leave(_ run: RunID) {
        for resource in joined.removeValue(forKey: run) ?? [] {
            // Nobody else uses what belongs to the run alone.
            if resource.run == run { slots[resource] = nil }
            slots[resource]?.forget(run)
            wake(resource, except: run)
        }
        wokenOn[run] = nil
    }

    /// Bids for a slot.
    ///
    /// - Parameter value: the worth of shadow work: when something must be revoked, the least goes first.
    package mutating func bid(_ holder: Holder, on resource: Resource, lane: Lane, value: Double) -> Bool {
        if slots[resource] == nil, let run = resource.run { joined[run, default: []].append(resource) }
        if tape.granted(slots[resource, default: Slots()].bid(holder, lane, value)) { return true }
        // Who waits is to be forgotten when it leaves, or a free slot would be kept for it for ever.
        joined[holder.run, default: []].append(resource)
        return false
    }

    /// Chooses shadow work to end so that an active bid that was refused can be granted later.
    ///
    /// - Parameter spared: work of the bidding run that is about to become active itself.
    /// - Returns: the victim, where it belongs to the bidding run; other runs are told by a ``Notice``.
    package mutating func revoke(on resource: Resource, for run: RunID, sparing spared: Set<WorkID>) -> WorkID? {
        tape.revoked(victim(on: resource, for: run, sparing: spared))
    }

    private mutating func victim(on resource: Resource, for run: RunID, sparing spared: Set<WorkID>) -> WorkID? {
        guard let here = slots[resource], here.revoking == nil, here.ending == 0 else { return nil }
        let victims = here.held.filter {
            $0.value.lane == .shadow && !($0.key.run == run && spared.contains($0.key.work))
        }
        let least = victims.min { ($0.value.value, $0.key) < ($1.value.value, $1.key) }
        guard let victim = least?.key else { return nil }
        slots[resource]?.revoking = victim
        if victim.run == run { return victim.work }
        notices.append(.revoked(victim))
        return nil
    }

    package mutating func move(_ holder: Holder, on resource: Resource, to lane: Lane) {
        guard slots[resource]?.move(holder, to: lane) == true else { return }
        guard lane == .active else { return }
        // What became authoritative is no victim any more: another one may be chosen.
        let wasVictim = slots[resource]?.revoking == holder
        if wasVictim { slots[resource]?.revoking = nil }
        wake(resource, except: holder.run, atLeast: wasVictim ? 1 : 0)
    }

    package mutating func release(_ holder: Holder, on resource: Resource) {
        guard slots[resource]?.release(holder) == true else { return }
        wake(resource, except: holder.run)
    }

    /// A run has had its step: what it was told of and did not take goes to the next.
    package mutating func stepped(_ run: RunID) {
        guard !wokenOn.isEmpty else { return }
        for resource in wokenOn.removeValue(forKey: run) ?? [] {
            slots[resource]?.woken.remove(run)
            wake(resource, except: run)
        }
    }

    /// What other runs must be told; asked for after each step.
    package mutating func takeNotices() -> [Notice] {
        defer { notices.removeAll(keepingCapacity: true) }
        return notices
    }

    /// Slots in use on a resource, by lane.
    package func usage(of resource: Resource) -> [Lane: Int] {
        guard let held = slots[resource]?.held else { return [:] }
        return held.values.reduce(into: [:]) { $0[$1.lane, default: 0] += 1 }
    }

    /// Tells as many runs as can be granted a slot now, active bids first, first come first served.
    ///
    /// Who waits for shadow work is told of what shadow work may take only: told of a slot that is reserved, two runs would be
    /// refused, wait again and tell each other of it for ever.
    private mutating func wake(_ resource: Resource, except run: RunID, atLeast: Int = 0) {
        guard slots[resource]?.waiting.isEmpty == false, var here = slots[resource] else { return }
        let active = here.waiting.filter { $0.value == .active }
        var free = active.isEmpty ? here.room : max(atLeast + here.woken.count, here.capacity - here.held.count)
        free -= here.woken.count
        for other in (active.isEmpty ? here.waiting : active).keys where free > 0 {
            here.waiting.removeValue(forKey: other)
            // The run whose step this is bids in it anyway.
            guard other != run else { continue }
            here.woken.insert(other)
            wokenOn[other, default: []].append(resource)
            notices.append(.granted(other))
            free -= 1
        }
        slots[resource] = here
    }
}
