import ForerunCore

/// Which worlds there are, as stacks of layers on the real directory.
///
/// The real directory has a generation, raised by every change that a commit or an external call makes. A world is a
/// view of one generation; once the directory moved on, it fails instead of mixing the two. Worlds stacked on the
/// committed one move along: the layer that was committed is below them now instead of on their stack, and their
/// contents are the same before, during and after, since applying a layer twice changes nothing.
struct Worlds: Sendable {
    struct Record: Sendable {
        var generation: Int
        /// Lowest first.
        var layers: [Layer] = []
        /// What its commands left below /tmp, oldest first. It is never committed and never left behind.
        var temporary: [TemporaryLayer] = []
    }

    private(set) var committed = WorldID.initial
    private var generation = 0
    private var records: [WorldID: Record] = [.initial: Record(generation: 0)]
    private var lastLayer = 0

    /// The layers of a world that can still be seen; `nil` for one that is unknown or was left behind.
    func layers(of world: WorldID) -> [Layer]? {
        guard let record = records[world], record.generation == generation else { return nil }
        return record.layers
    }

    /// Whether the world is known at all.
    func knows(_ world: WorldID) -> Bool { records[world] != nil }

    mutating func fork(_ parent: WorldID, as child: WorldID) -> Bool {
        guard let record = records[parent], records[child] == nil else { return false }
        records[child] = record
        return true
    }

    mutating func nextLayer() -> Int {
        lastLayer += 1
        return lastLayer
    }

    mutating func push(_ layer: Layer, on world: WorldID) {
        if !layer.isEmpty { records[world]?.layers.append(layer) }
    }

    func temporary(of world: WorldID) -> [TemporaryLayer] { records[world]?.temporary ?? [] }

    mutating func setTemporary(_ layers: [TemporaryLayer], of world: WorldID) { records[world]?.temporary = layers }

    mutating func remove(_ world: WorldID) { if world != committed { records[world] = nil } }

    /// The layers of `world` are in the real directory now.
    mutating func adopt(_ world: WorldID) {
        guard let adopted = records[world]?.layers else { return }
        committed = world
        if adopted.isEmpty { return }
        generation += 1
        let ids = adopted.map(\.id)
        for (id, record) in records
        where record.generation == generation - 1 && record.layers.lazy.map(\.id).starts(with: ids) {
            records[id]?.generation = generation
            records[id]?.layers = Array(record.layers.dropFirst(ids.count))
        }
    }

    /// A call in `world` changed the real directory itself.
    mutating func changeInPlace(by world: WorldID) {
        generation += 1
        records[world]?.generation = generation
        records[committed]?.generation = generation
        records[committed]?.layers = []
    }
}
