/// The eight bytes before a record's content; FastCGI 1.0, section 3.3.
struct RecordHeader: Hashable, Sendable {
    enum Kind {
        static let beginRequest: UInt8 = 1
        static let abortRequest: UInt8 = 2
        static let parameters: UInt8 = 4
        static let standardInput: UInt8 = 5
    }

    static let byteCount = 8

    let isOfThisVersion: Bool
    let kind: UInt8
    let requestId: UInt16
    let contentLength: Int
    private let paddingLength: Int

    /// Reads the first bytes; nil when there are too few.
    init?(_ bytes: some RandomAccessCollection<UInt8>) {
        guard bytes.count >= Self.byteCount else { return nil }
        func byte(_ number: Int) -> UInt8 { bytes[bytes.index(bytes.startIndex, offsetBy: number)] }
        isOfThisVersion = byte(0) == 1
        kind = byte(1)
        requestId = UInt16(byte(2)) << 8 | UInt16(byte(3))
        contentLength = Int(byte(4)) << 8 | Int(byte(5))
        paddingLength = Int(byte(6))
    }

    /// The content and what fills it up.
    var restLength: Int { contentLength + paddingLength }

    /// Whether it belongs to no request.
    var isManagement: Bool { requestId == 0 }
}
