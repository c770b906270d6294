/// The host in a request's `Host` field, or in an address.
enum HostName {
    /// The host without its port, in lower case; `nil`: that is none.
    static func host(of authority: String) -> String? {
        let text = authority.lowercased()
        var host: Substring
        var rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard isVersion6(host) else { return nil }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
            if host.hasSuffix(".") { host.removeLast() }
        }
        if rest.first == ":" {
            rest.removeFirst()
            guard !rest.isEmpty, rest.utf8.count <= 5, rest.utf8.allSatisfy({ (48...57).contains($0) }) else {
                return nil
            }
        } else if !rest.isEmpty {
            return nil
        }
        return host.isEmpty ? nil : String(host)
    }

    /// Whether it is an address and no name. A name can be made to lead anywhere by whoever owns it; an address cannot.
    static func isAddress(_ host: String) -> Bool { isVersion4(host[...]) || isVersion6(host[...]) }

    private static func isVersion4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) }
                    && UInt8(part) != nil
            }
    }

    private static func isVersion6(_ host: Substring) -> Bool {
        host.contains(":") && host.utf8.count <= 45
            && host.utf8.allSatisfy { (48...58).contains($0) || (97...102).contains($0) || $0 == 46 }
    }
}
