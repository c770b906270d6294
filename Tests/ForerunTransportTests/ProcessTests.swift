import ForerunTesting
import ForerunTransport
import Glibc
import Testing

/// What a client does to the process it lives in. Each in a process of its own.
struct ProcessTests {
    @Test func noFileDescriptorIsLeft() async {
        await #expect(processExitsWith: .success) {
            // What the runtime and libcurl open once a process is no leak.
            try await useClient(requests: 60)
            let before = openDescriptors()
            try await useClient(requests: 1000)
            let after = openDescriptors()
            // No socket is left of any client or server; timers and queues of the runtime itself come and go.
            #expect(after.filter { $0.hasPrefix("socket:") }.count <= before.filter { $0.hasPrefix("socket:") }.count)
            #expect(after.count <= before.count + 16, "\(after)")
        }
    }

    @Test func childrenInheritNoSockets() async {
        await #expect(processExitsWith: .success) {
            let before = inheritedByChild()
            #expect(!before.isEmpty, "the child lists its own input, at least")
            let server = try LoopbackServer { request, connection in
                connection.startChunks()
                connection.chunk("first")
                if request.path == "/wait" { connection.waitForDisconnect() } else { connection.endChunks() }
            }
            let client = HTTPClient()
            async let running = client.send(HTTPRequest(.get, server.url + "/wait"))
            _ = try await client.send(HTTPRequest(.get, server.url))
            #expect(await eventually { server.counts.requests == 2 })
            let inherited = inheritedByChild().subtracting(before)
            #expect(inherited.allSatisfy { !$0.contains("socket:") && !$0.contains("anon_inode:") }, "\(inherited)")
            client.shutDown()
            _ = try? await running
        }
    }

    @Test func proxiesComeFromTheEnvironmentButNotForThisMachine() async {
        await #expect(processExitsWith: .success) {
            let proxy = try LoopbackServer { request, connection in connection.respond(200, "proxy: \(request.path)") }
            let server = try LoopbackServer { request, connection in connection.respond(200, "server") }
            setenv("http_proxy", proxy.url, 1)
            setenv("no_proxy", "direct.invalid", 1)
            let client = HTTPClient()
            let response = try await client.send(HTTPRequest(.get, "http://nowhere.invalid/path"))
            #expect(String(decoding: response.body, as: UTF8.self) == "proxy: http://nowhere.invalid/path")
            #expect(try await client.send(HTTPRequest(.get, server.url)).body == Array("server".utf8))
            await expectFailure(.couldNotResolve, HTTPRequest(.get, "http://direct.invalid/"), client: client)
        }
    }

    @Test func theProcessMayExitAtAnyTime() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let server = try LoopbackServer { _, connection in
                connection.startChunks()
                while !connection.isOver { connection.chunk("more") }
            }
            for _ in 0..<20 {
                Task { () async throws -> Void in
                    _ = try await HTTPClient.shared.send(HTTPRequest(.get, server.url), limit: .max)
                }
            }
            #expect(await eventually { server.counts.requests == 20 })
            exit(7)
        }
    }
}

/// What this process's open file descriptors are: `socket:[4711]`, `anon_inode:[eventpoll]`, paths.
private func openDescriptors() -> [String] {
    (0..<4096).compactMap { number in
        var target = [UInt8](repeating: 0, count: 256)
        let count = target.withUnsafeMutableBytes {
            readlink("/proc/self/fd/\(number)", $0.assumingMemoryBound(to: CChar.self).baseAddress!, $0.count)
        }
        return count < 0 ? nil : String(decoding: target.prefix(count), as: UTF8.self)
    }
}

/// Sends requests that end in every way, and shuts everything down.
private func useClient(requests: Int) async throws {
    let server = try LoopbackServer { request, connection in
        switch request.path.last {
        case "0": connection.reset()
        case "1": connection.waitForDisconnect()
        default: connection.respond(200, "hello")
        }
    }
    let client = HTTPClient()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<requests {
            if index >= 50 { try await group.next() }
            group.addTask {
                let request = HTTPRequest(.get, "\(server.url)/\(index)", idleTimeout: index % 10 == 1 ? 0.05 : 10)
                _ = try? await client.send(request)
            }
        }
        try await group.waitForAll()
    }
    #expect(server.counts.requests > requests * 8 / 10)
    client.shutDown()
    server.close()
    #expect(await eventually { server.isDown })
}

/// The targets of the descriptors that a child is born with: `socket:[123]`, `/dev/null`…
private func inheritedByChild() -> Set<String> {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("ls"), strdup("-l"), strdup("/proc/self/fd"), nil]
    var child = pid_t()
    posix_spawn(&child, "/bin/ls", &actions, nil, &arguments, environ)
    for argument in arguments { free(argument) }
    posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 { text += chunk[..<count] }
    close(ends[0])
    waitpid(child, nil, 0)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    return Set(lines.compactMap { $0.split(separator: " -> ").last.map(String.init) })
}
