internal import ForerunCore
internal import ForerunEndpoints

/// What models of well-known endpoints cost, for those who state no price themselves.
enum PricePresets {
    /// The price of a model, also of a dated snapshot of it; `nil`: unknown.
    ///
    /// Known only at the address of the preset: what a proxy charges, nobody knows.
    static func tariff(of model: String, at configuration: EndpointConfiguration, preset: String?)
        -> EndpointSettings.Tariff?
    {
        guard let preset, EndpointConfiguration.preset(preset)?.baseURL == configuration.baseURL else { return nil }
        return tariffs[preset + " " + model] ?? tariffs[preset + " " + undated(model)]
    }

    private static let tariffs: [String: EndpointSettings.Tariff] = {
        var tariffs: [String: EndpointSettings.Tariff] = [:]
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            let numbers = fields.dropFirst(2).map { Double($0) }
            var tariff = EndpointSettings.Tariff()
            tariff.asOf = asOf
            tariff.input = numbers[0] ?? 0
            (tariff.cached, tariff.written) = (numbers[1], numbers[2])
            tariff.output = numbers[3] ?? 0
            if numbers.count == 9 {
                tariff.long = EndpointSettings.LongTariff(
                    above: Int(numbers[4] ?? 0), input: numbers[5] ?? 0, cached: numbers[6], written: numbers[7],
                    output: numbers[8] ?? 0)
            }
            tariffs[fields[0] + " " + fields[1]] = tariff
        }
        return tariffs
    }()

    /// Without `-2026-03-05` or `-20251001` at the end.
    private static func undated(_ model: String) -> String {
        let parts = model.split(separator: "-", omittingEmptySubsequences: false)
        for (count, lengths) in [(1, [8]), (3, [4, 2, 2])] where parts.count > count {
            let date = parts.suffix(count)
            guard date.map(\.count) == lengths, date.allSatisfy({ $0.allSatisfy { ("0"..."9").contains($0) } }),
                date.first?.hasPrefix("20") == true
            else { continue }
            return parts.dropLast(count).joined(separator: "-")
        }
        return model
    }
}
