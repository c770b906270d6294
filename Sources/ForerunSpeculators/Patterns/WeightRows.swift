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
        var start: Int32 = 0
        var count: Int32 = 0
        var room: Int32 = 0
        /// The entry of column `c` is the one at `start + c`: there are many, and most are not asked for.
        var isDense = false
    }

    /// Rows with more entries than this are dense, unless most of their room would be empty.
    private static let sparseLimit: Int32 = 48

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

    /// The sums of the features' weights, a class each; those of classes that are not in `columns` may be anything.
    func scores(_ features: [FeatureHash], _ columns: [Int32]) -> [Float] {
        [Float](unsafeUninitializedCapacity: width) { sums, count in
            sums.initialize(repeating: 0)
            count = width
            withUnsafeTemporaryAllocation(of: Row.self, capacity: features.count) { found in
                // All look-ups first: they wait for memory at the same time, and not one after the other.
                let known = find(features, found)
                entries.withUnsafeBufferPointer { entries in
                    for place in 0..<known { Self.add(found[place], entries, columns, to: sums) }
                }
            }
        }
    }

    /// The sums of the features' weights, a class each.
    func scores(_ features: [FeatureHash]) -> [Float] { scores(features, (0..<Int32(width)).map { $0 }) }

    /// Writes the rows of those features that have one into `found`.
    ///
    /// - Returns: how many there are.
    @inline(__always)
    private func find(_ features: [FeatureHash], _ found: UnsafeMutableBufferPointer<Row>) -> Int {
        numbers.withView { numbers in
            rows.withUnsafeBufferPointer { rows in
                var count = 0
                for feature in features {
                    let number = Int(numbers.find(feature))
                    guard number >= 0 else { continue }
                    found[count] = rows[number]
                    count &+= 1
                }
                return count
            }
        }
    }

    @inline(__always)
    private static func add(
        _ row: Row, _ entries: UnsafeBufferPointer<Entry>, _ columns: [Int32],
        to sums: UnsafeMutableBufferPointer<Float>
    ) {
        if row.isDense {
            for column in columns where column < row.room {
                sums[Int(column)] += entries[Int(row.start &+ column)].weight
            }
        } else {
            for index in Int(row.start)..<Int(row.start &+ row.count) {
                sums[Int(entries[index].column)] += entries[index].weight
            }
        }
    }

    /// Learns from one gradient a class; 0: nothing is learnt of that class.
    mutating func update(_ features: [FeatureHash], _ gradients: [Float]) {
        let columns = gradients.indices.filter { gradients[$0] != 0 }.map { Int32($0) }
        guard !columns.isEmpty else { return }
        for feature in features {
            let row = row(feature)
            guard learn(gradients, columns, in: row) < columns.count else { continue }
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
    private mutating func learn(_ gradients: [Float], _ columns: [Int32], in number: Int) -> Int {
        let row = rows[number]
        let rate = rate
        return entries.withUnsafeMutableBufferPointer { entries in
            gradients.withUnsafeBufferPointer { gradients in
                var learnt = 0
                if row.isDense {
                    for column in columns where column < row.room {
                        entries[Int(row.start &+ column)].learn(gradients[Int(column)], rate)
                        learnt &+= 1
                    }
                    return learnt
                }
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
            rows.append(Row())
        }
        return Int(row)
    }

    /// Where the weight of a class in a row stands; a new one is 0.
    @inline(__always)
    private mutating func entry(_ column: Int32, of number: Int) -> Int {
        let row = rows[number]
        if row.isDense {
            if column >= row.room { makeDense(number, columns: column + 1) }
            return Int(rows[number].start + column)
        }
        for index in Int(row.start)..<Int(row.start + row.count) where entries[index].column == column { return index }
        if row.count >= Self.sparseLimit, Int(row.count) * 4 >= width {
            makeDense(number, columns: Int32(width))
            return Int(rows[number].start + column)
        }
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

    /// Gives each class its own place in a row, at the end, and half as much room again.
    private mutating func makeDense(_ number: Int, columns: Int32) {
        if holes > 1 << 12, holes * 2 > entries.count { compact() }
        let row = rows[number]
        let room = columns + columns / 2
        let start = entries.count
        let moved = Array(entries[Int(row.start)..<Int(row.start + row.count)])
        entries.append(contentsOf: (0..<room).lazy.map { Entry(column: $0, weight: 0, square: 0) })
        for entry in moved { entries[start + Int(entry.column)] = entry }
        rows[number] = Row(start: Int32(start), count: room, room: room, isDense: true)
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
