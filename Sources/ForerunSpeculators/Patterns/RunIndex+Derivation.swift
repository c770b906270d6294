import ForerunCore
import OrderedCollections

/// What a derivation yields: a value, and where it was found.
struct Yield {
    let hash: FeatureHash
    /// -1 where the value is not in the index by itself.
    var number: Int32 = -1
    var value: JSON?
    let occurrence: Occurrence
}

extension RunIndex {
    /// The most values of a source that are tried.
    static let valuesPerSource = 16
    private static let objectsLimit = 120

    /// The latest occurrences of a source, oldest first.
    func latest(_ source: FeatureHash, _ limit: Int) -> [Occurrence] {
        let number = sourceNumbers.find(source)
        guard number >= 0 else { return [] }
        var result: [Occurrence] = []
        result.reserveCapacity(limit)
        var next = sources[Int(number)].last
        while next >= 0, result.count < limit {
            result.append(occurrences[Int(next)])
            next = occurrences[Int(next)].previousOfSource
        }
        result.reverse()
        return result
    }

    /// The value of this hash that `derivation` yields.
    func value(_ hash: FeatureHash, of derivation: Derivation) -> JSON {
        guard case .cutOne(let names) = derivation.form else {
            guard case .cutAll(let names) = derivation.form else { return .null }
            return cuts(derivation.source.hash, names).lazy.map { JSON.array(Self.cut($0.objects, names)) }
                .first { ValueHash.of($0) == hash } ?? .null
        }
        return cuts(derivation.source.hash, names).lazy.flatMap { Self.cut($0.objects, names) }.map { JSON.array([$0]) }
            .first { ValueHash.of($0) == hash } ?? .null
    }

    /// What `derivation` yields now, the latest last.
    func yields(of derivation: Derivation) -> [Yield] {
        let source = derivation.source.hash
        switch derivation.form {
        case .plain:
            return latest(source, Self.valuesPerSource).map {
                Yield(hash: values[Int($0.value)].hash, number: $0.value, occurrence: $0)
            }
        case .affix(let prefix): return texts(source, 12, prefix: prefix)
        case .year: return year.map { texts(source, 8, prefix: $0 + "-") } ?? []
        case .one:
            return groups(of: source, byEvent: false).flatMap { group in group.map { list([$0]) } }
        case .all: return groups(of: source, byEvent: false).map { list($0) }
        case .pick:
            return groups(of: source, byEvent: true).compactMap { group in
                let picked = spokenOf(group)
                return picked.count > 1 ? list(picked) : nil
            }
        case .cutOne(let names):
            return cuts(source, names).flatMap { _, hashes, event in
                hashes.prefix(12).enumerated().map { rank, hash in
                    made([hash], derivation, event, rank: rank, count: hashes.count)
                }
            }
        case .cutAll(let names):
            return cuts(source, names).map { _, hashes, event in made(hashes, derivation, event, rank: 0, count: 1) }
        }
    }

    private func texts(_ source: FeatureHash, _ limit: Int, prefix: String) -> [Yield] {
        latest(source, limit).compactMap { occurrence in
            guard case .string(let text) = values[Int(occurrence.value)].value else { return nil }
            let hash = ValueHash.string(Naming.name(text, after: Naming.name(prefix)))
            let number = valueNumbers.find(hash)
            return Yield(
                hash: hash, number: number, value: number < 0 ? .string(prefix + text) : nil, occurrence: occurrence)
        }
    }

    private func groups(of source: FeatureHash, byEvent: Bool) -> ArraySlice<[Occurrence]> {
        var groups: [[Occurrence]] = []
        for occurrence in latest(source, 40) {
            // The occurrences of one source are in order of events.
            if let last = groups.last?.first, last.event == occurrence.event {
                groups[groups.count - 1].append(occurrence)
            } else {
                groups.append([occurrence])
            }
        }
        return groups.suffix(4)
    }

    private func list(_ group: [Occurrence]) -> Yield {
        let hash = ValueHash.array(group.lazy.map { values[Int($0.value)].hash })
        let number = valueNumbers.find(hash)
        let value: JSON? = number < 0 ? .array(group.map { values[Int($0.value)].value }) : nil
        return Yield(hash: hash, number: number, value: value, occurrence: group[0])
    }

    /// Those whose object has a word of its own that was just said.
    private func spokenOf(_ group: [Occurrence]) -> [Occurrence] {
        var counts: [Int32: Int] = [:]
        for occurrence in group where occurrence.owner >= 0 {
            forEachWord(of: occurrence.owner) { word in counts[word, default: 0] += 1 }
        }
        return group.filter { occurrence in
            var isSpokenOf = false
            forEachWord(of: occurrence.owner) { word in
                let said = words[Int(word)].said
                if counts[word] == 1, !said.isDisjoint(with: [.userLast, .assistantLast]) { isSpokenOf = true }
            }
            return isSpokenOf
        }
    }

    @inline(__always)
    func forEachWord(of owner: Int32, _ body: (Int32) -> Void) {
        guard owner >= 0 else { return }
        var next = owners[Int(owner)].head
        while next >= 0 {
            let entry = ownerWords[Int(next)]
            body(entry.word)
            next = entry.next
        }
    }

    /// The lists of a source with the hashes of their objects, cut to members; objects that lack one are left out.
    private func cuts(
        _ source: FeatureHash, _ names: [String]
    ) -> [(objects: [JSON], hashes: [FeatureHash], event: Int32)] {
        objects.suffix(Self.objectsLimit).compactMap { list in
            guard list.source == source else { return nil }
            let hashes = Self.cutHashes(list.values, names)
            return hashes.isEmpty ? nil : (list.values, hashes, list.event)
        }
    }

    /// The hashes of the objects that ``cut(_:_:)`` makes.
    static func cutHashes(_ values: [JSON], _ names: [String]) -> [FeatureHash] {
        values.compactMap { value in
            guard case .object(let members) = value else { return nil }
            var sum: FeatureHash = 0
            for name in names {
                guard let member = members[name] else { return nil }
                sum &+= ValueHash.member(name, member)
            }
            return ValueHash.object(sum)
        }
    }

    static func cut(_ values: [JSON], _ names: [String]) -> [JSON] {
        values.compactMap { value in
            guard case .object(let members) = value else { return nil }
            var kept: [(String, JSON)] = []
            for name in names {
                guard let member = members[name] else { return nil }
                kept.append((name, member))
            }
            return JSON(members: kept)
        }
    }

    private func made(
        _ objects: [FeatureHash], _ derivation: Derivation, _ event: Int32, rank: Int, count: Int
    ) -> Yield {
        let hash = ValueHash.array(objects)
        let number = valueNumbers.find(hash)
        let occurrence = Occurrence(
            source: -1, sourceHash: derivation.hash, kind: .output, value: number, event: event, rank: Int32(rank),
            count: Int32(count), owner: -1, field: -1)
        return Yield(hash: hash, number: number, occurrence: occurrence)
    }
}
