import OrderedCollections

extension SpeculationTree {
    /// Who plays the role in the place of its first model; `nil`: that one still does.
    private func substitute(_ role: String) -> Substitute? {
        guard let number = substituted[role], number > 0 else { return nil }
        return setup.substitutes[role]?[number - 1]
    }

    /// The endpoint whose slots the role takes now.
    func endpoint(of role: String) -> Resource? { substitute(role)?.resource ?? setup.endpoints[role] }

    /// The rate limit that its requests count for.
    func rate(of role: String) -> Resource? {
        guard let substitute = substitute(role) else { return setup.rates[role] ?? setup.endpoints[role] }
        return substitute.rate ?? substitute.resource
    }

    func price(of role: String) -> Price? {
        if let substitute = substitute(role) { substitute.price } else { setup.prices[role] }
    }

    func model(of role: String) -> String? { substitute(role)?.model ?? setup.models[role] }

    func asksAhead(_ role: String) -> Bool {
        setup.policy.mode == .full && substitute(role)?.asksAhead ?? true
    }

    /// The next model takes the role over, for good: that is what the sequential agent does, and requests that change between
    /// models find no prompt cache.
    ///
    /// What was asked ahead of the model before it is forgotten: from now on, the sequential agent asks the next one.
    ///
    /// - Returns: whether there is one.
    mutating func fallBack(_ id: WorkID, _ role: String, after failure: ModelFailure, _ slots: inout Scheduler) -> Bool
    {
        let number = substituted[role] ?? 0
        guard failure.kind.mayFallBack, let list = setup.substitutes[role], list.indices.contains(number) else {
            return false
        }
        let turn = root.turn
        let fallback = Fallback(
            turn: turn, role: role, from: model(of: role) ?? role, to: list[number].model, failure: failure)
        for (key, other) in Array(answers) where key.request.role.name == role && other != id {
            guard let work = works[other], work.lane == .shadow else { continue }
            work.state == .running ? cancel(other, &slots) : forget(answer: other, key)
        }
        barred = barred.filter { key in
            if case .answer(let answer) = key { answer.request.role.name != role } else { true }
        }
        substituted[role] = number + 1
        slots.extend(setup.run, to: list[number].resource)
        fallbacks.append(fallback)
        record(.fellBack(fallback))
        emit(.substitute(role: role, number + 1))
        works[id]?.attempt = 0
        works[id]?.state = .new
        return true
    }
}
