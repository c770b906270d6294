internal import ForerunCore

extension EndpointSettings.Tariff {
    /// For people: `1.25 USD in, 0.125 cached, 10 out (2026-11-21)`.
    var text: String {
        func part(_ amount: Double?, _ what: String) -> String? {
            amount.map { "\(JSON.number(JSONNumber($0)).text) \(what)" }
        }
        var parts = [
            part(input, "\(currency) in"), part(cached, "cached"), part(written, "written"), part(output, "out"),
        ].compactMap { $0 }
        if let long {
            parts += [part(long.input, "in above \(long.above)"), part(long.output, "out")].compactMap { $0 }
        }
        return parts.joined(separator: ", ") + (asOf.map { " (\($0))" } ?? "")
    }

    /// As configuration has it.
    var json: JSON {
        func number(_ value: Double?) -> JSON? { value.map { .number(JSONNumber($0)) } }
        var members: [(String, JSON?)] = [
            ("input", number(input)), ("cached", number(cached)), ("written", number(written)),
            ("output", number(output)), ("currency", .string(currency)), ("asOf", asOf.map { .string($0) }),
        ]
        if let long {
            let above: [(String, JSON?)] = [
                ("above", .int(long.above)), ("input", number(long.input)), ("cached", number(long.cached)),
                ("written", number(long.written)), ("output", number(long.output)),
            ]
            members.append(("long", JSON(members: above.compactMap { key, value in value.map { (key, $0) } })))
        }
        return JSON(members: members.compactMap { key, value in value.map { (key, $0) } })
    }
}
