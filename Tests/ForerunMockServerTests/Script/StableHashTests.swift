import ForerunCore
import ForerunMockServer
import Testing

struct StableHashTests {
    private func hash(_ value: JSON, seed: Int = 1) -> UInt64 {
        var hash = StableHash(seed: seed)
        hash.combine(value)
        return hash.value
    }

    /// Another value here would change every draw of every script.
    @Test func isTheSameForEver() {
        #expect(hash(["role": "user", "content": "Prüfe die Tests, bitte."]) == 9_066_806_699_570_790_383)
    }

    @Test func ignoresTheOrderOfMembersOnly() {
        #expect(hash(["a": 1, "b": [2, 3]]) == hash(["b": [2, 3], "a": 1]))
        let different: [JSON] = [
            ["a": 1, "b": [2, 3]], ["a": 1, "b": [3, 2]], ["a": "1", "b": [2, 3]], ["b": 1, "a": [2, 3]], [1, 2, 3],
            [[1, 2], 3], "", "a", "a\0", "12345678", "123456789", nil, false, 0, [:], [],
        ]
        #expect(Set(different.map { hash($0) }).count == different.count)
        #expect(hash("a", seed: 1) != hash("a", seed: 2))
    }
}
