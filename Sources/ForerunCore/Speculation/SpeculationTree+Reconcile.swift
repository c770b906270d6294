import OrderedCollections

extension SpeculationTree {
    /// Holds what is wanted against what runs: ends, promotes, starts.
    mutating func reconcile(_ slots: inout Scheduler) {
        for (key, item) in wants where item.want.isActive {
            guard let work = work(for: key) else { continue }
            mark(work.id)
            work.execution.rival.map { mark($0) }
        }
        endUnwanted(&slots)
        isShort = false
        guard !isFinished, !wants.isEmpty else { return }
        // What runs already is promoted first, so that it is no victim of what follows.
        for (key, item) in wants where item.want.isActive && isRunningAhead(key) {
            start(key, item.recipe, nil, nil, &slots)
        }
        for (key, item) in wants where item.want.isActive { start(key, item.recipe, nil, nil, &slots) }
        startAhead(&slots)
    }

    /// Starts what is wanted ahead, as far as there are slots; what is worth most goes first.
    mutating func startAhead(_ slots: inout Scheduler) {
        var bids: [(worth: Double, place: Int)] = []
        for (place, item) in wants.values.enumerated() {
            if case .shadow(let worth) = item.want { bids.append((worth, place)) }
        }
        bids.sort { ($0.worth, $1.place) > ($1.worth, $0.place) }
        for bid in bids {
            let (key, item) = wants.elements[bid.place]
            if work(for: key) == nil, !barred.contains(key) { start(key, item.recipe, bid.worth, item.source, &slots) }
        }
    }

    /// Work that runs, or whose result is there, is wanted.
    mutating func mark(_ id: WorkID) { works[id]?.wanted = tick }

    private mutating func endUnwanted(_ slots: inout Scheduler) {
        for id in Array(live) where isUnwanted(id, .running) && works[id]?.lane == .shadow {
            works[id]?.executionKey == nil ? cancel(id, &slots) : drop(id, barring: false, &slots)
        }
        for id in Array(forkOwners) where isUnwanted(id, .done) { drop(id, barring: false, &slots) }
    }

    private func isUnwanted(_ id: WorkID, _ state: Work.State) -> Bool {
        works[id]?.state == state && works[id]?.wanted != tick
    }

    func work(for key: WorkKey) -> Work? {
        switch key {
        case .answer(let answer): answers[answer].flatMap { works[$0] }
        case .execution(let execution): executions[execution].flatMap { works[$0] }
        case .prediction: predictions[key].flatMap { works[$0] }
        }
    }

    private func isRunningAhead(_ key: WorkKey) -> Bool {
        work(for: key).map { $0.state == .running && $0.lane == .shadow } ?? false
    }

    /// Starts wanted work where it does not run, or promotes it where it does.
    ///
    /// - Parameters:
    ///   - worth: `nil` for authoritative work.
    ///   - source: whose guess it comes from.
    private mutating func start(
        _ key: WorkKey, _ recipe: Recipe, _ worth: Double?, _ source: String?, _ slots: inout Scheduler
    ) {
        let old = work(for: key)
        let lane: Lane = worth == nil ? .active : .shadow
        if let old {
            switch old.state {
            case .running:
                if old.lane == .shadow, lane == .active { makeActive(old, recipe, &slots) }
                return
            case .backingOff, .ending, .done: return
            case .new: break
            }
        }
        let cost = lane == .shadow ? greatestCost(of: recipe, key) : nil
        if let cost, rules.costIsReserved, !ledger.admits(cost, limit: setup.policy.maxExtraCost) {
            isShort = true
            return
        }
        let id = WorkID(nextNumber)
        let resource = resource(for: recipe, key)
        if lane == .shadow, let resource {
            let isQuiet = quietUntil[resource].map { now < $0 } ?? false
            let rate = isQuiet ? nil : rate(for: recipe, key)
            if isQuiet || rate.map({ !slots.admitsShadow(on: $0, at: setup.epoch + now) }) ?? false {
                isShort = true
                return
            }
        }
        if let resource, !slots.bid(holder(id), on: resource, lane: lane, value: worth ?? 1) {
            isShort = true
            if lane == .active { revoke(on: resource, &slots) }
            return
        }
        nextNumber += 1
        let work = Work(
            id: id, kind: key.kind, resource: resource, source: source, lane: lane, attempt: old?.attempt ?? 0,
            firstStart: old?.firstStart ?? now, start: now, tick: tick)
        if let old { works[old.id] = nil }
        live.append(id)
        if let cost { ledger.reserve(cost, for: id) }
        switch (key, recipe) {
        case (.answer(let answer), .ask(let request)):
            answers[answer] = id
            works[id] = work
            if let rate = rate(for: recipe, key) { slots.asked(on: rate, lane: lane, at: setup.epoch + now) }
            if lane == .shadow { statistics.askedAhead += 1 }
            record(.asked(work: id.number, turn: answer.turn, lane: lane, attempt: work.attempt))
            emit(.ask(id, request, lane: lane, attempt: work.attempt, isWatched: setup.policy.runsAhead))
        case (.execution(let execution), .perform(let call, let world)):
            executions[execution] = id
            if lane == .shadow { statistics.performedAhead += 1 }
            perform(work, call, in: world)
        case (.prediction(_, let speculator), .predict(let context)):
            predictions[key] = id
            works[id] = work
            if let rate = rate(for: recipe, key) { slots.asked(on: rate, lane: lane, at: setup.epoch + now) }
            emit(.predict(id, speculator: speculator, context))
        default: break
        }
    }

