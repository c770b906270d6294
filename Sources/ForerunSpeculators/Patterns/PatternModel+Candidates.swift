import ForerunCore

extension PatternModel {
    /// Values in all that are tried, not counting constants.
    private static let candidateLimit = 24
    /// Calls with an argument until names alone are no longer tried.
    private static let coldCalls: Float = 3

    /// Adds the values that an argument may get, by derivations that have explained it before.
    func addCandidates(_ run: RunIndex, _ view: RunView, argument: String, to ranking: inout Ranking) {
        func addLatest(_ source: FeatureHash, _ origin: Candidate.Origin) {
            view.forEachLatest(source, RunIndex.valuesPerSource) { place in
                let number = view.occurrences[Int(place)].value
                ranking.add(view.values[Int(number)].hash, number, place, origin)
            }
        }
        let bindsLate = !omitted.contains(.lateBinding)
        if bindsLate, let knowledge = ranking.knowledge {
            for index in arguments[knowledge].best {
                let origin = Candidate.Origin.derivation(index)
                if arguments[knowledge].derivations[Int(index)].isPlain {
                    addLatest(arguments[knowledge].derivations[Int(index)].hash, origin)
                } else {
                    for yield in run.yields(of: arguments[knowledge].derivations[Int(index)].derivation) {
                        ranking.add(yield, origin)
                    }
                }
                if ranking.candidates.count >= Self.candidateLimit { break }
            }
        }
        if bindsLate, ranking.knowledge.map({ arguments[$0].calls < Self.coldCalls }) ?? true {
            for source in run.related(to: argument) {
                addLatest(source.hash, .source(run.sourceNumbers.find(source.hash)))
                if ranking.candidates.count >= Self.candidateLimit { break }
            }
        }
        guard let knowledge = ranking.knowledge else { return }
        for number in arguments[knowledge].offered {
            let constant = arguments[knowledge].constants[Int(number)].hash
            guard !ranking.candidates.contains(where: { $0.hash == constant }) else { continue }
            ranking.candidates.append(
                Candidate(
                    hash: constant, number: run.valueNumbers.find(constant), own: -1, origin: .constant(number)))
        }
    }

    func value(of candidate: Candidate, in ranking: Ranking, _ run: RunIndex) -> JSON {
        if candidate.number >= 0 { return run.values[Int(candidate.number)].value }
        if candidate.own >= 0 { return ranking.values[Int(candidate.own)] }
        if case .constant(let number) = candidate.origin, let knowledge = ranking.knowledge {
            return arguments[knowledge].constants[Int(number)].value ?? .null
        }
        guard let derivation = derivation(of: candidate, in: ranking, run) else { return .null }
        return run.value(candidate.hash, of: derivation)
    }

    func derivation(of candidate: Candidate, in ranking: Ranking, _ run: RunIndex) -> Derivation? {
        switch candidate.origin {
        case .constant: nil
        case .derivation(let number): ranking.knowledge.map { arguments[$0].derivations[Int(number)].derivation }
        case .source(let number): Derivation(.plain, run.sources[Int(number)].source)
        }
    }
}

extension Ranking {
    /// Adds an occurrence of the index.
    @inline(__always)
    fileprivate mutating func add(
        _ hash: FeatureHash, _ number: Int32, _ place: Int32, _ origin: Candidate.Origin
    ) {
        if let index = candidates.firstIndex(where: { $0.hash == hash }) {
            return candidates[index].occurrences.append(place)
        }
        var candidate = Candidate(hash: hash, number: number, own: -1, origin: origin)
        candidate.occurrences.append(place)
        candidates.append(candidate)
    }

    /// Adds what a derivation made of occurrences.
    fileprivate mutating func add(_ yield: Yield, _ origin: Candidate.Origin) {
        made.append(yield.occurrence)
        let place = Int32(-1 - made.count)
        if let index = candidates.firstIndex(where: { $0.hash == yield.hash }) {
            return candidates[index].occurrences.append(place)
        }
        if let value = yield.value { values.append(value) }
        var candidate = Candidate(
            hash: yield.hash, number: yield.number, own: yield.value == nil ? -1 : Int32(values.count - 1),
            origin: origin)
        candidate.occurrences.append(place)
        candidates.append(candidate)
    }
}

extension RunIndex {
    /// Sources that fit an argument by name, the same names first, then words of the user, then whole text outputs.
    func related(to argument: String) -> [ValueSource] {
        let wanted = Self.singular(argument)
        let fits = fieldStems.map { Self.fit($0, wanted) }
        var found: [[ValueSource]] = [[], [], [], []]
        for entry in sources {
            let kind = entry.source.kind
            var field = -1
            if kind == .output || kind == .argument, entry.last >= 0 {
                field = Int(occurrences[Int(entry.last)].field)
            }
            if field >= 0, fits[field] < 2 {
                found[fits[field]].append(entry.source)
            } else if kind == .user, !["cap", "n0", "n1"].contains(entry.source.path) {
                found[2].append(entry.source)
            } else if kind == .output, entry.source.path.isEmpty {
                found[3].append(entry.source)
            }
        }
        return found.flatMap(\.self)
    }

    /// 0: the same name; 1: one is in the other, or both are ids; 2: neither.
    private static func fit(_ field: [UInt8], _ wanted: [UInt8]) -> Int {
        if !field.isEmpty, field == wanted { return 0 }
        if field.count > 2, Bytes.contains(field, in: wanted) || Bytes.contains(wanted, in: field) { return 1 }
        let ending = Array("id".utf8)
        return field.suffix(2).elementsEqual(ending) && wanted.suffix(2).elementsEqual(ending) ? 1 : 2
    }

    static func singular(_ name: String) -> [UInt8] {
        var bytes = Array(name.lowercased().utf8)
        while bytes.last == UInt8(ascii: "s") { bytes.removeLast() }
        return bytes
    }
}
