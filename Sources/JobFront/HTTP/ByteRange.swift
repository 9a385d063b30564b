/// What a `Range` header asks of something with a size.
enum ByteRange: Hashable, Sendable {
    /// No range, several, another unit, or a text that is not a range: RFC 9110 lets all be answered with the whole.
    case whole
    case part(Range<Int64>)
    /// 416: nothing of it is there.
    case notSatisfiable

    init(_ header: String?, size: Int64) {
        guard let header, header.prefix(6).lowercased() == "bytes=", !header.contains(",") else {
            self = .whole
            return
        }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            self = .whole
            return
        }
        // More digits than an Int64 has mean beyond every end.
        let numbers = parts.map { $0.isEmpty ? nil : Int64($0) ?? .max }
        switch (numbers[0], numbers[1]) {
        case (nil, nil): self = .whole
        case (nil, let last?): self = last == 0 || size == 0 ? .notSatisfiable : .part(max(0, size - last)..<size)
        case (let first?, let last):
            if let last, last < first {
                self = .whole
            } else {
                self = first >= size ? .notSatisfiable : .part(first..<min(last ?? .max, size - 1) + 1)
            }
        }
    }
}
