package import JobWire
package import NIOCore

/// Takes the answer to a request; called once, on the daemon's loop.
package typealias Reply = @Sendable (Result<ByteBuffer, Refusal>) -> Void
