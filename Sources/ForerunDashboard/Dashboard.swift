package import ForerunStore
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The recorded runs of a user as web pages: a list, one run with its timeline, what all of them came to.
///
/// Pages need nothing from elsewhere. They ask a small JSON API, and follow live runs by server-sent events
/// (Documentation/dashboard.md).
package struct Dashboard: Sendable {
    private let directory: RunStateDirectory
    private let access: DashboardAccess
    private let sources: DashboardSources

    /// - Parameters:
    ///   - directory: where the runs are.
    ///   - access: who may ask for what.
    ///   - sources: what the logs do not tell.
    package init(
        of directory: RunStateDirectory, access: DashboardAccess = DashboardAccess(),
        sources: DashboardSources = DashboardSources()
    ) {
        self.directory = directory
        self.access = access
        self.sources = sources
    }

    /// Serves until the task is cancelled; then ends all connections and returns.
    ///
    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - onReady: called once with the port, as soon as connections are accepted; it must not block.
    @concurrent
    package func run(
        host: String = "127.0.0.1", port: Int = 0, onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DashboardFailure) {
        let library: RunLibrary
        do throws(StoreError) { library = try RunLibrary(directory) } catch { throw DashboardFailure(error) }
        let responder = Responder(library, access: access, sources: sources)
        // Two threads move bytes; whatever reads files does so elsewhere.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let result: Result<Void, any Error>
        do {
            try await service(responder, host: host, port: port, group: group, onReady: onReady).run()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? await group.shutdownGracefully()
        guard case .failure(let error) = result, !(error is CancellationError), !Task.isCancelled else { return }
        throw DashboardFailure(listening: error, host: host, port: port)
    }

    private func service(
        _ responder: Responder, host: String, port: Int, group: any EventLoopGroup,
        onReady: @escaping @Sendable (Int) -> Void
    ) throws -> any Service {
        var logger = Logger(label: "forerun.dashboard")
        logger.logLevel = .critical
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [HangUpHandler()], idleTimeout: .seconds(120),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10))
        let builder = HTTPServerBuilder { KeptConnections(base: HTTP1Channel(responder: $0, configuration: http)) }
        return try builder.buildServer(
            configuration: ServerConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
            eventLoopGroup: group, logger: logger,
            responder: { request, writer, channel in
                try await responder.respond(to: request, writer: writer, channel: channel)
            },
            onServerRunning: { onReady($0.localAddress?.port ?? port) })
    }

    private static let mostConnections = 256
}

/// The dashboard could not be served.
package struct DashboardFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    package var remedy: String

    package var description: String { "\(message). \(remedy)" }

    init(_ error: StoreError) {
        message = "\(error.path): \(error.message)"
        remedy = error.remedy
    }

    init(listening error: any Error, host: String, port: Int) {
        if let error = error as? IOError, error.errnoCode == EADDRINUSE {
            message = "port \(port) of \(host) is taken, perhaps by another dashboard"
            remedy = "Choose another one with --port, or --port 0 for any that is free"
        } else if let error = error as? IOError, error.errnoCode == EACCES {
            message = "port \(port) of \(host) is not for this user"
            remedy = "Choose one above 1023 with --port"
        } else {
            message = "cannot serve on \(host):\(port): \(error)"
            remedy = "Check --host and --port; --port 0 takes any port that is free"
        }
    }
}

/// Ends a connection as soon as its client has closed its side: who no longer listens is not told anything.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        try? context.channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
    }
}
