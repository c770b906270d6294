import CCurl
import Glibc

/// libcurl's handle for one transfer at a time, used again for the next: most of its options never change.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var hasBody = false
    /// The transfer may be one stream of several on its connection (HTTP/2).
    private(set) var mayShareConnection = false

    /// - Parameter certificateFile: of servers that are trusted; `nil`: those of the process.
    init?(certificateFile: String? = nil) {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setConstantOptions(certificateFile ?? CurlLibrary.certificateFile)
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    private func setConstantOptions(_ certificateFile: String?) {
        ccurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
        ccurl_set_long(pointer, CURLOPT_NOSIGNAL, 1)
        ccurl_set_string(pointer, CURLOPT_PROTOCOLS_STR, "http,https")
        let version = CurlLibrary.speaksHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        ccurl_set_long(pointer, CURLOPT_HTTP_VERSION, Int(version))
        ccurl_set_long(pointer, CURLOPT_TCP_KEEPALIVE, 1)
        ccurl_set_long(pointer, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // A look-up that is not answered must not hold up the loop when its transfer is removed.
        ccurl_set_long(pointer, CURLOPT_QUICK_EXIT, 1)
        ccurl_set_string(pointer, CURLOPT_USERAGENT, "forerun")
        // Undo gzip, brotli and whatever else libcurl can. ``HTTPHeaders`` takes care that nobody is asked for them.
        ccurl_set_string(pointer, CURLOPT_ACCEPT_ENCODING, "")
        ccurl_set_string(pointer, CURLOPT_NOPROXY, CurlLibrary.hostsWithoutProxy)
        if let file = certificateFile { ccurl_set_string(pointer, CURLOPT_CAINFO, file) }
        if let directory = CurlLibrary.certificateDirectory { ccurl_set_string(pointer, CURLOPT_CAPATH, directory) }
        ccurl_set_data_function(pointer, CURLOPT_HEADERFUNCTION, receiveHeader)
        ccurl_set_data_function(pointer, CURLOPT_WRITEFUNCTION, receiveBody)
        ccurl_set_open_function(pointer, openSocket)
    }

    /// Prepares the transfer of `exchange`, which must outlive it.
    func prepare(_ exchange: Exchange) {
        let request = exchange.request
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        errorText[0] = 0
        ccurl_set_pointer(pointer, CURLOPT_PRIVATE, context)
        ccurl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
        ccurl_set_pointer(pointer, CURLOPT_WRITEDATA, context)
        ccurl_set_string(pointer, CURLOPT_URL, request.url)
        ccurl_set_list(pointer, CURLOPT_HTTPHEADER, request.headers.list)
        let milliseconds = min(max(request.connectTimeout * 1000, 1), 1e9)
        ccurl_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, Int(milliseconds))
        // A request to a TLS host waits for a connection being made rather than making another: HTTP/2 shares it.
        mayShareConnection = CurlLibrary.speaksHTTP2 && request.url.prefix(6).lowercased() == "https:"
        ccurl_set_long(pointer, CURLOPT_PIPEWAIT, mayShareConnection ? 1 : 0)
        ccurl_set_long(pointer, CURLOPT_NOBODY, request.method == .head ? 1 : 0)
        ccurl_set_string(pointer, CURLOPT_CUSTOMREQUEST, request.method == .delete ? "DELETE" : nil)
        switch request.method {
        case .post:
            hasBody = true
            ccurl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            // Not copied: the storage of an array neither moves nor ends while its owner, the exchange, holds it unchanged.
            _ = request.body.withUnsafeBytes {
                ccurl_set_pointer(pointer, CURLOPT_POSTFIELDS, $0.baseAddress ?? noBytes)
            }
            ccurl_set_long(pointer, CURLOPT_POST, 1)
        case .get, .delete: ccurl_set_long(pointer, CURLOPT_HTTPGET, 1)
        case .head: break
        }
    }

    /// Has the connection closed where the transfer turns out to be its last.
    func forbidReuse() { ccurl_set_long(pointer, CURLOPT_FORBID_REUSE, 1) }

    /// Has libcurl look after the transfer's connection soon, as it does when a pause ends. Nothing is ever paused.
    func stir() {
        guard mayShareConnection else { return }
        curl_easy_pause(pointer, CURLPAUSE_RECV)
        curl_easy_pause(pointer, CURLPAUSE_CONT)
    }

    /// Forgets what belongs to the exchange that is over.
    func reset() {
        ccurl_set_list(pointer, CURLOPT_HTTPHEADER, nil)
        ccurl_set_pointer(pointer, CURLOPT_PRIVATE, nil)
        ccurl_set_long(pointer, CURLOPT_FORBID_REUSE, 0)
        guard hasBody else { return }
        hasBody = false
        ccurl_set_pointer(pointer, CURLOPT_POSTFIELDS, nil)
        ccurl_set_long(pointer, CURLOPT_HTTPGET, 1)
    }

    /// What libcurl says about the last failure; may be empty.
    var errorMessage: String { String(cString: errorText) }

    /// The `errno` of the last failed connect, or 0.
    var systemError: Int {
        var value = 0
        ccurl_get_long(pointer, CURLINFO_OS_ERRNO, &value)
        return value
    }
}

/// Stands for an empty body: libcurl takes a null pointer for one that a callback provides.
private var noBytes: UnsafeRawPointer { UnsafeRawPointer(StaticString("").utf8Start) }

/// The exchange that libcurl's context pointer stands for.
private func exchange(_ context: UnsafeMutableRawPointer?) -> Exchange? {
    context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
}

private func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: UnsafeRawPointer(bytes)?.assumingMemoryBound(to: UInt8.self), count: count)
}

private let receiveHeader: ccurl_data_function = { bytes, size, count, context in
    exchange(context)?.receivedHeader(buffer(bytes, size * count))
    return size * count
}

private let receiveBody: ccurl_data_function = { bytes, size, count, context in
    if let exchange = exchange(context), exchange.receivedBody(buffer(bytes, size * count)) {
        exchange.loop?.satisfied.append(exchange)
    }
    return size * count
}

/// Opens sockets that children do not inherit.
private let openSocket: ccurl_open_function = { _, _, address in
    guard let address else { return ccurl_socket_bad }
    let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, kind, address.pointee.protocol)
}
