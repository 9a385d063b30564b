import JobFront
import NIOCore
import Testing

@testable import JobFrontWebSocket

/// What came of a client's bytes: what had come whole, and how it ended.
struct FrameOutcome: Hashable, Sendable, CustomTestStringConvertible {
    var messages: [String] = []
    var pings: [[UInt8]] = []
    var pongs = 0
    /// The code of the client's close frame; 0 where it has none.
    var closed: UInt16?
    var refused: CloseCode?

    var testDescription: String {
        "\(messages.map { $0.prefix(20) }) \(pings.count) \(pongs) \(closed ?? 1) \(String(describing: refused))"
    }

    /// Reads bytes in pieces of this many.
    init(reading bytes: [UInt8], inPiecesOf size: Int) {
        var reader = FrameReader()
        for start in stride(from: 0, to: bytes.count, by: size) {
            var piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            do throws(Violation) {
                while let incoming = try reader.read(&piece) {
                    switch incoming {
                    case .message(let text): messages.append(String(buffer: text))
                    case .ping(let payload): pings.append(Array(payload.readableBytesView))
                    case .pong: pongs += 1
                    case .close(let code): closed = code ?? 0
                    }
                }
            } catch {
                refused = error.code
                return
            }
        }
    }

    init(
        _ messages: [String] = [], pings: [[UInt8]] = [], pongs: Int = 0, closed: UInt16? = nil,
        refused: CloseCode? = nil
    ) {
        (self.messages, self.pings, self.pongs) = (messages, pings, pongs)
        (self.closed, self.refused) = (closed, refused)
    }
}
