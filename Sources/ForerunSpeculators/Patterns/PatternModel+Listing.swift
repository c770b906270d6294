extension PatternModel {
    /// For people: where the arguments of each tool come from, the tools in the order in which they were first called.
    package var listing: [String] {
        arguments.flatMap { argument -> [String] in
            let unit = argument.unit.value
            let best = argument.derivations.filter { $0.hits > unit }
                .sorted { ($0.hits, $1.there) > ($1.hits, $0.there) }
            return best.prefix(4).map { known in
                let (hits, there) = (Int((known.hits / unit).rounded()), Int((known.there / unit).rounded()))
                return "\(argument.tool) \(argument.argument): \(known.derivation), \(hits) of \(there) times"
            }
        }
    }
}
