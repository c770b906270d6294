import Glibc
import Synchronization

@testable import ForerunWorkspace

/// Waits for connections on a thread of its own, counts them and hands each one a descriptor.
final class UnixServer: Sendable {
    private let descriptor: Int32
    private let accepted = Atomic(0)
    private let isStopped = Atomic(false)

    /// - Parameter name: a path, or `@` and a name without one.
    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if name.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (name.hasPrefix("@") ? 0 : 1))
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard isBound == 0, listen(descriptor, 16) == 0 else { throw FileError("listen on \(name)", code: errno) }
        chmod(name, 0o777)
        Threads.start { self.serve() }
    }

    var count: Int { accepted.load(ordering: .relaxed) }

    func waitForCount(_ wanted: Int) async -> Bool { await Threads.wait { self.count >= wanted } }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    deinit { close(descriptor) }

    private func serve() {
        while true {
            let connection = accept(descriptor, nil, nil)
            if connection < 0 || isStopped.load(ordering: .relaxed) { return }
            accepted.add(1, ordering: .relaxed)
            let gift = open("/dev/null", O_RDONLY | O_CLOEXEC)
            Self.send(gift, over: connection)
            close(gift)
            close(connection)
        }
    }

    private static func send(_ descriptor: Int32, over connection: Int32) {
        var byte: UInt8 = 1
        // One header of 16 bytes and one descriptor, padded.
        var control = [Int32](repeating: 0, count: 6)
        control[0] = 20
        control[2] = Int32(SOL_SOCKET)
        control[3] = 1  // SCM_RIGHTS
        control[4] = descriptor
        withUnsafeMutablePointer(to: &byte) { byte in
            var part = iovec(iov_base: byte, iov_len: 1)
            withUnsafeMutablePointer(to: &part) { part in
                control.withUnsafeMutableBytes { control in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = 24
                    sendmsg(connection, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
    }
}

/// Counts connections to a port of 127.0.0.1.
final class LoopbackServer: Sendable {
    let port: Int
    private let descriptor: Int32
    private let accepted = Atomic(0)

    init() throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(made, $0, length) == 0 && listen(made, 16) == 0 && getsockname(made, $0, &length) == 0
            }
        }
        descriptor = made
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound else { throw FileError("listen on the loopback", code: errno) }
        Threads.start { [weak self, descriptor] in
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0 { return }
                self?.accepted.add(1, ordering: .relaxed)
                close(connection)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    var count: Int { accepted.load(ordering: .relaxed) }

    func waitForCount(_ wanted: Int) async -> Bool { await Threads.wait { self.count >= wanted } }
}

/// Work that blocks, outside of the threads of the concurrency runtime.
enum Threads {
    static func start(_ work: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(work))
        var thread = pthread_t()
        let isStarted = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        if isStarted == 0 { pthread_detach(thread) } else { box.release() }
    }

    /// Looks again and again, for two minutes at most.
    static func wait(_ isDone: () -> Bool) async -> Bool {
        for _ in 0..<60_000 {
            if isDone() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return isDone()
    }

    private final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}
