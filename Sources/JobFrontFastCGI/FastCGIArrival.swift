/// How much of a request has come, told from its records without taking them; FastCGI 1.0, section 3.3.
enum FastCGIArrival: Hashable, Sendable {
    /// More of its head is to come.
    case begun
    /// The head is there, and something of the body is to come.
    case head
    /// Its last byte is there: reading it waits for nothing.
    case whole
    /// Before it, the web server asks something; the record has so many bytes.
    case management(ManagementRecord, byteCount: Int)
    /// The web server gave it up.
    case aborted
    /// This is not FastCGI.
    case foreign

    /// Looks at the first bytes of a connection.
    init(of bytes: UnsafeRawBufferPointer) {
        var start = 0
        var hasHead = false
        while let record = RecordHeader(bytes[start...]) {
            guard record.isOfThisVersion else {
                self = .foreign
                return
            }
            let content = start + RecordHeader.byteCount
            guard content + record.restLength <= bytes.count else { break }
            if record.isManagement, start == 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[content..<(content + record.contentLength)])
                self = .management(
                    ManagementRecord(kind: record.kind, content: bytes),
                    byteCount: RecordHeader.byteCount + record.restLength)
                return
            }
            start = content + record.restLength
            switch record.kind {
            case RecordHeader.Kind.abortRequest where !record.isManagement:
                self = .aborted
                return
            case RecordHeader.Kind.parameters where record.contentLength == 0: hasHead = true
            case RecordHeader.Kind.standardInput where record.contentLength == 0 && hasHead:
                self = .whole
                return
            default: break
            }
        }
        self = hasHead ? .head : .begun
    }
}
