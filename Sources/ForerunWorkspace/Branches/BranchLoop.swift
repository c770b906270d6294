import CBranch
import Glibc
import Synchronization

/// The thread that talks to one `forerun-branch` and reads what its commands write.
final class BranchLoop: Sendable {
    private enum Pending {
        case answer(CheckedContinuation<Result<BranchMessage, BranchFailure>, Never>)
        case task(BranchTask)
    }

    private struct State {
        var pending: [UInt32: Pending] = [:]
        /// The reading ends of output pipes.
        var outputs: [Int32: BranchTask] = [:]
        var lastID: UInt32 = 0
        var end: BranchFailure?
        var isStopping = false
        var isGone = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let socket: Int32
    /// An eventfd: says that there is something new to wait for.
    private let wake: Int32
    let processID: pid_t
    private let state = Mutex(State())

    init(program: String) throws(BranchFailure) {
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            throw BranchFailure(reason: "cannot make a socket pair: \(String(cString: strerror(errno)))")
        }
        socket = sockets[0]
        wake = cbranch_event()
        do {
            processID = try BranchProgram.start(program, ["serve"], descriptor: sockets[1])
        } catch {
            close(sockets[0])
            close(sockets[1])
            close(wake)
            throw error
        }
        close(sockets[1])
        // Only our end: the other one has flags of its own.
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        startThread()
    }

    var isAlive: Bool { state.withLock { $0.end == nil && !$0.isStopping } }

