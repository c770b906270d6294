import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Takes connections as ``HTTP1Channel`` does, and keeps each until it is handled.
///
/// Nobody handles a connection that comes while the server stops, and NIO ends the process where such a one is let go
/// (`NIOAsyncWriter`: "Deinited NIOAsyncWriter without calling finish()"). So it is never let go: some hundred bytes for each.
struct KeptConnections: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    /// By the channel, which is not freed as long as it is here.
    private static let waiting = Mutex<[ObjectIdentifier: Value]>([:])

    let base: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).map { value in
            Self.waiting.withLock { $0[ObjectIdentifier(channel)] = value }
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        Self.waiting.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(value.channel)) }
        await base.handle(value: value, logger: logger)
    }
}
