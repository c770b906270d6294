/// What makes two requests the same for a recording: method, path and body.
///
/// Host, query and header fields do not count and are not kept: keys travel in them.
struct RequestIdentity: Sendable, Hashable {
    var method: String
    /// Without query and fragment.
    var path: String
    /// Secrets in it are masked.
    var body: [UInt8]

    init(method: String, path: String, body: [UInt8]) {
        self.method = method
        self.path = path
        self.body = body
    }

    init(_ request: HTTPRequest) {
        method = request.method.rawValue
        let mask = SecretMask(request.headers.secrets)
        path = String(decoding: mask.masked(Array(Self.path(of: request.url).utf8)), as: UTF8.self)
        body = mask.masked(request.body)
    }

    /// The host and port of an address, without the name and password that may stand before them.
    static func host(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "" }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        return String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
    }

    private static func path(of url: String) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...].drop { !"/?#".contains($0) } } ?? url[...]
        let path = rest.prefix { !"?#".contains($0) }
        return path.isEmpty ? "/" : String(path)
    }
}
