import ForerunCore
import OrderedCollections

extension RunIndex {
    /// The occurrences of a value, the latest first.
    @inline(__always)
    func forEachOccurrence(of number: Int32, limit: Int = .max, _ body: (Occurrence) -> Void) {
        guard number >= 0 else { return }
        var next = values[Int(number)].last
        var left = limit
        while next >= 0, left > 0 {
            let occurrence = occurrences[Int(next)]
            body(occurrence)
            next = occurrence.previousOfValue
            left -= 1
        }
    }

    private func sources(of hash: FeatureHash) -> [ValueSource] {
        var numbers: [Int32] = []
        forEachOccurrence(of: valueNumbers.find(hash)) { occurrence in
            if !numbers.contains(occurrence.source) { numbers.append(occurrence.source) }
        }
        return numbers.sorted().map { sources[Int($0)].source }
    }

    /// All derivations that yield `value` now, in an order that does not depend on the process.
    func derivations(of value: JSON, _ hash: FeatureHash) -> [Derivation] {
        let plain = sources(of: hash)
        var result = plain.map { Derivation(.plain, $0) }
        switch value {
        case .string(let text): addTexts(text, plain, &result)
        case .array(let elements):
            guard let first = elements.first else { return result }
            if case .object(let members) = first {
                addCuts(elements, members.keys.sorted(), &result)
            } else {
                for source in sources(of: ValueHash.of(first)) {
                    if elements.count == 1 { result.append(Derivation(.one, source)) }
                    for form in [Derivation.Form.all, .pick] {
                        let derivation = Derivation(form, source)
                        if yields(of: derivation).contains(where: { $0.hash == hash }) { result.append(derivation) }
                    }
                }
            }
        default: break
        }
        return result
    }

    private func addTexts(_ text: String, _ plain: [ValueSource], _ result: inout [Derivation]) {
        let length = text.utf8.count
        if length == 10, let year, text.hasPrefix(year + "-"),
            sources(of: ValueHash.string(Naming.name(String(text.dropFirst(5))))).contains(.day)
        {
            result.append(Derivation(.year, .day))
        }
        guard (4...40).contains(length), text.utf8.allSatisfy({ $0 < 128 }),
            !plain.contains(where: { $0.kind == .user || $0.kind == .output || $0.kind == .key })
        else { return }
        for count in 1...3 {
            let rest = ValueHash.string(Naming.name(String(text.dropFirst(count))))
            for source in sources(of: rest) where source.kind == .user {
                result.append(Derivation(.affix(String(text.prefix(count))), source))
            }
        }
    }

    private func addCuts(_ elements: [JSON], _ names: [String], _ result: inout [Derivation]) {
        let hashes = elements.map(ValueHash.of)
        for list in objects.suffix(120) {
            let number = sourceNumbers.find(list.source)
            let cut = Self.cutHashes(list.values, names)
            guard number >= 0, !cut.isEmpty else { continue }
            let source = sources[Int(number)].source
            var found: [Derivation] = []
            if elements.count == 1, cut.contains(hashes[0]) { found.append(Derivation(.cutOne(names), source)) }
            if cut == hashes { found.append(Derivation(.cutAll(names), source)) }
            for derivation in found where !result.contains(where: { $0.hash == derivation.hash }) {
                result.append(derivation)
            }
        }
    }
}
