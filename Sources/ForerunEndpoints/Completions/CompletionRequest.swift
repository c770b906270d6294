package import ForerunCore

/// A request of plain completions: text goes on from each of the prompts.
package struct CompletionRequest: Sendable, Hashable {
    /// At least one. Their common beginning can come from the server's prompt cache.
    package var prompts: [String]
    package var maxTokens: Int
    package var temperature: Double?
    /// Texts that end a choice; they are not part of it.
    package var stop: [String]
    /// Choices for each prompt.
    package var choices: Int
    /// Alternatives whose probabilities are told for each token; `nil`: none are.
    package var logprobs: Int?

    package init(
        prompts: [String], maxTokens: Int, temperature: Double? = nil, stop: [String] = [], choices: Int = 1,
        logprobs: Int? = nil
    ) {
        self.prompts = prompts
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.stop = stop
        self.choices = choices
        self.logprobs = logprobs
    }

    /// Equal requests become equal bytes.
    func body(model: String, configuration: EndpointConfiguration) -> [UInt8] {
        var bytes = Array(#"{"model":"#.utf8)
        JSON.write(model, to: &bytes)
        bytes += #","stream":true"#.utf8
        if configuration.sendsStreamOptions { bytes += #","stream_options":{"include_usage":true}"#.utf8 }
        bytes += #","max_tokens":\#(maxTokens)"#.utf8
        if let temperature, configuration.sendsTemperature {
            bytes += #","temperature":\#(JSONNumber(temperature).literal)"#.utf8
        }
        if choices > 1 { bytes += #","n":\#(choices)"#.utf8 }
        if let logprobs { bytes += #","logprobs":\#(logprobs)"#.utf8 }
        if !stop.isEmpty {
            bytes += #","stop":"#.utf8
            JSON.array(stop.map { .string($0) }).write(to: &bytes, sorted: true)
        }
        // Last, so that equal beginnings stay equal.
        bytes += #","prompt":"#.utf8
        if prompts.count == 1 {
            JSON.write(prompts[0], to: &bytes)
        } else {
            JSON.array(prompts.map { .string($0) }).write(to: &bytes, sorted: true)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

/// One of the texts that a request of plain completions brought.
package struct CompletionChoice: Sendable, Hashable {
    package var text = ""
    /// `nil`: it did not come to its end.
    package var finish: FinishReason?
    /// The natural logarithm of each token's probability, where the server tells it.
    package var logprobs: [Double] = []

    package init(text: String = "", finish: FinishReason? = nil, logprobs: [Double] = []) {
        self.text = text
        self.finish = finish
        self.logprobs = logprobs
    }
}

/// A part of one choice, as it streams.
package struct CompletionDelta: Sendable, Hashable {
    /// prompt × choices + choice.
    package var index: Int
    package var text: String
    package var logprobs: [Double]
    /// Set with the last part of the choice.
    package var finish: FinishReason?
}
