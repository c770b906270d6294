import ForerunCore

extension PatternModel {
    /// Derivations that are tried, and values in all.
    private static let derivationLimit = 6
    private static let candidateLimit = 24
    /// Calls with an argument until names alone are no longer tried.
    private static let coldCalls = 3

    /// The values that an argument may get, by derivations that have explained it before.
    func candidates(_ run: RunIndex, _ knowledge: Int?, argument: String) -> [Candidate] {
        var result: [Candidate] = []
        result.reserveCapacity(Self.candidateLimit + RunIndex.valuesPerSource)
        func add(
            _ hash: FeatureHash, _ number: Int32, _ occurrence: Occurrence, _ value: JSON?, _ origin: Candidate.Origin
        ) {
            for index in result.indices where result[index].hash == hash {
                return result[index].occurrences.append(occurrence)
            }
            var candidate = Candidate(
                hash: hash, number: number, value: value, occurrences: Occurrences(), origin: origin)
            candidate.occurrences.append(occurrence)
            result.append(candidate)
        }
        func addLatest(_ source: FeatureHash, _ origin: Candidate.Origin) {
            run.forEachLatest(source, RunIndex.valuesPerSource) { occurrence in
                add(run.values[Int(occurrence.value)].hash, occurrence.value, occurrence, nil, origin)
            }
        }
        if let knowledge {
            for index in arguments[knowledge].best(Self.derivationLimit) {
                let origin = Candidate.Origin.derivation(Int32(index))
                if arguments[knowledge].derivations[index].isPlain {
                    addLatest(arguments[knowledge].derivations[index].hash, origin)
                } else {
                    for yield in run.yields(of: arguments[knowledge].derivations[index].derivation) {
                        add(yield.hash, yield.number, yield.occurrence, yield.value, origin)
                    }
                }
                if result.count >= Self.candidateLimit { break }
            }
        }
        if knowledge.map({ arguments[$0].total < Self.coldCalls }) ?? true {
            for source in run.related(to: argument) {
                addLatest(source.hash, .source(run.sourceNumbers.find(source.hash)))
                if result.count >= Self.candidateLimit { break }
            }
        }
        if let knowledge {
            for number in arguments[knowledge].offered {
                let constant = arguments[knowledge].constants[Int(number)]
                guard !result.contains(where: { $0.hash == constant.hash }) else { continue }
                result.append(
                    Candidate(
                        hash: constant.hash, number: run.valueNumbers.find(constant.hash), value: constant.value,
                        occurrences: Occurrences(), origin: .constant))
            }
        }
        return result
    }
}

extension ArgumentKnowledge {
    /// The derivations that were right most of the time, the best first; of equals the one first learnt.
    ///
    /// Those that yield nothing in the current run count too, so that rare ones do not get in for lack of better ones.
    func best(_ limit: Int) -> [Int] {
        var best: [(index: Int, share: Float)] = []
        best.reserveCapacity(limit + 1)
        for (index, known) in derivations.enumerated() {
            let share = Float(known.hits) / (Float(known.there) + 2)
            guard best.count < limit || share > best[best.count - 1].share else { continue }
            let place = best.firstIndex { $0.share < share } ?? best.count
            best.insert((index, share), at: place)
            if best.count > limit { best.removeLast() }
        }
        return best.map(\.index)
    }
}

extension RunIndex {
    /// Sources that fit an argument by name, the same names first, then words of the user, then whole text outputs.
    func related(to argument: String) -> [ValueSource] {
        let wanted = Self.singular(argument)
        var fits: [(place: Int, source: ValueSource)] = []
        for entry in sources {
            var field: [UInt8] = []
            if entry.source.kind == .output || entry.source.kind == .argument, entry.last >= 0 {
                let number = occurrences[Int(entry.last)].field
                if number >= 0 { field = Self.singular(fields[Int(number)]) }
            }
            if !field.isEmpty, field == wanted {
                fits.append((0, entry.source))
            } else if field.count > 2 && (Bytes.contains(field, in: wanted) || Bytes.contains(wanted, in: field))
                || !field.isEmpty && field.suffix(2) == Array("id".utf8)[...] && wanted.suffix(2) == field.suffix(2)
            {
                fits.append((1, entry.source))
            } else if entry.source.kind == .user, !["cap", "n0", "n1"].contains(entry.source.path) {
                fits.append((2, entry.source))
            } else if entry.source.kind == .output, entry.source.path.isEmpty {
                fits.append((3, entry.source))
            }
        }
        return (0...3).flatMap { place in fits.lazy.filter { $0.place == place }.map(\.source) }
    }

    private static func singular(_ name: String) -> [UInt8] {
        var bytes = Array(name.lowercased().utf8)
        while bytes.last == UInt8(ascii: "s") { bytes.removeLast() }
        return bytes
    }
}
