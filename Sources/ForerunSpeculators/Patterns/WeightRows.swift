/// Weights of features that are shared by several classes: one row a feature, one column a class.
///
/// The features of a moment are looked up once, and not once a class.
struct WeightRows: Sendable {
    let rate: Float
    private(set) var numbers = HashTable(capacity: 1 << 10)
    private(set) var keys: [FeatureHash] = []
    /// How many columns a row has room for.
    private(set) var width: Int
    private(set) var weights: [Float] = []
    private(set) var squares: [Float] = []

    init(rate: Float, width: Int = 8) {
        self.rate = rate
        self.width = width
    }

    /// Makes room for `columns` classes.
    mutating func widen(to columns: Int) {
        guard columns > width else { return }
        let wider = max(columns, width * 2)
        var weights: [Float] = []
        var squares: [Float] = []
        weights.reserveCapacity(keys.count * wider)
        squares.reserveCapacity(keys.count * wider)
        for row in 0..<keys.count {
            let range = row * width..<(row + 1) * width
            weights += self.weights[range]
            squares += self.squares[range]
            weights.append(contentsOf: repeatElement(0, count: wider - width))
            squares.append(contentsOf: repeatElement(0, count: wider - width))
        }
        (self.weights, self.squares, width) = (weights, squares, wider)
    }

    /// The sums of the features' weights, a class each.
    func scores(_ features: [FeatureHash]) -> [Float] {
        var sums = [Float](repeating: 0, count: width)
        let width = width
        weights.withUnsafeBufferPointer { weights in
            sums.withUnsafeMutableBufferPointer { sums in
                for feature in features {
                    let row = Int(numbers.find(feature))
                    guard row >= 0 else { continue }
                    let base = row &* width
                    for column in 0..<width { sums[column] += weights[base &+ column] }
                }
            }
        }
        return sums
    }

    /// Learns from one gradient a class; 0: nothing is learnt of that class.
    mutating func update(_ features: [FeatureHash], _ gradients: [Float]) {
        let columns = gradients.indices.filter { gradients[$0] != 0 }
        guard !columns.isEmpty else { return }
        for feature in features {
            let base = row(feature) * width
            weights.withUnsafeMutableBufferPointer { weights in
                squares.withUnsafeMutableBufferPointer { squares in
                    for column in columns {
                        let gradient = gradients[column]
                        let square = squares[base &+ column] + gradient * gradient
                        squares[base &+ column] = square
                        weights[base &+ column] -= rate * gradient / (square + WeightTable.epsilon).squareRoot()
                    }
                }
            }
        }
    }

    private mutating func row(_ feature: FeatureHash) -> Int {
        let (row, isNew) = numbers.findOrInsert(feature, Int32(keys.count))
        if isNew {
            keys.append(feature)
            weights.append(contentsOf: repeatElement(0, count: width))
            squares.append(contentsOf: repeatElement(0, count: width))
        }
        return Int(row)
    }

    /// Puts an entry as it was written down.
    mutating func restore(_ feature: FeatureHash, column: Int, weight: Float, square: Float) {
        let index = row(feature) * width + column
        weights[index] = weight
        squares[index] = square
    }

    /// Every feature with its weights that were learnt, by feature.
    var sorted: [(feature: FeatureHash, entries: [(column: Int, weight: Float, square: Float)])] {
        keys.indices.sorted { keys[$0] < keys[$1] }.map { row in
            let entries = (0..<width).compactMap { column -> (column: Int, weight: Float, square: Float)? in
                let index = row * width + column
                return squares[index] > 0 ? (column, weights[index], squares[index]) : nil
            }
            return (keys[row], entries)
        }
    }
}
