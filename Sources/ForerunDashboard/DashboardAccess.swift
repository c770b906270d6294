/// Who may ask a dashboard for what.
package struct DashboardAccess: Sendable, Hashable {
    /// What every request must bring; `nil`: nobody is asked for one.
    package var token: String?
    /// Names by which the server may be called, beside `localhost` and addresses.
    package var names: Set<String>
    /// Whether running runs may be cancelled, and their speculation switched.
    package var controls: Bool

    /// The least number of characters of a token.
    package static let shortestToken = 16

    package init(token: String? = nil, names: Set<String> = [], controls: Bool = false) {
        self.token = token
        self.names = Set(names.map { $0.lowercased() })
        self.controls = controls
    }

    /// A token of 128 random bits.
    package static func makeToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(UInt32.random(in: 0...UInt32.max, using: &generator), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    /// Whether only this machine can reach a server that listens there.
    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && HostName.isAddress(host)
    }
}
