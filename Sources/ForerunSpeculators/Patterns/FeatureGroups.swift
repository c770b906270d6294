/// Features of one moment, in groups that candidates share.
///
/// Candidates of one source differ in few respects: most of their features are the same, and are weighed once for all of
/// them. Learning likewise takes one step a group, along the sum of its candidates' gradients.
struct FeatureGroups: Sendable {
    private var numbers = HashTable(capacity: 512)
    /// Where each group begins, and where the last one ends.
    private var starts: [Int32] = [0]
    private var features: [FeatureHash] = []
    private(set) var scores: [Float] = []
    private var gradients: [Float] = []
    private var touched: [Int32] = []

    init() {
        features.reserveCapacity(512)
        starts.reserveCapacity(160)
        scores.reserveCapacity(160)
    }

    /// The number of the group of this name; its features are those that `add` appends.
    @inline(__always)
    mutating func number(
        _ name: FeatureHash, _ weights: WeightTable.View, _ add: (inout [FeatureHash]) -> Void
    ) -> Int32 {
        let (number, isNew) = numbers.findOrInsert(name, Int32(truncatingIfNeeded: scores.count))
        if isNew {
            let start = features.count
            add(&features)
            starts.append(Int32(truncatingIfNeeded: features.count))
            scores.append(
                features.withUnsafeBufferPointer { weights.score(UnsafeBufferPointer(rebasing: $0[start...])) })
        }
        return number
    }

    /// `sum`, and the scores of some groups added to it one after the other.
    @inline(__always)
    func sum(_ groups: [Int32], from start: Int, _ sum: Float) -> Float {
        groups.withUnsafeBufferPointer { groups in
            scores.withUnsafeBufferPointer { scores in
                var sum = sum
                for index in start..<groups.count { sum += scores[Int(groups[index])] }
                return sum
            }
        }
    }

    /// Adds to the gradient of some groups.
    @inline(__always)
    mutating func pull(_ groups: ArraySlice<Int32>, _ gradient: Float) {
        if gradients.count < scores.count {
            gradients.append(contentsOf: repeatElement(0, count: scores.count - gradients.count))
        }
        for group in groups {
            if gradients[Int(group)] == 0 { touched.append(group) }
            gradients[Int(group)] += gradient
        }
    }

    /// Lets `weights` learn from the gradients so far, and forgets them; those of less than `least` are passed over.
    mutating func teach(_ weights: inout WeightTable, least: Float) {
        let (features, touched) = (self.features, self.touched)
        features.withUnsafeBufferPointer { features in
            for group in touched {
                let gradient = gradients[Int(group)]
                gradients[Int(group)] = 0
                guard abs(gradient) > least else { continue }
                let range = Int(starts[Int(group)])..<Int(starts[Int(group) + 1])
                weights.update(UnsafeBufferPointer(rebasing: features[range]), gradient)
            }
        }
        self.touched.removeAll(keepingCapacity: true)
    }

    /// For the next moment.
    mutating func removeAll() {
        numbers.removeAll()
        starts.removeAll(keepingCapacity: true)
        starts.append(0)
        features.removeAll(keepingCapacity: true)
        scores.removeAll(keepingCapacity: true)
        gradients.removeAll(keepingCapacity: true)
        touched.removeAll(keepingCapacity: true)
    }
}