    private mutating func perform(_ new: Work, _ call: JudgedCall, in world: WorldID) {
        var work = new
        work.execution.call = call
        work.execution.isRestricted = work.lane == .shadow && (call.traits?.isRestrictedAhead ?? false)
        var place = world
        if call.traits?.effect == .contained {
            place =
                rules.worldBelongsToExecution
                ? WorldID(work.id.number) : WorldID(-(abs(call.identity.hashValue) % 997) - 1)
            work.execution.child = place
            work.execution.ownsFork = true
            forkOwners.append(work.id)
            emit(.fork(place, from: world))
            record(.forked(world: place.number, from: world.number, work: work.id.number))
        }
        works[work.id] = work
        record(
            .performed(
                work: work.id.number, call: call.call, world: place.number, lane: work.lane,
                effect: call.traits?.effect))
        emit(
            .perform(
                work.id, call.call, in: place, lane: work.lane, isRestricted: work.execution.isRestricted,
                attempt: work.attempt))
    }

    func resource(for recipe: Recipe, _ key: WorkKey) -> Resource? {
        switch recipe {
        case .ask(let request): endpoint(of: request.role.name)
        case .perform(let call, _): .tool(call.call.name, call.traits?.effect ?? .external, of: setup.run)
        case .predict:
            if case .prediction(_, let speculator) = key { setup.speculators[speculator].resource } else { nil }
        }
    }

    /// The rate limit that a request counts for; `nil`: it is no request.
    private func rate(for recipe: Recipe, _ key: WorkKey) -> Resource? {
        switch recipe {
        case .ask(let request): return rate(of: request.role.name)
        case .perform: return nil
        case .predict:
            guard case .prediction(_, let number) = key else { return nil }
            let speculator = setup.speculators[number]
            return setup.rates[speculator.source] ?? speculator.resource
        }
    }

    // MARK: - Promotion

    private mutating func makeActive(_ work: Work, _ recipe: Recipe, _ slots: inout Scheduler) {
        promote(work.id, &slots)
        guard rules.hedges, work.execution.isRestricted, !setup.policy.canLiftRestrictions,
            work.execution.rival == nil, case .perform(let call, let world) = recipe
        else { return }
        hedge(work, call, in: world, &slots)
    }

    mutating func promote(_ id: WorkID, _ slots: inout Scheduler) {
        guard let work = works[id] else { return }
        works[id]?.wasAhead = true
        if work.promotion == nil { works[id]?.promotion = now }
        // What cannot be freed of its restriction stays in the shadow lane, beside its hedge.
        if work.execution.isRestricted, work.state == .running, !setup.policy.canLiftRestrictions { return }
        works[id]?.lane = .active
        works[id]?.execution.isRestricted = false
        if work.state == .running, let resource = work.resource { slots.move(holder(id), on: resource, to: .active) }
        ledger.unreserve(id)
        record(.promoted(work: id.number))
        emit(.promote(id))
    }

    /// The real execution starts at once beside the restricted one; the first untainted result is taken.
    private mutating func hedge(_ work: Work, _ call: JudgedCall, in world: WorldID, _ slots: inout Scheduler) {
        let id = WorkID(nextNumber)
        guard let resource = work.resource else { return }
        guard slots.bid(holder(id), on: resource, lane: .active, value: 1) else { return }
        nextNumber += 1
        var real = Work(
            id: id, kind: work.kind, resource: resource, lane: .active, attempt: work.attempt, firstStart: now,
            start: now, tick: tick)
        real.execution.rival = work.id
        real.execution.isHedge = true
        works[work.id]?.execution.rival = id
        live.append(id)
        statistics.hedged += 1
        perform(real, call, in: world)
    }

    /// Makes room for authoritative work, one victim at a time.
    private mutating func revoke(on resource: Resource, _ slots: inout Scheduler) {
        var spared: Set<WorkID> = []
        for (key, item) in wants where item.want.isActive {
            if let id = work(for: key)?.id { spared.insert(id) }
        }
        guard let victim = slots.revoke(on: resource, for: setup.run, sparing: spared) else { return }
        statistics.revoked += 1
        guard let work = works[victim] else { return }
        work.executionKey == nil ? cancel(victim, &slots) : drop(victim, barring: false, &slots)
    }
}

extension SpeculationTree.Want {
    var isActive: Bool {
        if case .active = self { true } else { false }
    }
}

extension SpeculationTree.WorkKey {
    var kind: Work.Kind {
        switch self {
        case .answer(let key): .answer(key)
        case .execution(let key): .execution(key)
        case .prediction(let transcript, let speculator): .prediction(transcript, speculator: speculator)
        }
    }
}

extension Work {
    var key: SpeculationTree.WorkKey {
        switch kind {
        case .answer(let key): .answer(key)
        case .execution(let key): .execution(key)
        case .prediction(let transcript, let speculator): .prediction(transcript, speculator: speculator)
        }
    }
}
