/// The difference of two texts, line by line (Myers, 1986, as Swift's collections have it).
enum LineDifference {
    struct Line: Sendable, Hashable {
        /// `+`, `-` or a space.
        var mark: Character
        var text: String
    }

    /// Lines beyond which texts are not compared: all of the old one goes, all of the new one comes.
    private static let most = 2_000
    /// Lines that are told.
    private static let mostTold = 4_000

    static func lines(_ old: String, _ new: String) -> [Line] {
        let (old, new) = (split(old), split(new))
        guard old.count <= most, new.count <= most else {
            return Array(
                (old.map { Line(mark: "-", text: $0) } + new.map { Line(mark: "+", text: $0) }).prefix(mostTold))
        }
        var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                lines.append(Line(mark: "-", text: old[left]))
                left += 1
            } else if right < new.count, inserted.contains(right) {
                lines.append(Line(mark: "+", text: new[right]))
                right += 1
            } else if left < old.count {
                lines.append(Line(mark: " ", text: old[left]))
                left += 1
                right += 1
            } else {
                break
            }
        }
        return lines
    }

    private static func split(_ text: String) -> [String] {
        guard !text.isEmpty else { return [] }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
