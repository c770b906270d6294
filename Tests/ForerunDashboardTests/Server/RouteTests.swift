import ForerunStore
import Testing

@testable import ForerunDashboard

struct RouteTests {
    private let run = "20261122-105718-5f26"

    @Test func pathsLeadToWhatTheySay() throws {
        let name = try #require(RunName(run))
        #expect(Route(path: "/") == .page)
        #expect(Route(path: "/runs/\(run)") == .page)
        #expect(Route(path: "/assets/app.js") == .asset(.app))
        #expect(Route(path: "/api/runs/\(run)") == .run(name))
        #expect(Route(path: "/api/runs/\(run)/events") == .runEvents(name))
        #expect(Route(path: "/api/runs/\(run)/outputs/3/0") == .output(name, turn: 3, index: 0))
        #expect(Route(path: "/api/runs/\(run)/branches/12") == .branch(name, world: 12))
    }

    @Test(arguments: [
        "", "/assets/../style.css", "/assets/../../etc/passwd", "/assets/", "/runs/../x", "/runs/20261122-105718-5F26",
        "/runs/",
        "/api/runs/20261122-105718-5f26/../x", "/api/runs/20261122-105718-5f26/outputs/1",
        "/api/runs/20261122-105718-5f26/outputs/+1/0",
        "/api/runs/20261122-105718-5f26/", "/api", "/api/", "assets/app.js", "/runs/20261122-105718-5f26\u{0}",
    ])
    func everythingElseLeadsNowhere(_ path: String) { #expect(Route(path: path) == nil) }

    @Test func hostsAreReadAsBrowsersWriteThem() {
        #expect(HostName.host(of: "localhost:80") == "localhost")
        #expect(HostName.host(of: "EXAMPLE.org.") == "example.org")
        #expect(HostName.host(of: "[::1]:8384") == "::1")
        for wrong in ["", ":80", "[::1", "[x]:1", "a:b", "a:1:2", "a:999999", "[::1]x"] {
            #expect(HostName.host(of: wrong) == nil)
        }
        for name in ["127.0.0.1", "10.0.0.255", "::1", "fe80::1"] { #expect(HostName.isAddress(name)) }
        for name in ["127.0.0.256", "1.2.3", "1.2.3.4.example", "0x7f.1", "abc", "1.2.3.+4"] {
            #expect(!HostName.isAddress(name))
        }
    }

    @Test func queriesAreDecodedOnce() throws {
        let query = Query("words=a%20b+c%2525&limit=7&words=later&bad=%zz&empty=")
        #expect(query["words"] == "a b c%25")
        #expect(query["bad"] == nil)
        #expect(query["empty"] == nil)
        #expect(try query.runQuery().limit == 7)
        for wrong in ["limit=0", "limit=x", "offset=-1", "order=name", "since=a"] {
            #expect(throws: Query.Failure.self) { try Query(wrong).runQuery() }
        }
    }

    @Test func tokensAreComparedWhole() {
        #expect(Gate.isSame("abcdef", "abcdef"))
        for wrong in ["", "abcde", "abcdeg", "abcdefabcdef", "abcdefa"] { #expect(!Gate.isSame(wrong, "abcdef")) }
    }
}
