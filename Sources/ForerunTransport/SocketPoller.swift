import CCurl
import Glibc

/// Linux's epoll, plus an event by which other threads interrupt it.
struct SocketPoller: ~Copyable {
    private let epoll: Int32
    private let event: Int32
    private let ready: UnsafeMutablePointer<epoll_event>
    private static let capacity = 256

    /// Fails with the `errno` of the system call that failed.
    init() throws(SystemError) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        let event = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        let code = errno
        self.epoll = epoll
        self.event = event
        ready = .allocate(capacity: Self.capacity)
        // From here on, leaving runs deinit.
        guard epoll >= 0, event >= 0 else { throw SystemError(code: code) }
        // Edge-triggered: each interruption is one event, and need not be read.
        var watched = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data_t(fd: event))
        epoll_ctl(epoll, EPOLL_CTL_ADD, event, &watched)
    }

    deinit {
        ready.deallocate()
        close(event)
        close(epoll)
    }

    /// Makes the current or next ``wait(until:now:)`` return. May be called on any thread.
    func interrupt() { eventfd_write(event, 1) }

    /// Watches `socket` for what libcurl waits for (`CURL_POLL_IN`, `_OUT`, `_INOUT`), or no more (`CURL_POLL_REMOVE`).
    func watch(_ socket: Int32, _ what: Int32, isNew: Bool) {
        var events: UInt32 = 0
        if what & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
        var change = epoll_event(events: events, data: epoll_data_t(fd: socket))
        let operation = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL : isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        epoll_ctl(epoll, operation, socket, &change)
    }

    /// Waits for sockets, an interruption or the time `deadline`, and hands each ready socket to `body` with what it is
    /// ready for (`CURL_CSELECT_IN`…).
    func wait(until deadline: Int64, now: Int64, _ body: (_ socket: Int32, _ what: Int32) -> Void) {
        // Rounded up: a millisecond early would only be a turn of the loop for nothing.
        let milliseconds = deadline == .max ? -1 : min(max(0, deadline - now + 999_999) / 1_000_000, 3_600_000)
        let count = epoll_wait(epoll, ready, Int32(Self.capacity), Int32(milliseconds))
        for index in 0..<max(0, Int(count)) {
            let (socket, events) = (ready[index].data.fd, ready[index].events)
            if socket == event { continue }
            var what: Int32 = 0
            if events & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0 { what |= CURL_CSELECT_IN }
            if events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
            if events & EPOLLERR.rawValue != 0 { what |= CURL_CSELECT_ERR }
            body(socket, what)
        }
    }
}

/// The `errno` of a failed system call.
struct SystemError: Error {
    let code: Int32
    var message: String { String(cString: strerror(code)) }
}
