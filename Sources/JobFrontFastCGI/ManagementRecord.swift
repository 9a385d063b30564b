import NIOCore

/// A question of the web server about this application, and not about a request; FastCGI 1.0, section 4.
enum ManagementRecord: Hashable, Sendable {
    /// Which of these variables have which values.
    case getValues([String])
    /// A kind that is not known here.
    case unknown(UInt8)

    private enum Kind {
        static let getValues: UInt8 = 9
        static let getValuesResult: UInt8 = 10
        static let unknownType: UInt8 = 11
    }

    /// Reads a record's kind and its content.
    init(kind: UInt8, content: UnsafeRawBufferPointer) {
        guard kind == Kind.getValues else {
            self = .unknown(kind)
            return
        }
        var names: [String] = []
        var rest = content[...]
        while let name = Self.length(&rest), let value = Self.length(&rest), name <= rest.count - value {
            names.append(String(decoding: rest.prefix(name), as: UTF8.self))
            rest = rest.dropFirst(name + value)
        }
        self = .getValues(names)
    }

    /// The record that answers it.
    ///
    /// Of the variables only one is known: several requests do not share a connection.
    var reply: ByteBuffer {
        var content = ByteBuffer()
        switch self {
        case .getValues(let names):
            let name = "FCGI_MPXS_CONNS"
            if names.contains(name) {
                content.writeInteger(UInt8(name.utf8.count))
                content.writeInteger(UInt8(1))
                content.writeString(name + "0")
            }
        case .unknown(let kind):
            content.writeInteger(kind)
            content.writeRepeatingByte(0, count: 7)
        }
        var record = ByteBuffer()
        record.writeInteger(UInt8(1))
        if case .getValues = self {
            record.writeInteger(Kind.getValuesResult)
        } else {
            record.writeInteger(Kind.unknownType)
        }
        record.writeInteger(UInt16(0))
        record.writeInteger(UInt16(content.readableBytes))
        record.writeInteger(UInt16(0))
        record.writeBuffer(&content)
        return record
    }

    /// A length of one byte or of four, taken from the front; nil where it is cut off.
    private static func length(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int? {
        guard let first = rest.first else { return nil }
        guard first >= 128 else {
            rest = rest.dropFirst()
            return Int(first)
        }
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    }
}
