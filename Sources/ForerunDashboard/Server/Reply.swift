import ForerunCore
import HTTPTypes

/// A whole answer to a request.
struct Reply: Sendable {
    var status: Int
    var contentType: String
    var body: [UInt8]
    var fields: [(HTTPField.Name, String)] = []

    static func json(_ value: JSON, status: Int = 200) -> Reply {
        var bytes: [UInt8] = []
        value.write(to: &bytes, sorted: false)
        return Reply(status: status, contentType: "application/json", body: bytes)
    }

    static func asset(_ asset: Asset, status: Int = 200) -> Reply {
        Reply(status: status, contentType: asset.contentType, body: asset.bytes)
    }

    /// An error: for programs as JSON, for people as plain text.
    static func failure(_ status: Int, _ message: String, remedy: String? = nil, isForPage: Bool = false) -> Reply {
        if isForPage {
            let text = [message, remedy].compactMap(\.self).joined(separator: " ")
            return Reply(status: status, contentType: "text/plain; charset=utf-8", body: Array("\(text)\n".utf8))
        }
        var error: JSON = ["message": .string(message)]
        if let remedy { error = ["message": .string(message), "remedy": .string(remedy)] }
        return .json(["error": error], status: status)
    }

    static func redirect(to path: String, cookie: String) -> Reply {
        Reply(
            status: 303, contentType: "text/plain; charset=utf-8", body: [],
            fields: [(.location, path), (.setCookie, cookie)])
    }

    /// What the head of every answer says.
    func head(contentLength: Int?) -> HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        if let contentLength { fields[.contentLength] = String(contentLength) }
        fields[.cacheControl] = "no-store"
        for (name, value) in Self.protection {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        for (name, value) in self.fields { fields[name] = value }
        return HTTPResponse(status: .init(code: status), headerFields: fields)
    }

    /// Only our own files, no script in a page, in nobody's frame; nothing is told to where a link leads.
    static let protection: [(String, String)] = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        ), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
    ]
}
