/// One state of the records: what changed since an epoch of the committed ones, the newest change first.
///
/// A value that shares everything with its copies: a fork copies two words.
struct RecordWorld: Sendable {
    /// One call's changes, and those before it.
    final class Layer: Sendable {
        let changes: RecordChanges
        let below: Layer?

        init(_ changes: RecordChanges, over below: Layer?) {
            self.changes = changes
            self.below = below
        }
    }

    /// How many commits there were when the committed records were as this world knows them.
    let epoch: Int
    private(set) var top: Layer?

    init(epoch: Int) { self.epoch = epoch }

    mutating func add(_ changes: RecordChanges) { top = Layer(changes, over: top) }

    /// What this world did to a record; `nil`: nothing.
    func change(of key: RecordKey) -> RecordChange? {
        var layer = top
        while let here = layer {
            if let change = here.changes[key] { return change }
            layer = here.below
        }
        return nil
    }

    /// All changes, in the order in which the records were first changed.
    var changes: RecordChanges {
        var layers: [Layer] = []
        var layer = top
        while let here = layer {
            layers.append(here)
            layer = here.below
        }
        var result = RecordChanges()
        for layer in layers.reversed() {
            for key in layer.changes.keys {
                if let change = layer.changes[key] { result.record(change, of: key) }
            }
        }
        return result
    }
}
