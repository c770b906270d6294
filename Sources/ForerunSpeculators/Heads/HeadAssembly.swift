import ForerunCore

/// Makes one call of heads that arrive in any order. Pure.
///
/// As soon as the name is known, so is how many arguments count; what other heads say does not matter, and nobody waits for
/// them.
struct HeadAssembly: Sendable {
    enum State: Sendable, Hashable {
        case open
        /// The call, as soon as all heads that count are whole; with its log-probability, where the server tells it.
        case call(Call, logprob: Double?)
        /// The model calls nothing.
        case none
        /// No call comes of this: an unknown name, an argument that is missing, of the wrong type or cut off.
        case invalid
    }

    private struct Text: Sendable {
        var text = ""
        var logprobs: [Double] = []
        var isWhole = false
        var isCutOff = false
    }

    private let tools: [HeadTool]
    private let heads: [Head]
    private var texts: [Text]
    private(set) var state = State.open

    init(_ tools: [HeadTool], heads: [Head]) {
        self.tools = tools
        self.heads = heads
        texts = Array(repeating: Text(), count: heads.count)
    }

    /// Takes the next piece of the head of that number.
    ///
    /// - Parameter finish: set with its last piece.
    mutating func take(_ number: Int, _ piece: String, logprobs: [Double] = [], finish: FinishReason?) {
        guard state == .open, texts.indices.contains(number), !texts[number].isWhole else { return }
        texts[number].text += piece
        texts[number].logprobs += logprobs
        let cut = Self.cut(texts[number].text, heads[number])
        if let cut { texts[number].text = cut }
        guard cut != nil || finish != nil else { return }
        texts[number].isWhole = true
        texts[number].isCutOff = cut == nil && finish == .length
        if cut == nil { texts[number].text = Self.trimmed(texts[number].text) }
        decide()
    }

    private mutating func decide() {
        guard texts[0].isWhole else { return }
        let name = texts[0].text
        if texts[0].isCutOff { return state = .invalid }
        if name.isEmpty { return state = .none }
        guard let tool = tools.first(where: { $0.name == name }) else { return state = .invalid }
        let counting = 1...tool.arguments.count + 1
        let arguments = texts[counting.lowerBound..<min(counting.upperBound, texts.count)]
        if arguments.contains(where: \.isCutOff) { return state = .invalid }
        guard arguments.allSatisfy(\.isWhole) else { return }
        guard let call = tool.call(arguments.map(\.text)) else { return state = .invalid }
        let told = [texts[0]] + arguments
        let logprob = told.allSatisfy { !$0.logprobs.isEmpty || $0.text.isEmpty } && !texts[0].logprobs.isEmpty
        state = .call(call, logprob: logprob ? told.flatMap(\.logprobs).reduce(0, +) : nil)
    }

    /// The text before the first mark that ends it; `nil`: there is none.
    private static func cut(_ text: String, _ head: Head) -> String? {
        let ends = head.stops.compactMap { text.firstRange(of: $0)?.lowerBound }
        return ends.min().map { trimmed(String(text[..<$0])) }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
