import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// An OpenAI-compatible server on the loopback interface that answers from a ``MockScript``: no model, but real HTTP,
/// real streams and real faults.
package struct MockServer: Sendable {
    package let script: MockScript
    private let logsBodies: Bool
    private let onRecord: (@Sendable (RequestRecord) -> Void)?

    /// - Parameters:
    ///   - logsBodies: whether records have the requests' bodies.
    ///   - onRecord: called at the end of each request for an answer, on the server's only thread; it must not block.
    package init(
        _ script: MockScript, logsBodies: Bool = false, onRecord: (@Sendable (RequestRecord) -> Void)? = nil
    ) {
        self.script = script
        self.logsBodies = logsBodies
        self.onRecord = onRecord
    }

    /// Serves until the task is cancelled; then ends all connections and returns.
    ///
    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - onReady: called once with the port, as soon as connections are accepted; it must not block.
    @concurrent
    package func run(
        host: String = "127.0.0.1", port: Int = 0, onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(MockServerFailure) {
        // One thread for everything: a scripted answer takes less time than handing it to another thread.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Void, any Error>
        do {
            try await withTaskExecutorPreference(EventLoopExecutor(group.next())) {
                try await service(host: host, port: port, group: group, onReady: onReady).run()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? await group.shutdownGracefully()
        if case .failure(let error) = result, !(error is CancellationError), !Task.isCancelled {
            throw MockServerFailure(
                message: "cannot serve on \(host):\(port): \(error)",
                remedy: "Choose another port, or 0 for any that is free")
        }
    }

    private func service(
        host: String, port: Int, group: any EventLoopGroup, onReady: @escaping @Sendable (Int) -> Void
    ) throws -> any Service {
        let responder = Responder(script, logsBodies: logsBodies, onRecord: onRecord)
        var logger = Logger(label: "forerun.mock")
        logger.logLevel = .critical
        let http = HTTP1Channel.Configuration(additionalChannelHandlers: [HangUpHandler()])
        return try HTTPServerBuilder { KeptConnections(base: HTTP1Channel(responder: $0, configuration: http)) }
            .buildServer(
                configuration: ServerConfiguration(address: .hostname(host, port: port)), eventLoopGroup: group,
                logger: logger,
                responder: { request, writer, channel in
                    try await responder.respond(to: request, writer: writer, connection: Connection(channel: channel))
                },
                onServerRunning: { onReady($0.localAddress?.port ?? port) })
    }
}

/// The server could not be started.
package struct MockServerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    package var remedy: String

    package var description: String { "\(message). \(remedy)" }
}
