package import ForerunCore
import ForerunTransport
import Foundation
import Glibc

/// Headless Chromium, driven by the WebDriver protocol (W3C) over chromedriver.
package final class Browser: Sendable {
    /// It cannot be started, or does not do what it was told.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let places = [
        "/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver", "/usr/local/bin/chromedriver",
    ]
    private static let driver = places.first { access($0, X_OK) == 0 }
    /// Whether there is one.
    package static let isThere = driver != nil

    private let process: pid_t
    private let directory: String
    private let session: String

    /// Starts one of its own, with a profile of its own.
    package init() async throws {
        guard let driver = Self.driver else { throw Failure(description: "there is no chromedriver") }
        directory = "/tmp/forerun-browser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let log = directory + "/log"
        process = try Self.spawn([driver, "--port=0"], log)
        let base = "http://127.0.0.1:\(try await Self.port(log))/session"
        var flags: [JSON] = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]
        flags.append(.string("--user-data-dir=\(directory)/profile"))
        // As root there is no sandbox.
        if getuid() == 0 { flags.append("--no-sandbox") }
        let wish: JSON = [
            "capabilities": [
                "alwaysMatch": ["goog:chromeOptions": ["args": .array(flags)], "goog:loggingPrefs": ["browser": "ALL"]]
            ]
        ]
        let answer = try await Self.send(.post, base, wish)
        guard let id = answer["sessionId"]?.stringValue else {
            throw Failure(description: "no session: \(answer.text)")
        }
        session = "\(base)/\(id)"
    }

    /// Ends it. Nothing stays behind.
    package func close() async {
        _ = try? await Self.send(.delete, session)
        // The browser, too, where it did not listen. Other signals may be blocked in whoever tests.
        kill(-process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Goes to an address, and returns when the page is loaded.
    package func open(_ url: String) async throws {
        _ = try await Self.send(.post, session + "/url", ["url": .string(url)])
    }

    /// What `script` returns, a body of a function.
    @discardableResult
    package func run(_ script: String) async throws -> JSON {
        try await Self.send(.post, session + "/execute/sync", ["script": .string(script), "args": []])
    }

    /// Waits until `script` returns something true.
    package func wait(for script: String, limit: Int = 60) async throws {
        for _ in 0..<(limit * 20) {
            if try await run("return Boolean(\(script))") == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        let text = try await run("return document.body.innerText.slice(0, 2000)")
        throw Failure(description: "never true: \(script)\n\(text.stringValue ?? "")")
    }

    /// Presses keys where the focus is.
    package func type(_ keys: String) async throws {
        let actions = keys.flatMap { key -> [JSON] in
            [["type": "keyDown", "value": .string(String(key))], ["type": "keyUp", "value": .string(String(key))]]
        }
        _ = try await Self.send(
            .post, session + "/actions", ["actions": [["type": "key", "id": "keys", "actions": .array(actions)]]])
    }

    /// Makes its view so wide and high, in CSS pixels.
    package func resize(_ width: Int, _ height: Int) async throws {
        let size: JSON = ["width": .int(width), "height": .int(height), "deviceScaleFactor": 1, "mobile": false]
        let command: JSON = ["cmd": "Emulation.setDeviceMetricsOverride", "params": size]
        _ = try await Self.send(.post, session + "/goog/cdp/execute", command)
    }

    /// What the console holds since it was asked last: errors and warnings.
    package func complaints() async throws -> [String] {
        let entries = try await Self.send(.post, session + "/se/log", ["type": "browser"]).arrayValue ?? []
        return entries.filter { $0["level"] == "SEVERE" || $0["level"] == "WARNING" }
            .compactMap { $0["message"]?.stringValue }
    }

    // MARK: - The driver

    private static func send(_ method: HTTPRequest.Method, _ url: String, _ body: JSON = [:]) async throws -> JSON {
        let headers = HTTPHeaders([("Content-Type", "application/json")])
        let response = try await HTTPClient.shared.send(
            HTTPRequest(method, url, headers: headers, body: Array(body.text.utf8), totalTimeout: 120))
        let value = try JSON(parsing: response.body[...])["value"] ?? .null
        guard response.isSuccess else { throw Failure(description: value["message"]?.stringValue ?? value.text) }
        return value
    }

    private static func port(_ log: String) async throws -> Int {
        for _ in 0..<600 {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if let range = text.range(of: "started successfully on port ") {
                if let port = Int(text[range.upperBound...].prefix { $0.isNumber }) { return port }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure(description: "chromedriver does not start")
    }

    private static func spawn(_ words: [String], _ log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let code = posix_spawn(&process, words[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw Failure(description: String(cString: strerror(code))) }
        return process
    }
}

/// A browser for the time of `body`.
package func withBrowser(_ body: @Sendable (Browser) async throws -> Void) async throws {
    let browser = try await Browser()
    do { try await body(browser) } catch {
        await browser.close()
        throw error
    }
    await browser.close()
}
