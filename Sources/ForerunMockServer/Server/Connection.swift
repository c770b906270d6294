import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The connection of one request: waits on it, and ends it hard.
struct Connection: Sendable {
    enum Wait: Sendable {
        case elapsed
        /// The client closed the connection.
        case clientGone
        /// The server is being stopped.
        case stopped
    }

    let channel: any Channel

    /// Waits until `deadline` (`nil`: for ever), or until there is nobody to wait for.
    func wait(until deadline: NIODeadline?) async -> Wait {
        // Several may complete the promise; the first one counts.
        let promise = channel.eventLoop.makePromise(of: Wait.self)
        let timer = deadline.map { deadline in
            channel.eventLoop.scheduleTask(deadline: deadline) { promise.succeed(.elapsed) }
        }
        channel.closeFuture.whenComplete { _ in promise.succeed(.clientGone) }
        defer { timer?.cancel() }
        return await withTaskCancellationHandler {
            (try? await promise.futureResult.get()) ?? .stopped
        } onCancel: {
            promise.succeed(.stopped)
        }
    }

    /// Closes in order, also amid a response.
    func close() async { try? await channel.close(mode: .all) }

    /// Closes with a TCP reset instead of an orderly end.
    func reset() async {
        if let provider = channel as? any SocketOptionProvider {
            try? await provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await channel.close(mode: .all)
    }
}

/// Closes a connection as soon as the client has closed its side.
///
/// Servers usually allow half-closed connections. Here a client that hangs up has cancelled its request, and that must
/// be seen at once, not at the next write.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        try? context.channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
    }
}
