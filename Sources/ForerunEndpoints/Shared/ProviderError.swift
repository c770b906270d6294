import ForerunCore

/// An error as providers describe it: an `error` object, FastAPI's `detail`, or plain text.
struct ProviderError {
    private(set) var message: String?
    private var words: Set<String> = []
    /// An HTTP status that is named in the body.
    private(set) var status: Int?

    init(_ body: [UInt8]) {
        guard let value = try? JSON(parsing: body) else {
            message = body.isEmpty ? nil : Self.page(body) ?? EndpointFailure.excerpt(of: body)
            return
        }
        // Some gateways wrap the object in a list.
        let whole = value.arrayValue?.first ?? value
        let error = whole["error"].flatMap { $0.isNull ? nil : $0 } ?? whole
        let said =
            error["message"]?.stringValue ?? error.stringValue ?? whole["detail"]?.stringValue
            ?? whole["detail"]?.arrayValue?.first?["msg"]?.stringValue ?? whole["message"]?.stringValue
        message = said.flatMap { $0.isEmpty ? nil : $0 } ?? EndpointFailure.excerpt(of: body)
        for key in ["code", "type", "status"] {
            if let word = error[key]?.stringValue { words.insert(word) }
            if let number = error[key]?.intValue ?? error[key]?.stringValue.flatMap({ Int($0) }),
                (400..<600).contains(number)
            {
                status = number
            }
        }
    }

    func names(_ candidates: String...) -> Bool { candidates.contains { words.contains($0) } }

    var isContextOverflow: Bool {
        !words.isDisjoint(with: ContextOverflow.codes) || (message.map(ContextOverflow.isNamed) ?? false)
    }

    /// The account has no money left; some providers have no code for it.
    var isOutOfCredit: Bool {
        if names("insufficient_quota", "billing_hard_limit_reached", "billing_error", "insufficient_balance") {
            return true
        }
        guard let message = message?.lowercased() else { return false }
        return message.contains("credit balance is too low") || message.contains("insufficient balance")
    }

    /// What to say of a web page in the place of an answer; `nil`: it is none.
    static func page(_ body: [UInt8]) -> String? {
        guard let first = body.first(where: { $0 > 0x20 }), first == UInt8(ascii: "<") else { return nil }
        let lowered = body.prefix(4096).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        var title = ""
        if let start = lowered.firstRange(of: Array("<title>".utf8)),
            let end = lowered[start.upperBound...].firstRange(of: Array("</title>".utf8))
        {
            title = String(decoding: body[start.upperBound..<end.lowerBound], as: UTF8.self)
                .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return "The server sent a web page" + (title.isEmpty ? "" : " (\(title.prefix(120)))")
    }
}
