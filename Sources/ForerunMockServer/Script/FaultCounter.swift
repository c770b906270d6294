/// Counts requests and decides which of them meet a fault.
struct FaultCounter: Sendable {
    private var requests = 0
    private var hits: [Int]
    private let faults: [Fault]
    private let seed: StableHash

    /// - Parameter name: seeds the draws, with `seed`.
    init(_ faults: [Fault], seed: Int = 0, name: String = "") {
        self.faults = faults
        hits = Array(repeating: 0, count: faults.count)
        var hash = StableHash(seed: seed)
        hash.combine(name)
        self.seed = hash
    }

    /// The fault that befalls the next request, if any. Of several the first one counts.
    mutating func next(model: String = "", step: Int, dialect: Dialect = .chat) -> Fault? {
        requests += 1
        for (index, fault) in faults.enumerated() {
            let matches =
                switch fault.place {
                case .anywhere: true
                case .step(let at): at == step
                case .request(let first): requests >= first
                }
            guard matches, fault.dialects.isEmpty || fault.dialects.contains(dialect),
                fault.models.isEmpty || fault.models.contains(model), fault.times.map({ hits[index] < $0 }) ?? true,
                draw(index) < fault.probability
            else { continue }
            hits[index] += 1
            return fault
        }
        return nil
    }

    private func draw(_ index: Int) -> Double {
        var hash = seed
        hash.combine(word: UInt64(index))
        hash.combine(word: UInt64(requests))
        var generator = SplitMix64(seed: hash.value)
        return generator.unit()
    }
}
