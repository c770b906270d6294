/// What `forerun config show` prints.
package enum ConfigurationListing {
    /// A line for each value; with origins, in a column of their own.
    package static func text(_ resolved: ResolvedConfiguration, withOrigins: Bool) -> String {
        let rows = resolved.origins.map { (text: "\($0.keyPath): \($0.value)", origin: "\($0.origin)") }
        guard withOrigins else { return rows.map { $0.text + "\n" }.joined() }
        // One long value must not push all origins to the right.
        let width = min(48, rows.map { DisplayText.width(of: $0.text) }.max() ?? 0)
        return rows.map { row in
            let gap = max(0, width - DisplayText.width(of: row.text))
            return row.text + String(repeating: " ", count: gap) + "  # \(row.origin)\n"
        }.joined()
    }
}
