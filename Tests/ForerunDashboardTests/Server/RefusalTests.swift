import ForerunCore
import ForerunDashboard
import ForerunStore
import ForerunTransport
import Synchronization
import Testing

/// Who is not answered, over real HTTP.
@Suite(.timeLimit(.minutes(20)))
struct RefusalTests {
    private static let token = "0123456789abcdefghij"

    @Test func aNameThatIsNotItsOwnIsRefused() async throws {
        let runs = try RecordedRuns()
        try await withDashboard(runs, access: DashboardAccess(names: ["runs.example.org"])) { server in
            for host in [
                "evil.example", "evil.example:\(server.port)", "127.0.0.1.evil.example", "localhost.evil.example", "",
            ] {
                for path in ["/", "/api/runs", "/assets/app.js", "/api/events"] {
                    let status = try await server.get(path, [("Host", host)]).status
                    #expect([400, 403].contains(status), "\(host) \(path)")
                }
            }
            for host in ["localhost", "LOCALHOST:\(server.port)", "127.0.0.1:1", "[::1]:9", "runs.example.org"] {
                #expect(try await server.get("/api/runs", [("Host", host)]).status == 200, "\(host)")
            }
        }
    }

    @Test func otherSitesAreRefused() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        try await withDashboard(runs) { server in
            for path in ["/api/runs", "/api/runs/\(run)", "/api/events", "/assets/app.js"] {
                for site in ["cross-site", "same-site"] {
                    let embedded = try await server.get(
                        path, [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors")])
                    #expect(embedded.status == 403, "\(site) \(path)")
                }
                for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"] {
                    let fetched = try await server.get(path, [("Origin", origin)])
                    #expect(fetched.status == 403, "\(origin) \(path)")
                }
            }
            for (destination, status) in [("document", 200), ("iframe", 403)] {
                let linked = try await server.get(
                    "/",
                    [
                        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"),
                        ("Sec-Fetch-Dest", destination),
                    ])
                #expect(linked.status == status, "\(destination)")
            }
        }
    }

    @Test func nobodyElseChangesAnything() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        let told = Mutex(0)
        let sources = DashboardSources(tell: { _, _ throws(DashboardSources.Refusal) in told.withLock { $0 += 1 } })
        try await withDashboard(runs, access: DashboardAccess(controls: true), sources: sources) { server in
            // A form of another site says where it comes from; what does not say so is refused as well.
            let foreign = try await server.post("/api/runs/\(run)/cancel", "{}", [("Origin", "http://evil.example")])
            #expect(foreign.status == 403)
            let silent = try await server.post("/api/runs/\(run)/cancel")
            #expect(silent.status == 403)
            #expect(told.withLock { $0 } == 0)
            let own = try await server.post("/api/runs/\(run)/cancel", "{}", [("Origin", server.address)])
            #expect(own.status == 200)
            #expect(told.withLock { $0 } == 1)
        }
    }

    @Test func withoutTheTokenNothingIsTold() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record("a secret task")
        try await withDashboard(runs, access: DashboardAccess(token: Self.token)) { server in
            let paths = [
                "/", "/runs/\(run)", "/api/runs", "/api/runs/\(run)", "/api/events", "/assets/app.js", "/none",
            ]
            let wrong = [
                [], [("Authorization", "Bearer \(Self.token)x")], [("Authorization", "Bearer ")],
                [("Authorization", Self.token)],
                [("Authorization", "Basic \(Self.token)")], [("Cookie", "forerun-0=\(Self.token)")],
            ]
            for path in paths {
                for fields in wrong {
                    let answer = try await server.get(path, fields.map { (name: $0.0, value: $0.1) })
                    #expect(answer.status == 401, "\(path) \(fields)")
                    #expect(!answer.text.contains("secret"))
                }
                #expect(try await server.get(path + "?token=\(Self.token)x").status == 401)
            }
            #expect(try await server.get("/api/runs?token=\(Self.token)").status == 401)
            #expect(try await server.get("/api/runs", [("Authorization", "Bearer \(Self.token)")]).status == 200)
        }
    }

    @Test func theTokenOfAnAddressBecomesACookie() async throws {
        let runs = try RecordedRuns()
        try await withDashboard(runs, access: DashboardAccess(token: Self.token)) { server in
            let answer = try await server.get("/insights?token=\(Self.token)")
            #expect(answer.status == 303)
            #expect(answer[header: "location"] == "/insights")
            let cookie = try #require(answer[header: "set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let pair = String(cookie.prefix { $0 != ";" })
            #expect(try await server.get("/api/runs", [("Cookie", "other=1; \(pair)")]).status == 200)
        }
    }

    @Test func nothingOutsideOfTheRunsIsRead() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        try await withDashboard(runs) { server in
            for path in [
                "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/assets/index.html",
                "/runs/..%2f..",
                "/api/runs/%2e%2e", "/api/runs/..%2f\(run)", "/api/runs/\(run)%00", "/api/runs/\(run)/outputs/0/..%2f0",
                "/api/runs/\(run)/outputs/-1/0", "/api/runs/\(run)/branches/99999999999999999999", "/etc/passwd", "//",
            ] {
                let answer = try await server.get(path)
                #expect(answer.status == 404, "\(path)")
                #expect(!answer.text.contains("root:"))
            }
            #expect(try await server.get("/api/runs/20200101-000000-0000").status == 404)
        }
    }

    @Test func everyAnswerIsProtected() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        try await withDashboard(runs) { server in
            for path in ["/", "/runs/\(run)", "/api/runs", "/assets/app.js", "/none", "/api/runs?limit=x"] {
                let answer = try await server.get(path)
                let policy = try #require(answer[header: "content-security-policy"])
                #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(answer[header: "x-content-type-options"] == "nosniff")
                #expect(answer[header: "referrer-policy"] == "no-referrer")
                #expect(answer[header: "cache-control"] == "no-store")
            }
        }
    }

    @Test func itOnlyShowsUnlessItControls() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        try await withDashboard(runs) { server in
            let fields = [(name: "Origin", value: server.address)]
            for path in ["cancel", "speculation"] {
                #expect(try await server.post("/api/runs/\(run)/\(path)", #"{"on":false}"#, fields).status == 403)
            }
            let misdirected = try await server.post("/api/runs", "{}", fields)
            #expect(misdirected.status == 405)
            #expect(try await server.get("/api/runs/\(run)/cancel").status == 403)
        }
    }
}
