import CCurl

/// The header fields of requests, made once and shared by all of them.
///
/// Opaque on purpose: keys travel in it, so that it can be neither printed nor read.
package final class HTTPHeaders: @unchecked Sendable {
    /// libcurl only ever reads the list, from any thread.
    let list: UnsafeMutablePointer<curl_slist>?
    /// What must not get into recordings.
    let secrets: [[UInt8]]

    /// Control characters in names and values are left out: they would end the field.
    ///
    /// - Parameter secrets: kept out of recordings, besides the values of fields whose names speak of keys.
    package init(_ fields: [(name: String, value: String)] = [], secrets: [String] = []) {
        let named = fields.filter { Self.namesSecret($0.name) }.map(\.value)
        // `Bearer KEY`: the key by itself, too.
        self.secrets = (secrets + named + named.compactMap { $0.split(separator: " ").last.map(String.init) })
            .map { Array($0.utf8) }
        // Without this, libcurl waits a second for "100 Continue" before it sends a large body.
        var list = curl_slist_append(nil, "Expect:")
        // Compressed streams arrive late. Proxies that compress all the same are understood.
        list = curl_slist_append(list, "Accept-Encoding:")
        for (name, value) in fields {
            let name = Self.cleaned(name)
            let value = Self.cleaned(value)
            guard !name.isEmpty else { continue }
            // "Name;" is how libcurl is told to send a field with an empty value.
            guard let longer = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)") else { break }
            list = longer
        }
        self.list = list
    }

    deinit { curl_slist_free_all(list) }

    private static func namesSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["auth", "key", "token", "secret", "cookie", "password", "credential"].contains { name.contains($0) }
    }

    private static func cleaned(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }, as: UTF8.self)
    }
}

extension HTTPHeaders: CustomStringConvertible, CustomReflectable {
    package var description: String { "HTTPHeaders(…)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
