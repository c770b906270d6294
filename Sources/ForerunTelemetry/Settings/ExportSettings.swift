package import ForerunTransport

/// Where and how one signal (traces, metrics) is exported.
package struct ExportSettings: Sendable {
    package enum Signal: String, Sendable, Hashable, CaseIterable {
        case traces, metrics

        var path: String { "v1/\(rawValue)" }
        /// `OTEL_EXPORTER_OTLP_TRACES_`
        var prefix: String { "OTEL_EXPORTER_OTLP_\(rawValue.uppercased())_" }
    }

    package var signal: Signal
    /// May hold a name and a password: never shown.
    package var url: String
    package var encoding: OTLP.Encoding
    package var headers: HTTPHeaders
    /// Seconds for one request.
    package var timeout: Double
    package var compresses: Bool
    /// Certificates that are trusted (PEM); `nil`: those of the system.
    package var certificateFile: String?

    /// Scheme, host and port: what may be shown.
    package var shownURL: String { Self.parts(of: url)?.shown ?? "" }

    private static let standardURL = "http://localhost:4318"

    /// - Returns: `nil` where the signal is not exported.
    init?(_ signal: Signal, _ variables: inout OTelVariables) {
        self.signal = signal
        guard Self.isWanted(signal, &variables) else { return nil }
        guard let url = Self.url(signal, &variables), let encoding = Self.encoding(signal, &variables) else {
            return nil
        }
        self.url = url
        self.encoding = encoding
        timeout = variables.milliseconds(
            [signal.prefix + "TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"], standard: 10, range: 1...600_000)
        compresses = false
        if let (name, value) = variables.first([signal.prefix + "COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"]) {
            compresses = value == "gzip"
            if value != "gzip", value != "none" { variables.note("\(name) is neither gzip nor none: none is used") }
        }
        certificateFile = variables.first([signal.prefix + "CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"])?.value
        headers = Self.headers(signal, encoding, compresses: compresses, &variables)
        for name in ["CLIENT_CERTIFICATE", "CLIENT_KEY"] {
            if let (name, _) = variables.first([signal.prefix + name, "OTEL_EXPORTER_OTLP_" + name]) {
                variables.note("\(name) has no effect: clients without a certificate only")
            }
        }
    }

    /// An exporter is named, or an address is.
    private static func isWanted(_ signal: Signal, _ variables: inout OTelVariables) -> Bool {
        let name = "OTEL_\(signal.rawValue.uppercased())_EXPORTER"
        guard let value = variables[name] else {
            return variables.first([signal.prefix + "ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]) != nil
        }
        let names = value.split(separator: ",").map { OTelVariables.trimmed($0) }
        if names.contains("otlp") { return true }
        if names != ["none"] { variables.note("\(name) is neither otlp nor none: no \(signal.rawValue) are exported") }
        return false
    }

    private static func url(_ signal: Signal, _ variables: inout OTelVariables) -> String? {
        let name: String
        let url: String
        var isBased = true
        if let value = variables[signal.prefix + "ENDPOINT"] {
            // As it is.
            (name, url) = (signal.prefix + "ENDPOINT", value)
        } else {
            name = "OTEL_EXPORTER_OTLP_ENDPOINT"
            let base = variables[name] ?? standardURL
            isBased = parts(of: base) != nil
            url = base + (base.hasSuffix("/") ? "" : "/") + signal.path
        }
        guard isBased, let parts = parts(of: url), url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            variables.note(
                "\(name) is no address that begins with http:// or https://, so nothing is exported there")
            return nil
        }
        if parts.path.isEmpty { return url + "/" }
        return url
    }

    private static func encoding(_ signal: Signal, _ variables: inout OTelVariables) -> OTLP.Encoding? {
        guard let (name, value) = variables.first([signal.prefix + "PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]) else {
            return .protobuf
        }
        if let encoding = OTLP.Encoding(rawValue: value) { return encoding }
        if value == "grpc" {
            variables.note(
                "\(name)=grpc is not spoken here, so nothing is exported by it: set it to http/protobuf, and the address to "
                    + "the collector's port for HTTP (4318, as a rule)")
            return nil
        }
        variables.note("\(name) is neither http/protobuf nor http/json: http/protobuf is used")
        return .protobuf
    }

    private static func headers(
        _ signal: Signal, _ encoding: OTLP.Encoding, compresses: Bool, _ variables: inout OTelVariables
    ) -> HTTPHeaders {
        var fields = [(name: "Content-Type", value: encoding.contentType)]
        if compresses { fields.append(("Content-Encoding", "gzip")) }
        if let (name, value) = variables.first([signal.prefix + "HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"]) {
            for (place, pair) in OTelVariables.pairs(value).enumerated() {
                if let pair, pair.key.utf8.allSatisfy(isToken) {
                    fields.append((pair.key, pair.value))
                } else {
                    variables.note("item \(place + 1) of \(name) is no name=value, and is left out")
                }
            }
        }
        return HTTPHeaders(fields)
    }

    /// What names of header fields are made of (RFC 9110, 5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Scheme, host and port together, and the path of an address.
    private static func parts(of url: String) -> (shown: String, path: Substring)? {
        let lower = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard !host.isEmpty, host.first != ":" else { return nil }
        return (scheme + host, rest[authority.endIndex...])
    }
}
