/// Cuts bytes into lines of text.
///
/// A line ends with LF, CR LF, or, as in progress bars that write over themselves, CR alone.
struct LineSplitter {
    /// A longer line is cut.
    static let maximumBytes = 8192

    private var rest: [UInt8] = []
    /// Whether the last line ended with CR: an LF behind it belongs to the same end.
    private var endedWithReturn = false

    mutating func add(_ bytes: [UInt8], onLine: (String) -> Void) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn }) {
            append(bytes[start..<end], onLine: onLine)
            self.end(with: bytes[end], onLine: onLine)
            start = end + 1
        }
        append(bytes[start...], onLine: onLine)
    }

    /// Hands over a line that has no end.
    mutating func finish(onLine: (String) -> Void) {
        if !rest.isEmpty { onLine(String(decoding: rest, as: UTF8.self)) }
        rest = []
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Only LF ends an empty line: CR at a line's beginning moves a cursor that is there already.
    private mutating func end(with byte: UInt8, onLine: (String) -> Void) {
        if byte == Self.carriageReturn {
            guard !rest.isEmpty else { return }
        } else if endedWithReturn {
            endedWithReturn = false
            return
        }
        onLine(String(decoding: rest, as: UTF8.self))
        rest = []
        endedWithReturn = byte == Self.carriageReturn
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>, onLine: (String) -> Void) {
        guard !bytes.isEmpty else { return }
        endedWithReturn = false
        rest += bytes
        while rest.count > Self.maximumBytes {
            onLine(String(decoding: rest.prefix(Self.maximumBytes), as: UTF8.self))
            rest.removeFirst(Self.maximumBytes)
        }
    }
}
