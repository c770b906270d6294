/// Weights of features that are shared by several classes: one row a feature, which holds the classes that it has a weight
/// for. A feature of one agent has none for the tools of others.
///
/// The features of a moment are looked up once, and not once a class.
struct WeightRows: Sendable {
    struct Entry: Sendable {
        let column: Int32
        var weight: Float
        /// The sum of squared gradients.
        var square: Float

        @inline(__always)
        mutating func learn(_ gradient: Float, _ rate: Float) {
            square = min(square + gradient * gradient, WeightTable.greatestSquares)
            weight -= rate * gradient / (square + WeightTable.epsilon).squareRoot()
        }
    }

    /// A row's place in ``entries``.
    private struct Row: Sendable {
        var start: Int32
        var count: Int32
        var room: Int32
    }

    let rate: Float
    private var numbers = HashTable(capacity: 1 << 10)
    private var keys: [FeatureHash] = []
    private var rows: [Row] = []
    private var entries: [Entry] = []
    /// Entries that belong to no row any more.
    private var holes = 0
    /// How many classes there are.
    private(set) var width = 1

    init(rate: Float) { self.rate = rate }

    /// How many features have weights.
    var count: Int { keys.count }

    /// Makes room for `columns` classes.
    mutating func widen(to columns: Int) { width = max(width, columns) }

    /// The sums of the features' weights, a class each.
    func scores(_ features: [FeatureHash]) -> [Float] {
        [Float](unsafeUninitializedCapacity: width) { sums, count in
            sums.initialize(repeating: 0)
            count = width
            numbers.withView { numbers in
                rows.withUnsafeBufferPointer { rows in
                    entries.withUnsafeBufferPointer { entries in
                        for feature in features {
                            let number = Int(numbers.find(feature))
                            guard number >= 0 else { continue }
                            let row = rows[number]
                            for index in Int(row.start)..<Int(row.start &+ row.count) {
                                sums[Int(entries[index].column)] += entries[index].weight
                            }
                        }
                    }
                }
            }
        }
    }

    /// Learns from one gradient a class; 0: nothing is learnt of that class.
    mutating func update(_ features: [FeatureHash], _ gradients: [Float]) {
        let columns = gradients.indices.filter { gradients[$0] != 0 }.map { Int32($0) }
        guard !columns.isEmpty else { return }
        for feature in features {
            let row = row(feature)
            guard learn(gradients, in: row) < columns.count else { continue }
            // Those without a weight yet have learnt nothing.
            for column in columns {
                let index = entry(column, of: row)
                if entries[index].square == 0 { entries[index].learn(gradients[Int(column)], rate) }
            }
        }
    }

    /// Lets the weights that a row has learn.
    ///
    /// - Returns: how many of them had something to learn.
    @inline(__always)
    private mutating func learn(_ gradients: [Float], in number: Int) -> Int {
        let row = rows[number]
        let rate = rate
        return entries.withUnsafeMutableBufferPointer { entries in
            gradients.withUnsafeBufferPointer { gradients in
                var learnt = 0
                for index in Int(row.start)..<Int(row.start &+ row.count) {
                    let gradient = gradients[Int(entries[index].column)]
                    guard gradient != 0 else { continue }
                    entries[index].learn(gradient, rate)
                    learnt &+= 1
                }
                return learnt
            }
        }
    }

    private mutating func row(_ feature: FeatureHash) -> Int {
        let (row, isNew) = numbers.findOrInsert(feature, Int32(keys.count))
        if isNew {
            keys.append(feature)
            rows.append(Row(start: 0, count: 0, room: 0))
        }
        return Int(row)
    }

    /// Where the weight of a class in a row stands; a new one is 0.
    @inline(__always)
    private mutating func entry(_ column: Int32, of number: Int) -> Int {
        let row = rows[number]
        for index in Int(row.start)..<Int(row.start + row.count) where entries[index].column == column { return index }
        if row.count == row.room { move(number) }
        let index = Int(rows[number].start + rows[number].count)
        entries[index] = Entry(column: column, weight: 0, square: 0)
        rows[number].count += 1
        return index
    }

    /// Gives a row that is full twice the room, at the end; when half of all is holes, the rows move together.
    private mutating func move(_ number: Int) {
        if holes > 1 << 12, holes * 2 > entries.count { compact() }
        let row = rows[number]
        let room = max(4, row.room * 2)
        let start = entries.count
        // An array of its own: while a slice is there, all of it would be copied.
        let moved = Array(entries[Int(row.start)..<Int(row.start + row.count)])
        entries.append(contentsOf: moved)
        let empty = Entry(column: -1, weight: 0, square: 0)
        entries.append(contentsOf: repeatElement(empty, count: Int(room - row.count)))
        rows[number] = Row(start: Int32(start), count: row.count, room: room)
        holes += Int(row.room)
    }

    private mutating func compact() {
        var compacted: [Entry] = []
        compacted.reserveCapacity(entries.count)
        for number in rows.indices {
            let row = rows[number]
            rows[number].start = Int32(compacted.count)
            compacted.append(contentsOf: entries[Int(row.start)..<Int(row.start + row.room)])
        }
        entries = compacted
        holes = 0
    }

    /// Puts an entry as it was written down.
    mutating func restore(_ feature: FeatureHash, column: Int, weight: Float, square: Float) {
        widen(to: column + 1)
        let index = entry(Int32(column), of: row(feature))
        entries[index].weight = weight
        entries[index].square = square
    }

    /// Every feature with its weights that were learnt, by feature.
    var sorted: [(feature: FeatureHash, entries: [(column: Int, weight: Float, square: Float)])] {
        keys.indices.sorted { keys[$0] < keys[$1] }.map { number in
            let row = rows[number]
            let learnt = entries[Int(row.start)..<Int(row.start + row.count)].filter { $0.square > 0 }
            return (
                keys[number],
                learnt.map { (Int($0.column), $0.weight, $0.square) }.sorted { $0.0 < $1.0 }
            )
        }
    }
}
