import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 8 to 10: descriptors, sockets and the network.
    @Suite(
        .enabled(if: canBranch, "branches do not work here: see forerun doctor"),
        .enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
    struct NetworkTests {
        /// Group 8. This process holds a file, a directory, a socket and memory that are all inherited by programs that it
        /// starts, unless whoever starts them takes care.
        @Test func noDescriptorIsInherited() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let kept = [
                    open(oracle.near.path, O_RDONLY | O_DIRECTORY), open(oracle.near.path + "/file", O_RDWR),
                    socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0),
                    open("/tmp", 0o20_200_000 | O_RDWR, 0o600),
                ]
                defer { for descriptor in kept { close(descriptor) } }
                #expect(kept.allSatisfy { $0 >= 0 })
                // They are open in a program that is started the plain way.
                let outside = await Oracle.outside("'\(oracle.path)/attack' descriptors")
                for descriptor in kept { #expect(outside.contains("open \(descriptor)\n"), "\(outside)") }
                let inside = try await oracle.run("./attack descriptors; echo end")
                #expect(inside == "end\n")
            }
        }

        /// Groups 8 and 9: a server in the home directory, one in the workspace, one below /run and one without a path
        /// wait for somebody, and would hand out a descriptor. Programs outside get it.
        @Test func noServerIsReached() async throws {
            try await Oracle.watch(programs: true) { oracle in
                oracle.changesWorkspace = true
                let hidden = try TemporaryDirectory()
                let seen = try Oracle.home.map { try TemporaryDirectory(in: $0) }
                var places = ["\(hidden.path)/socket", "\(oracle.path)/socket", "@\(oracle.marker)"]
                if let seen { places.append("\(seen.path)/socket") }
                if access("/run", W_OK) == 0 { places.append("/run/\(oracle.marker)") }
                for place in places {
                    let server = try UnixServer(place)
                    let outside = Attempts(await Oracle.outside("'\(oracle.path)/attack' unix '\(place)'"))
                    #expect(outside["connect-unix"] == "ok" && outside["receive"] == "ok", "\(place): \(outside.text)")
                    #expect(await server.waitForCount(1))
                    let inside = try await oracle.attack("unix '\(place)'")
                    #expect(inside.succeeded == [], "\(place): \(inside.text)")
                    #expect(inside.results.count == 3)
                    #expect(server.count == 1, "\(place)")
                    server.stop()
                    if !place.hasPrefix("@") { unlink(place) }
                }
            }
        }

        /// Group 9: kinds of sockets that lead to the machine or to what is below it.
        @Test func kindsOfSocketsAreRefused() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let outside = Attempts(await Oracle.outside("'\(oracle.path)/attack' families"))
                #expect(outside.succeeded.contains("netlink-uevent"), "\(outside.text)")
                let inside = try await oracle.attack("families")
                #expect(inside.results.count >= 20)
                // Programs talk to themselves through these.
                #expect(inside.succeeded.isSubset(of: ["socketpair-unix"]), "\(inside.text)")
            }
        }

        /// Group 10: a server of this machine is reached from outside and not from a branch, by no address and no way.
        @Test func noNetworkIsReached() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let server = try LoopbackServer()
                let outside = Attempts(await Oracle.outside("'\(oracle.path)/attack' network \(server.port)"))
                #expect(outside["tcp4"] == "ok", "\(outside.text)")
                #expect(await server.waitForCount(1))
                let before = server.count
                let inside = try await oracle.attack("network \(server.port)")
                #expect(inside.succeeded == [], "\(inside.text)")
                #expect(inside.results.count == 4)
                let shells = try await oracle.run(
                    """
                    command -v bash >/dev/null && bash -c 'exec 3<>/dev/tcp/127.0.0.1/\(server.port) && echo reached'
                    command -v curl >/dev/null && curl -s -m 2 http://127.0.0.1:\(server.port)/ && echo reached
                    command -v getent >/dev/null && getent hosts example.com && echo reached
                    ls /sys/class/net 2>/dev/null; echo end
                    """)
                #expect(!shells.contains("reached") && shells.hasSuffix("end\n"), "\(shells)")
                #expect(server.count == before)
            }
        }

        /// Group 10: what a command says to itself over its own loopback stays its own.
        @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0, "there is no python3"))
        func theLoopbackIsItsOwn() async throws {
            try await Oracle.watch { oracle in
                let server = try LoopbackServer()
                let text = try await oracle.run(
                    """
                    python3 -c '
                    import socket
                    a = socket.socket(); a.bind(("127.0.0.1", \(server.port))); a.listen(1)
                    b = socket.socket(); b.connect(("127.0.0.1", \(server.port)))
                    c, _ = a.accept(); c.send(b"own"); print(b.recv(3).decode())'
                    """)
                #expect(text == "own\n")
                #expect(server.count == 0)
            }
        }
    }
}
