/// One row of a live view: text on the left, a remark behind it, a value at the right end. What does not fit is left out in the
/// order in which it can be spared: first the remark, then the value, then the end of the text.
struct TextRow: Sendable {
    typealias Piece = (text: String, tint: ViewStyle.Tint)

    var left: [Piece]
    /// A little to the right of the text, at the end of its room.
    var remark: Piece = ("", .plain)
    var right: Piece = ("", .plain)

    init(_ left: [Piece], remark: Piece = ("", .plain), right: Piece = ("", .plain)) {
        self.left = left
        self.remark = remark
        self.right = right
    }

    /// Columns that the text keeps whatever stands behind it.
    private static let least = 12
    private static let gap = 2

    /// - Parameter columns: of which it takes no more.
    func text(_ columns: Int, _ style: ViewStyle) -> String {
        var room = columns
        var end = ""
        func take(_ piece: Piece, least: Int) {
            let width = DisplayText.width(of: piece.text) + Self.gap
            guard !piece.text.isEmpty, room - width >= least else { return }
            room -= width
            let pad = String(repeating: " ", count: Self.gap)
            end = pad + style.paint(piece.text, piece.tint) + end
        }
        take(right, least: Self.least)
        // A remark is spared before any of the text is.
        let whole = left.reduce(0) { $0 + DisplayText.width(of: $1.text) }
        take(remark, least: max(Self.least, min(whole, columns / 3)))
        var result = ""
        for (text, tint) in left where room > 0 {
            let fitted = DisplayText.fitted(text, columns: room, mark: style.symbol(.cut))
            room -= DisplayText.width(of: fitted)
            result += style.paint(fitted, tint)
        }
        return end.isEmpty ? result : result + String(repeating: " ", count: room) + end
    }

    /// As many of `parts` as fit beside each other, the first ones first.
    static func joined(_ parts: [String], columns: Int, _ style: ViewStyle) -> String {
        let separator = " \(style.symbol(.dot)) "
        var text = ""
        for part in parts where !part.isEmpty {
            let next = text.isEmpty ? part : text + separator + part
            if DisplayText.width(of: next) > columns {
                guard text.isEmpty else { break }
                return DisplayText.fitted(part, columns: columns, mark: style.symbol(.cut))
            }
            text = next
        }
        return text
    }
}
