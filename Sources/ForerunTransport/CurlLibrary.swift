import CCurl
import Glibc
import Synchronization

/// What libcurl keeps once a process.
enum CurlLibrary {
    /// Initialises libcurl on first use. What it is made of cannot be undone while threads may use it.
    static let result: CURLcode = {
        let result = curl_global_init(ccurl_global_default)
        // OpenSSL takes its tables apart in an exit handler of its own. Handlers run in reverse order, so that ours ends
        // the threads before.
        atexit { CurlLibrary.stopAllLoops() }
        return result
    }()

    /// Whether HTTP/2 can be trusted: from 8.5 on.
    ///
    /// In 7.88.1, exchanges hang until they time out. A stream whose response ends before its body is sent is not looked
    /// at again (of 200 parallel requests of 50 kB, 16 to 65 hung). With that worked around, some still hung when others
    /// were cancelled (in about one of three runs of 600 requests), and streams failed once a small socket buffer was
    /// full. 8.5.0 and 8.14.1 passed the same tests. HTTP/1.1 is used instead.
    static let speaksHTTP2 = curl_version_info(CURLVERSION_FIRST).pointee.version_num >= 0x080500

    /// Environment variables that OpenSSL or curl's command line know, and libcurl does not read itself.
    static let certificateFile = variable("CURL_CA_BUNDLE") ?? variable("SSL_CERT_FILE")
    static let certificateDirectory = variable("SSL_CERT_DIR")

    /// Hosts that are reached without a proxy. This machine always is: a proxy could not reach its servers.
    static let hostsWithoutProxy =
        (variable("no_proxy") ?? variable("NO_PROXY")).map { $0 == "*" ? $0 : $0 + "," + localHosts } ?? localHosts
    private static let localHosts = "localhost,127.0.0.1,::1"

    private static let loops = Mutex<[ObjectIdentifier: CurlLoop]>([:])

    static func register(_ loop: CurlLoop) { loops.withLock { $0[ObjectIdentifier(loop)] = loop } }
    static func unregister(_ loop: CurlLoop) { loops.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(loop)) } }

    private static func stopAllLoops() {
        for loop in loops.withLock({ Array($0.values) }) { loop.stop(waiting: true) }
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
