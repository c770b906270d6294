import ForerunTesting
import Testing

@testable import ForerunSpeculators

struct HashTableTests {
    /// Few keys, so that they meet again, 0 among them, and many with the same last bits.
    @Test(arguments: [1, 2, 3])
    func itIsADictionary(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = HashTable(capacity: 4)
        var plain: [FeatureHash: Int32] = [:]
        for step in 0..<5_000 {
            let key = FeatureHash.random(in: 0..<400, using: &random) << (Bool.random(using: &random) ? 0 : 40)
            let value = Int32(step)
            switch Int.random(in: 0..<40, using: &random) {
            case 0 where step % 7 == 0:
                table.removeAll()
                plain = [:]
            case 0..<20:
                let known = plain[key == 0 ? 1 : key]
                let found = table.findOrInsert(key, value)
                #expect(found.number == known ?? value && found.isNew == (known == nil), "seed \(seed), step \(step)")
                plain[key == 0 ? 1 : key] = found.number
            case 20..<30:
                table.set(key, to: value)
                plain[key == 0 ? 1 : key] = value
            default: #expect(table.find(key) == plain[key == 0 ? 1 : key] ?? -1, "seed \(seed), step \(step)")
            }
            #expect(table.count == plain.count, "seed \(seed), step \(step)")
        }
    }
}
