/// How much of a request has come, told from its records without taking them; FastCGI 1.0, section 3.3.
enum FastCGIArrival: Hashable, Sendable {
    /// More of its head is to come.
    case begun
    /// The head is there, and something of the body is to come.
    case head
    /// Its last byte is there: reading it waits for nothing.
    case whole
    /// This is no FastCGI.
    case foreign

    private enum Kind {
        static let parameters: UInt8 = 4
        static let standardInput: UInt8 = 5
        static let headerLength = 8
    }

    /// Looks at the first bytes of a connection.
    init(of bytes: UnsafeRawBufferPointer) {
        var start = 0
        var hasHead = false
        while bytes.count - start >= Kind.headerLength {
            guard bytes[start] == 1 else {
                self = .foreign
                return
            }
            let length = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
            let kind = bytes[start + 1]
            start += Kind.headerLength + length + Int(bytes[start + 6])
            guard start <= bytes.count else { break }
            if kind == Kind.parameters, length == 0 { hasHead = true }
            if kind == Kind.standardInput, length == 0, hasHead {
                self = .whole
                return
            }
        }
        self = hasHead ? .head : .begun
    }
}
