import CCurl
import Glibc
import Synchronization

/// The thread that owns libcurl's multi handle: all transfers run on it.
///
/// Other threads only put commands into the inbox and interrupt the poller. The loop sleeps until a socket is ready, a
/// command arrives or a deadline passes; each event costs time for its own transfer, not for all of them.
final class CurlLoop: @unchecked Sendable {
    private enum Command {
        case start(Exchange)
        case cancel(UInt64)
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Set together with the last command, and tested where commands are taken: none is ever left behind.
        var isStopped = false
        var thread: pthread_t?
    }

    private let inbox = Mutex(Inbox())
    private let poller: SocketPoller?
    private let startFailure: TransportError?
    /// Of servers that are trusted (PEM); `nil`: those of the process.
    private let certificateFile: String?

    // Everything below belongs to the loop thread.
    private var multi: UnsafeMutableRawPointer?
    private var exchanges: [UInt64: Exchange] = [:]
    private var idleHandles: [EasyHandle] = []
    /// Exchanges whose readers have just become satisfied.
    var satisfied: [Exchange] = []
    /// A stream was reset, and libcurl may still hold the frame that says so.
    private var owesReset = false
    /// When libcurl wants to be called next.
    private var curlDeadline = Int64.max
    /// No later than the earliest deadline of an exchange.
    private var nextDeadline = Int64.max

    init(certificateFile: String? = nil) {
        self.certificateFile = certificateFile
        guard CurlLibrary.result == CURLE_OK else {
            poller = nil
            startFailure = TransportError(CurlLibrary.result, detail: "", systemError: 0, hadResponse: false)
            return
        }
        do throws(SystemError) {
            poller = try SocketPoller()
            startFailure = nil
        } catch {
            poller = nil
            startFailure = TransportError(
                .unavailable, "The HTTP client cannot start: \(error.message)",
                remedy: "Raise the limit of open files (ulimit -n).")
            return
        }
        multi = makeMulti()
        CurlLibrary.register(self)
        startThread()
    }

    // MARK: Any thread

    func start(_ exchange: Exchange) {
        if let startFailure { return exchange.finish(startFailure) }
        if !post(.start(exchange)) { exchange.finish(.clientShutDown) }
    }

    func cancel(_ id: UInt64) { _ = post(.cancel(id)) }

    /// Ends the loop. With `waiting`, returns when its thread is gone, or after a second.
    func stop(waiting: Bool) {
        let thread = inbox.withLock { inbox -> pthread_t? in
            inbox.isStopped = true
            // Whoever gets the thread must join or detach it, once.
            return inbox.thread.take()
        }
        guard let thread else { return }
        poller?.interrupt()
        // A process that exits from within a callback cannot wait for itself.
        if waiting, pthread_equal(thread, pthread_self()) == 0 {
            if ccurl_join(thread, 1) != 0 { pthread_detach(thread) }
        } else {
            pthread_detach(thread)
        }
    }

    /// - Returns: whether the loop still takes commands.
    private func post(_ command: Command) -> Bool {
        let (isTaken, isFirst) = inbox.withLock { inbox in
            guard !inbox.isStopped else { return (false, false) }
            inbox.commands.append(command)
            return (true, inbox.commands.count == 1)
        }
        if isFirst { poller?.interrupt() }
        return isTaken
    }

    private func startThread() {
        var thread = pthread_t()
        // Signals are for the threads of the program.
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                ccurl_name_thread("forerun-http")
                Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if code == 0 {
            inbox.withLock { $0.thread = thread }
        } else {
            inbox.withLock { $0.isStopped = true }
            CurlLibrary.unregister(self)
            context.release()
        }
    }

    // MARK: The loop thread

    private func run() {
        while takeCommands() {
            let now = MonotonicTime.now
            if now >= curlDeadline {
                curlDeadline = .max
                act(ccurl_socket_timeout, 0)
            }
            finishCompleted()
            if now >= nextDeadline { endOverdue(now) }
            if owesReset { sendResets() }
            poller?.wait(until: min(curlDeadline, nextDeadline), now: now) { act($0, $1) }
            finishCompleted()
        }
        for exchange in Array(exchanges.values) { end(exchange, .clientShutDown) }
        idleHandles.removeAll()
        curl_multi_cleanup(multi)
        multi = nil
        CurlLibrary.unregister(self)
    }

