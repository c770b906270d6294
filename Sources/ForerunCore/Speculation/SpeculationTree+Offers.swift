import OrderedCollections

extension SpeculationTree {
    /// An answer ahead is wanted if it is worth it; one that is asked for already, as long as it may come true.
    mutating func wantAnswer(
        _ key: AnswerKey, _ request: ModelRequest, _ here: Outlook, _ latency: LatencyEstimate, running: WorkID?,
        _ slots: inout Scheduler
    ) {
        if let running {
            admission.keeps(probability: here.probability, depth: here.depth) ? mark(running) : noteUnkept(running)
            return
        }
        if barred.contains(.answer(key)) { return }
        var offer = Offer(.answer, probability: here.probability, depth: here.depth)
        offer.seconds = latency.overlap(with: here.seconds)
        offer.slotSeconds = latency.mean
        offer.turnSeconds = latency.mean
        let most = request.role.options.maxTokens ?? Self.mostOutput
        let input = inputEstimate(request)
        let usage = estimates.usage(role: request.role.name, input: input, mostOutput: most)
        offer.cost = inTurns(cost(usage, of: request))
        offer.pressure = pressure(of: cost(Usage(input: input, output: most), of: request))
        offer.room = room(on: endpoint(of: request.role.name), &slots)
        guard let worth = admission.worth(offer) else { return }
        want(.answer(key), worth, .ask(request), from: here.source)
    }

    /// The same for a call.
    ///
    /// - Parameters:
    ///   - before: seconds until the real path is expected to need it.
    ///   - running: the work, where it exists.
    ///   - isCertain: the turn is known; only whether the path comes there is not.
    ///   - source: whose guess it is.
    /// - Returns: whether it is wanted.
    mutating func wantExecution(
        _ key: ExecutionKey, _ call: JudgedCall, in world: WorldID, probability: Double, depth: Int, before: Double,
        running: WorkID?, isCertain: Bool, source: String?, _ slots: inout Scheduler
    ) -> Bool {
        if let running {
            guard isCertain || admission.keeps(probability: probability, depth: depth) else {
                noteUnkept(running)
                return false
            }
            mark(running)
            return true
        }
        let recipe = Recipe.perform(call, in: world)
        let latency = estimates.latency(.tool(call.call.name))
        var offer = Offer(.execution, probability: probability, depth: depth)
        offer.seconds = latency.overlap(with: before)
        offer.slotSeconds = latency.mean
        offer.room = room(on: resource(for: recipe, .execution(key)), &slots)
        guard let worth = admission.worth(offer) else { return false }
        want(.execution(key), worth, recipe, from: source)
        return true
    }

    /// Speculators are asked about a position if what they are likely to guess is worth it.
    mutating func wantPredictions(_ here: Outlook, _ request: ModelRequest, _ slots: inout Scheduler) {
        let transcript = here.position.transcript
        for (index, speculator) in setup.speculators.enumerated() {
            let key = WorkKey.prediction(transcript, speculator: index)
            if let running = predictions[key] {
                admission.keeps(probability: here.probability, depth: here.depth + 1)
                    ? mark(running) : noteUnkept(running)
                continue
            }
            guard mayGuess(speculator.source) else { continue }
            let latency = estimates.latency(.prediction(source: speculator.source))
            let turn = estimates.latency(latencyKind(of: request)).mean
            let tool = estimates.latency(.anyTool).mean
            var offer = Offer(.prediction, probability: here.probability, depth: here.depth + 1)
            // What comes of a guess: its calls, and the next answer.
            let enabled = tool + (setup.policy.mode == .tools ? 0 : turn)
            offer.seconds =
                ensemble.calibration.coverage(of: voice(of: index, at: transcript), width: setup.policy.width)
                * min(enabled, latency.lead(before: here.seconds))
            offer.turnSeconds = turn
            if let resource = speculator.resource {
                offer.slotSeconds = latency.mean
                let requests = max(1, setup.requests[speculator.source] ?? 1)
                let usage = Usage(input: requests * inputEstimate(request), output: requests * Self.usualGuesses)
                offer.cost = inTurns(cost(usage, ofSpeculator: index))
                let most = greatestUsage(request, ofSpeculator: index)
                offer.pressure = pressure(of: cost(most, ofSpeculator: index))
                offer.room = room(on: resource, &slots)
            }
            guard let worth = admission.worth(offer) else { continue }
            let context = SpeculationContext(
                request: request, turnNumber: transcript.turns, width: setup.policy.width)
            want(key, worth, .predict(context), from: speculator.source)
        }
    }

    private mutating func want(_ key: WorkKey, _ worth: Double, _ recipe: Recipe, from source: String?) {
        switch wants[key]?.want {
        case .active: return
        case .shadow(let old) where old >= worth: return
        case .shadow, nil: wants[key] = (.shadow(worth), recipe, source)
        }
    }

    // MARK: - Estimates

    /// Tokens of a small model's guesses.
    private static let usualGuesses = 150

    func latencyKind(of request: ModelRequest) -> Estimates.Kind {
        .answer(
            endpoint(of: request.role.name), role: request.role.name,
            bytes: request.role.instructions.utf8.count + request.transcript.size)
    }

    /// A cost as a multiple of what a turn of this run costs.
    func inTurns(_ cost: Cost) -> Double {
        guard ledger.answers > 0, ledger.cost.weight > 0 else { return 1 }
        return cost.weight * Double(ledger.answers) / ledger.cost.weight
    }

    /// How far the limit of extra cost would be used up with work that may cost `next`.
    private func pressure(of next: Cost) -> Double {
        ledger.pressure(of: next, limit: setup.policy.maxExtraCost)
    }

    private func room(on resource: Resource?, _ slots: inout Scheduler) -> Int? {
        guard let resource else { return nil }
        return slots.room(on: resource)
    }
}
