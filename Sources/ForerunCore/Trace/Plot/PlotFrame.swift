/// Where a plot is; positions within it are shares of its width, and of its height from below.
package struct PlotFrame: Sendable {
    package let left: Double
    package let top: Double
    package let width: Double
    package let height: Double

    package init(left: Double, top: Double, width: Double, height: Double) {
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }

    package func x(_ share: Double) -> Double { left + share * width }
    package func y(_ share: Double) -> Double { top + (1 - share) * height }

    /// Axes, with the marks of the vertical one.
    package func draw(
        in drawing: inout Drawing, title: String, horizontal: String, marks: [(share: Double, text: String)]
    ) {
        drawing.text(left, top - 10, title, size: 12)
        drawing.line(x(0), y(0), x(1), y(0), "#888")
        drawing.line(x(0), y(0), x(0), y(1), "#888")
        drawing.text(x(0.5), y(0) + 28, horizontal, .middle)
        for mark in marks {
            drawing.line(x(0) - 3, y(mark.share), x(0), y(mark.share), "#888")
            drawing.text(x(0) - 6, y(mark.share) + 4, mark.text, size: 10, .end)
        }
    }
}