    /// - Returns: whether the loop goes on.
    private func takeCommands() -> Bool {
        let (commands, isStopped) = inbox.withLock { inbox in
            defer { inbox.commands.removeAll() }
            return (inbox.commands, inbox.isStopped)
        }
        for command in commands {
            switch command {
            case .start(let exchange): isStopped ? exchange.finish(.clientShutDown) : add(exchange)
            case .cancel(let id): exchanges[id].map { cut($0, .cancelledByCaller) }
            }
        }
        return !isStopped
    }

    private func add(_ exchange: Exchange) {
        guard !exchange.isCancelled.load(ordering: .acquiring) else { return exchange.finish(.cancelledByCaller) }
        guard let easy = idleHandles.popLast() ?? EasyHandle(certificateFile: certificateFile) else {
            return exchange.finish(TransportError(.unavailable, "libcurl has no memory for another transfer"))
        }
        easy.prepare(exchange)
        exchange.easy = easy
        exchange.loop = self
        exchange.started(at: MonotonicTime.now)
        exchanges[exchange.id] = exchange
        expect(before: exchange.deadline)
        let result = curl_multi_add_handle(multi, easy.pointer)
        guard result == CURLM_OK else {
            return end(exchange, TransportError(.unavailable, String(cString: curl_multi_strerror(result))))
        }
    }

    private func act(_ socket: Int32, _ what: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, what, &running)
    }

    private func finishCompleted() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let result = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            ccurl_get_pointer(handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
            end(exchange, result == CURLE_OK || exchange.isSatisfied ? nil : exchange.failure(result))
        }
        guard !satisfied.isEmpty else { return }
        for exchange in satisfied where exchange.easy != nil {
            exchange.limitRest(MonotonicTime.now)
            expect(before: exchange.deadline)
        }
        satisfied.removeAll(keepingCapacity: true)
    }

    private func endOverdue(_ now: Int64) {
        nextDeadline = .max
        for exchange in Array(exchanges.values) {
            if now >= exchange.deadline {
                cut(exchange, exchange.failureAfterDeadline(now))
            } else {
                expect(before: exchange.deadline)
            }
        }
    }

    /// Ends an exchange in the middle of its transfer.
    private func cut(_ exchange: Exchange, _ failure: TransportError?) {
        owesReset = owesReset || exchange.easy?.mayShareConnection == true
        end(exchange, failure)
    }

    /// Makes libcurl send what it holds back: up to 8.14 at least, it leaves the frame that resets a stream until
    /// another stream of the connection has something to do, so that the server goes on with what nobody wants.
    private func sendResets() {
        owesReset = false
        for exchange in exchanges.values { exchange.easy?.stir() }
        act(ccurl_socket_timeout, 0)
        finishCompleted()
    }

    /// Removes the transfer and resumes whoever waits for it.
    private func end(_ exchange: Exchange, _ failure: TransportError?) {
        exchanges[exchange.id] = nil
        if let easy = exchange.easy {
            // Concerns transfers that are not over: if no other uses their connection, it is closed.
            easy.forbidReuse()
            curl_multi_remove_handle(multi, easy.pointer)
            easy.reset()
            if idleHandles.count < 64 { idleHandles.append(easy) }
            exchange.easy = nil
            exchange.loop = nil
        }
        exchange.finish(failure)
    }

    private func expect(before deadline: Int64) { nextDeadline = min(nextDeadline, deadline) }

    // MARK: libcurl's callbacks

    private func makeMulti() -> UnsafeMutableRawPointer? {
        guard let multi = keepingFromChildren({ curl_multi_init() }) else { return nil }
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
        ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
        ccurl_multi_set_socket_function(multi) { _, socket, what, context, isWatched in
            guard let loop = CurlLoop.from(context) else { return 0 }
            loop.poller?.watch(socket, what, isNew: isWatched == nil)
            // libcurl keeps the mark for as long as the socket is watched.
            if isWatched == nil { curl_multi_assign(loop.multi, socket, context) }
            return 0
        }
        ccurl_multi_set_timer_function(multi) { _, milliseconds, context in
            CurlLoop.from(context)?.curlDeadline =
                milliseconds < 0 ? .max : MonotonicTime.now + Int64(milliseconds) * 1_000_000
            return 0
        }
        ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 256)
        return multi
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlLoop? {
        context.map { Unmanaged<CurlLoop>.fromOpaque($0).takeUnretainedValue() }
    }
}
