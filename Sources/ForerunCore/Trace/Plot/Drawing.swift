/// A drawing in SVG 1.1, in user units with the origin at the top left.
package struct Drawing: Sendable {
    private var elements: [String] = []
    private let width: Double
    private let height: Double

    package init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    package mutating func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, isDashed: Bool = false
    ) {
        elements.append(
            "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(color)\""
                + (isDashed ? " stroke-dasharray=\"4 3\"/>" : "/>"))
    }

    /// - Parameter title: shown by viewers where the pointer rests.
    package mutating func bar(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: String, title: String = ""
    ) {
        let shape = "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" fill=\"\(color)\""
        elements.append(title.isEmpty ? shape + "/>" : shape + "><title>\(Self.escaped(title))</title></rect>")
    }

    /// - Parameter title: shown by viewers where the pointer rests.
    package mutating func dot(_ x: Double, _ y: Double, radius: Double, _ color: String, title: String) {
        elements.append(
            "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" fill=\"\(color)\" fill-opacity=\"0.8\">"
                + "<title>\(Self.escaped(title))</title></circle>")
    }

    package mutating func path(_ points: [(x: Double, y: Double)], _ color: String) {
        guard !points.isEmpty else { return }
        let list = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
        elements.append("<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\"/>")
    }

    package enum Anchor: String, Sendable { case start, middle, end }

    package mutating func text(_ x: Double, _ y: Double, _ text: String, size: Double = 11, _ anchor: Anchor = .start) {
        elements.append(
            "<text x=\"\(n(x))\" y=\"\(n(y))\" font-size=\"\(n(size))\" text-anchor=\"\(anchor.rawValue)\">"
                + Self.escaped(text) + "</text>")
    }

    /// The whole document.
    package var document: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" width="\(n(width))" \
        height="\(n(height))" font-family="sans-serif" fill="#222">
        <rect width="100%" height="100%" fill="#fff"/>
        \(elements.joined(separator: "\n"))
        </svg>

        """
    }

    /// An element for a page of HTML, in the colour of the text around it, on its background.
    ///
    /// - Parameter label: what it shows, for those who cannot see it.
    package func element(label: String) -> String {
        """
        <svg viewBox="0 0 \(n(width)) \(n(height))" width="\(n(width))" height="\(n(height))" font-family="sans-serif" \
        fill="currentColor" role="img" aria-label="\(Self.escaped(label))">
        \(elements.joined(separator: "\n"))
        </svg>
        """
    }

    /// With one decimal.
    private func n(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        let tenths = Int((abs(value) * 10).rounded())
        return "\(value < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
    }

    /// Text as XML takes it; controls that it does not allow are left out, marks that turn the direction of text made visible.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result += " "
            case "\u{7F}"..."\u{9F}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}", "\u{2060}"..."\u{206F}",
                "\u{FEFF}":
                result += "\u{FFFD}"
            default: if scalar.value >= 0x20, scalar.value & 0xFFFE != 0xFFFE { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
