import NIOCore

/// A way past HTTP: writes bytes to the socket as they are.
final class RawDoor: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = NIOAny

    /// What other threads may hold of a door.
    struct Handle: Sendable {
        fileprivate let context: NIOLoopBound<ChannelHandlerContext>
        fileprivate let loop: any EventLoop

        /// Returns when the system has taken the bytes.
        func send(_ bytes: [UInt8]) async throws {
            try await loop.flatSubmit {
                context.value.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)))
            }.get()
        }
    }
}

extension Connection {
    /// Opens a way to the socket. From then on, only that may write.
    func openDoor() async throws -> RawDoor.Handle {
        let loop = channel.eventLoop
        let channel = channel
        return try await loop.submit {
            let door = RawDoor()
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(door, position: .first)
            return RawDoor.Handle(
                context: NIOLoopBound(try pipeline.context(handler: door), eventLoop: loop), loop: loop)
        }.get()
    }
}
