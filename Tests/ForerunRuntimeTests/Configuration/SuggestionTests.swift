import Testing

@testable import ForerunRuntime

struct SuggestionTests {
    @Test(
        arguments: [
            ("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("widht", "width", 1), ("ca", "abc", 3),
        ])
    func distancesAreThoseOfTheLiterature(left: String, right: String, expected: Int) {
        #expect(Suggestion.distance(left, right) == expected)
        #expect(Suggestion.distance(right, left) == expected)
    }

    @Test func onlyNearWordsAreSuggested() {
        #expect(Suggestion.nearest(to: "baseurl", among: ["key", "baseURL"]) == "baseURL")
        #expect(Suggestion.nearest(to: "zzz", among: ["key", "baseURL"]) == nil)
        #expect(Suggestion.nearest(to: "kex", among: []) == nil)
    }
}
