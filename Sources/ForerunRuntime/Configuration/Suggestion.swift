/// The nearest known word to a misspelt one.
package enum Suggestion {
    /// “Did you mean …?” for the nearest of `words`, or the whole choice where none is near and it is short.
    package static func remedy(for word: String, among words: [String]) -> String? {
        if let nearest = nearest(to: word, among: words) { return "Did you mean “\(nearest)”?" }
        guard !words.isEmpty, words.count <= 12 else { return nil }
        return "Known here: \(words.joined(separator: ", "))"
    }

    /// The word with the fewest typing errors, at most one for each three letters; the first of equals.
    package static func nearest(to word: String, among words: [String]) -> String? {
        let typed = word.lowercased()
        var best: (word: String, distance: Int)?
        for candidate in words {
            let distance = distance(typed, candidate.lowercased())
            guard distance <= max(1, max(typed.count, candidate.count) / 3) else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, replacements, swaps of neighbours.
    package static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left)
        let b = Array(right)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
