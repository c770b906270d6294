import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// An OpenAI-compatible server on the loopback interface that answers from a ``MockScript``: no model, but real HTTP, real
/// streams and real faults.
package struct MockServer: Sendable {
    package let script: MockScript
    private let onRecord: (@Sendable (RequestRecord) -> Void)?

    /// - Parameter onRecord: called at the end of each completion request, from any thread.
    package init(_ script: MockScript, onRecord: (@Sendable (RequestRecord) -> Void)? = nil) {
        self.script = script
        self.onRecord = onRecord
    }

    /// Serves until the task is cancelled; then ends all connections and returns.
    ///
    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - onReady: called once with the port, as soon as connections are accepted.
    @concurrent
    package func run(
        host: String = "127.0.0.1", port: Int = 0, onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(MockServerFailure) {
        let responder = Responder(script, onRecord: onRecord)
        var logger = Logger(label: "forerun.mock")
        logger.logLevel = .critical
        do {
            let server = try HTTPServerBuilder.http1(
                configuration: .init(additionalChannelHandlers: [HangUpHandler()])
            ).buildServer(
                configuration: ServerConfiguration(address: .hostname(host, port: port)),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger,
                responder: { request, writer, channel in
                    try await responder.respond(to: request, writer: writer, connection: Connection(channel: channel))
                },
                onServerRunning: { onReady($0.localAddress?.port ?? port) })
            try await server.run()
        } catch is CancellationError {
            return
        } catch {
            if Task.isCancelled { return }
            throw MockServerFailure(
                message: "cannot serve on \(host):\(port): \(error)",
                remedy: "Choose another port, or 0 for any that is free")
        }
    }
}

/// The server could not be started.
package struct MockServerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    package var remedy: String

    package var description: String { "\(message). \(remedy)" }
}
