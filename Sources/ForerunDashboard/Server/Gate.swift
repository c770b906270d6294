import ForerunCore
import HTTPTypes

/// Decides which requests are answered at all, before anything else looks at them.
///
/// Against DNS rebinding it knows the names that it goes by; against pages of other sites it knows what browsers say of where a
/// request comes from (`Origin`, `Sec-Fetch-Site`: Fetch Metadata); against everybody else there is the token.
struct Gate: Sendable {
    enum Verdict: Sendable, Equatable {
        case open
        /// The token in the address is right: it becomes a cookie, and the address loses it.
        case exchange
        case refused(status: Int, String)
    }

    private let access: DashboardAccess
    /// Cookies do not know ports: each token has a cookie of its own.
    let cookieName: String

    init(_ access: DashboardAccess) {
        self.access = access
        cookieName = "forerun-" + StableDigest.hex(of: Array((access.token ?? "").utf8)).prefix(8)
    }

    func judge(_ request: HTTPRequest, _ route: Route, token queryToken: String?) -> Verdict {
        guard let authority = request.authority, let host = HostName.host(of: authority) else {
            return .refused(status: 400, "The request names no host.")
        }
        guard host == "localhost" || access.names.contains(host) || HostName.isAddress(host) else {
            return .refused(
                status: 403, "This server does not go by the name \(host). Start it with --name \(host) if it should.")
        }
        guard isFromHere(request, route, authority) else {
            return .refused(status: 403, "Requests from other sites are not answered.")
        }
        guard let token = access.token else { return .open }
        if let given = bearer(request) { return Self.isSame(given, token) ? .open : wrong }
        if let queryToken {
            guard route.isPage, request.method == .get else { return wrong }
            return Self.isSame(queryToken, token) ? .exchange : wrong
        }
        if let given = cookie(request) { return Self.isSame(given, token) ? .open : wrong }
        return .refused(
            status: 401, "This dashboard asks for a token: open the address that forerun serve has printed.")
    }

    private var wrong: Verdict {
        .refused(status: 401, "That is not the token: open the address that forerun serve has printed.")
    }

    // MARK: - Where it comes from

    private func isFromHere(_ request: HTTPRequest, _ route: Route, _ authority: String) -> Bool {
        let fields = request.headerFields
        let origin = fields[.origin]
        if let origin {
            guard ["http://\(authority)", "https://\(authority)"].contains(origin) else { return false }
        }
        if let site = Self.secFetchSite.flatMap({ fields[$0] }), site != "same-origin", site != "none" {
            // A link from elsewhere may open a page, nothing else, and not within another page.
            let mode = Self.secFetchMode.flatMap { fields[$0] }
            let destination = Self.secFetchDestination.flatMap { fields[$0] }
            guard request.method == .get, route.isPage, mode == "navigate", destination == "document" else {
                return false
            }
        }
        guard route.changesSomething else { return true }
        // Browsers always say where such a request comes from; what says nothing must bring the token itself.
        return origin != nil || bearer(request) != nil
    }

    private static let secFetchSite = HTTPField.Name("sec-fetch-site")
    private static let secFetchMode = HTTPField.Name("sec-fetch-mode")
    private static let secFetchDestination = HTTPField.Name("sec-fetch-dest")

    // MARK: - The token

    private func bearer(_ request: HTTPRequest) -> String? {
        guard let field = request.headerFields[.authorization] else { return nil }
        return field.lowercased().hasPrefix("bearer ") ? String(field.dropFirst(7)) : ""
    }

    private func cookie(_ request: HTTPRequest) -> String? {
        for field in request.headerFields[values: .cookie] {
            for part in field.split(separator: ";") {
                let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if pair.count == 2, pair[0] == cookieName { return String(pair[1]) }
            }
        }
        return nil
    }

    /// Takes the same time for all texts of a length: how much of a guess was right does not show.
    static func isSame(_ given: String, _ token: String) -> Bool {
        let (given, token) = (Array(given.utf8), Array(token.utf8))
        guard !given.isEmpty else { return false }
        var difference = given.count ^ token.count
        for index in token.indices { difference |= Int(given[index % given.count] ^ token[index]) }
        return difference == 0
    }
}
