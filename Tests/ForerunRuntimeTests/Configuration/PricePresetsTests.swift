import ForerunCore
import ForerunEndpoints
import Testing

@testable import ForerunRuntime

struct PricePresetsTests {
    private func price(_ model: String, _ text: String) throws -> Price? {
        try resolved(text).configuration.endpoints["x"]?.tariff(of: model)?.price
    }

    /// Each line of the table is one that lookups find, with prices that can be.
    @Test func theTableIsSound() throws {
        var names: Set<Substring> = []
        for line in PricePresets.table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            try #require([6, 11].contains(fields.count), "\(line)")
            #expect(names.insert(fields[0] + " " + fields[1]).inserted, "\(line)")
            let preset = try #require(EndpointConfiguration.preset(String(fields[0])), "\(line)")
            let tariff = try #require(
                PricePresets.tariff(of: String(fields[1]), at: preset, preset: preset.name), "\(line)")
            #expect(tariff.input > 0 && tariff.input <= tariff.output, "\(line)")
            #expect(tariff.cached ?? 0 <= tariff.input && tariff.written ?? tariff.input >= tariff.input, "\(line)")
            #expect(tariff.asOf == PricePresets.asOf)
            guard let long = tariff.long else {
                #expect(fields.count == 6, "\(line)")
                continue
            }
            #expect(long.above >= 100_000 && long.input > tariff.input && long.output > tariff.output, "\(line)")
        }
        #expect(names.count > 50)
    }

    @Test func modelsOfPresetsHaveAPriceWithItsDate() throws {
        let price = try price("gpt-5", "endpoints: {x: {preset: openai}}")
        #expect(price == Price(input: 1.25, cached: 0.125, output: 10, asOf: "2026-11-21"))
        #expect(try self.price("gpt-5-2025-08-07", "endpoints: {x: {preset: openai}}") == price)
        #expect(try self.price("gpt-5-large", "endpoints: {x: {preset: openai}}") == nil)
        #expect(
            try self.price("claude-haiku-4-5-20251001", "endpoints: {x: {preset: anthropic}}")
                == Price(input: 1, cached: 0.1, written: 1.25, output: 5, asOf: "2026-11-21"))
    }

    @Test func elsewhereNothingIsKnown() throws {
        #expect(try price("gpt-5", "endpoints: {x: {preset: openai, baseURL: 'https://proxy.example/v1'}}") == nil)
        #expect(try price("gpt-5", "endpoints: {x: {baseURL: 'https://api.openai.com/v1'}}") == nil)
        #expect(try price("gpt-5", "endpoints: {x: {preset: mistral}}") == nil)
    }

    @Test func whatTheUserSaysCounts() throws {
        let own = try price(
            "gpt-5",
            """
            endpoints:
              x: {preset: openai, models: {gpt-5: {price: {input: 1, output: 2, long: {above: 10, input: 3, output: 4}}}}}
            """)
        #expect(own == Price(input: 1, output: 2, long: Price.Long(above: 10, input: 3, output: 4)))
        let model = "endpoints: {x: {preset: openai, models: {gpt-5: {reasoning: {effort: high}}}}}"
        #expect(try price("gpt-5", model)?.input == 1.25, "other terms leave the price as it is")
    }

    @Test func longRequestsCostMore() throws {
        let price = try #require(try price("gpt-5.4", "endpoints: {x: {preset: openai}}"))
        let short: Double = 272_000 * 2.5 + 100 * 15
        let long: Double = 272_000 * 5 + 0.5 + 100 * 22.5
        #expect(price.money(for: Usage(input: 272_000, output: 100)) == short / 1e6)
        #expect(price.money(for: Usage(input: 272_001, cached: 1, output: 100)) == long / 1e6)
    }
}