    func nextID() -> UInt32 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Ends the host and the thread. What still waits fails.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            if state.end == nil { cbranch_raise(wake) }
        }
    }

    /// Returns when the host is gone and its process collected.
    func waitUntilGone() async {
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                if !state.isGone { state.waiters.append(continuation) }
                return state.isGone
            }
            if isGone { continuation.resume() }
        }
    }

    // MARK: - Asking

    /// Sends a message and waits for its answer.
    func request(_ message: BranchMessage) async throws(BranchFailure) -> BranchMessage {
        let result = await withCheckedContinuation { continuation in
            let end = state.withLock { state -> BranchFailure? in
                if state.end == nil { state.pending[message.id] = .answer(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: .failure(end)) } else { send(message) }
        }
        return try result.get()
    }

    /// Sends a message that needs no answer.
    func send(_ message: BranchMessage) {
        state.withLock { state in
            guard state.end == nil, !state.isStopping else { return }
            // A host that takes no messages any more is as good as dead: its socket will end.
            if !Self.transmit(message, to: socket) { Glibc.kill(processID, SIGKILL) }
        }
    }

    func start(
        _ run: BranchRun, onFelt: @escaping @Sendable (BranchRun.Restriction) -> Void
    ) throws(BranchFailure) -> BranchTask {
        let task = BranchTask(
            id: nextID(), outputLimit: run.outputLimit, isOutputOpen: run.streams == nil, onFelt: onFelt)
        var message = run.message(id: task.id)
        var ends: [Int32] = [-1, -1]
        if let streams = run.streams {
            message.descriptors = streams
        } else {
            guard cbranch_pipe(&ends) == 0 else {
                throw BranchFailure(reason: "cannot make a pipe: \(String(cString: strerror(errno)))")
            }
            message.descriptors = [ends[1], ends[1]]
        }
        let end = state.withLock { state -> BranchFailure? in
            if state.isStopping { return .hostEnded }
            if let end = state.end { return end }
            guard Self.transmit(message, to: socket) else {
                return BranchFailure(reason: "the helper takes no commands: \(String(cString: strerror(errno)))")
            }
            state.pending[task.id] = .task(task)
            if ends[0] >= 0 { state.outputs[ends[0]] = task }
            cbranch_raise(wake)
            return nil
        }
        if ends[1] >= 0 { close(ends[1]) }
        if let end {
            if ends[0] >= 0 { close(ends[0]) }
            throw end
        }
        return task
    }

    /// A datagram takes about 200 KB; what is longer goes into a memory file.
    private static let longestDatagram = 120_000

    private static func transmit(_ message: BranchMessage, to socket: Int32) -> Bool {
        var bytes = message.header
        let strings = message.strings
        var descriptors = message.descriptors
        var file: Int32 = -1
        defer { if file >= 0 { close(file) } }
        if strings.count <= longestDatagram {
            bytes += strings
        } else {
            file = cbranch_memory_file("message")
            guard file >= 0, write(file, whole: strings) else { return false }
            descriptors.append(file)
        }
        while true {
            if cbranch_send(socket, bytes, bytes.count, descriptors, Int32(descriptors.count)) == 0 { return true }
            guard errno == EAGAIN || errno == EINTR else { return false }
            var poll = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            guard Glibc.poll(&poll, 1, 10_000) > 0 else { return false }
        }
    }

    private static func write(_ file: Int32, whole bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + written, bytes.count - written) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return false }
            written += count
        }
        return true
    }

    // MARK: - The thread

    private func startThread() {
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<BranchLoop>.fromOpaque(context).takeRetainedValue().serve() }
                return nil
            }, context.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            context.release()
            finish(BranchFailure(reason: "cannot start a thread: \(String(cString: strerror(code)))", isFinal: true))
        }
    }

    private func serve() {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var isConnected = true
        while true {
            let (outputs, isStopping) = state.withLock { (Array($0.outputs.keys), $0.isStopping) }
            if isStopping, isConnected {
                isConnected = false
                shutdown(socket, Int32(SHUT_RDWR))
                disconnected(.hostEnded)
            }
            // The last output ends when the host has killed what wrote it.
            if !isConnected, outputs.isEmpty { break }
            var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            polled.append(pollfd(fd: isConnected ? socket : -1, events: Int16(POLLIN), revents: 0))
            polled += outputs.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
            if polled[0].revents != 0 { cbranch_lower(wake) }
            for output in polled.dropFirst(2) where output.revents != 0 { read(output.fd, &buffer) }
            if polled[1].revents != 0, isConnected, !receive(&buffer) {
                isConnected = false
                disconnected(.hostEnded)
            }
        }
        finish(.hostEnded)
    }

    private func read(_ output: Int32, _ buffer: inout [UInt8]) {
        guard let task = state.withLock({ $0.outputs[output] }) else { return }
        let count = buffer.withUnsafeMutableBytes { bytes in
            let count = Glibc.read(output, bytes.baseAddress!, bytes.count)
            if count > 0 { task.wrote(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            return count
        }
        if count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        state.withLock { $0.outputs[output] = nil }
        close(output)
        task.outputEnded()
    }

    /// - Returns: `false` at the end of the socket.
    private func receive(_ buffer: inout [UInt8]) -> Bool {
        while true {
            var descriptors = [Int32](repeating: -1, count: 8)
            var count: Int32 = 8
            let length = cbranch_receive(socket, &buffer, buffer.count, &descriptors, &count)
            if length < 0, errno == EINTR { continue }
            if length < 0 { return errno == EAGAIN }
            if length == 0 { return false }
            let given = Array(descriptors.prefix(Int(count)))
            guard let message = BranchMessage(bytes: Array(buffer[..<length]), descriptors: given) else {
                for descriptor in given { close(descriptor) }
                continue
            }
            take(message)
        }
    }

    private func take(_ message: BranchMessage) {
        let pending = state.withLock { state -> Pending? in
            let pending = state.pending[message.id]
            switch cbranch_answer(message.kind) {
            case CBRANCH_STARTED, CBRANCH_FELT: break
            default: state.pending[message.id] = nil
            }
            return pending
        }
        var isKept = false
        switch pending {
        case .answer(let continuation):
            isKept = message.kind != CBRANCH_FAILED.rawValue
            continuation.resume(returning: isKept ? .success(message) : .failure(BranchFailure(message)))
        case .task(let task):
            switch cbranch_answer(message.kind) {
            case CBRANCH_FELT: message["what"].flatMap { BranchRun.Restriction(rawValue: $0) }.map(task.felt)
            case CBRANCH_ENDED: task.ended(message)
            case CBRANCH_FAILED: task.failed(BranchFailure(message))
            default: break
            }
        case nil: break
        }
        if !isKept { for descriptor in message.descriptors { close(descriptor) } }
    }

    // MARK: - The end

    private func disconnected(_ failure: BranchFailure) {
        let pending = state.withLock { state in
            state.end = state.end ?? failure
            defer { state.pending = [:] }
            return Array(state.pending.values)
        }
        for item in pending {
            switch item {
            case .answer(let continuation): continuation.resume(returning: .failure(failure))
            case .task(let task): task.failed(failure)
            }
        }
    }

    private func finish(_ failure: BranchFailure) {
        disconnected(failure)
        let outputs = state.withLock { state in
            defer { state.outputs = [:] }
            return state.outputs
        }
        for (output, task) in outputs {
            close(output)
            task.outputEnded()
        }
        close(socket)
        close(wake)
        // It ends by itself when its socket has; it is waited for so that no zombie is left.
        while waitpid(processID, nil, 0) < 0, errno == EINTR {}
        let waiters = state.withLock { state in
            state.isGone = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension BranchRun {
    fileprivate func message(id: UInt32) -> BranchMessage {
        var message = BranchMessage(CBRANCH_RUN, id: id)
        message.add("upper", upper.description)
        for lower in lowers { message.add("lower", lower.description) }
        for argument in arguments { message.add("arg", argument) }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { message.add("env", "\(name)=\(value)") }
        message.add("network", network ? 1 : 0)
        message.add("notice", reportsNetwork ? 1 : 0)
        message.add("umask", String(umask, radix: 8))
        message.add("processes", limits.processes)
        message.add("open-files", limits.openFiles)
        if niceness > 0 { message.add("nice", niceness) }
        if let size = limits.fileSize { message.add("file-size", size) }
        if let memory = limits.memory { message.add("memory", memory) }
        return message
    }
}
