import Glibc

/// Reads a form's parts (RFC 7578) as its bytes come, however they are cut.
///
/// Holds at most a part's headers, or as many bytes as a delimiter has.
struct MultipartParser {
    enum Event {
        /// A part begins.
        case part(MultipartHeaders)
        /// The next bytes of its content; only valid during the call.
        case data(UnsafeRawBufferPointer)
        case partEnd
    }

    /// Why a body is not a form, as a half sentence.
    struct Malformed: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// The longest headers of one part, in bytes.
    static let maximumHeaderBytes = 8 * 1024
    /// More parts than a job may have files, and room for its fields.
    static let maximumParts = 128
    /// Spaces that a delimiter may have behind it.
    private static let maximumPadding = 64

    private enum State: Equatable {
        /// Before the first delimiter; what is there belongs to nobody.
        case preamble
        /// Behind what may be a delimiter; what follows decides.
        case delimiter(inContent: Bool)
        case headers
        case content
        /// Behind the last delimiter; what is there belongs to nobody.
        case end
    }

    private let delimiter: [UInt8]
    private var state = State.preamble
    // A delimiter begins with the line's end before it, which the first one does not need.
    private var pending: [UInt8] = Array("\r\n".utf8)
    private var partCount = 0

    /// Nil when the boundary is not valid: 1 to 70 characters without spaces at its end.
    init?(boundary: String) {
        guard (1...70).contains(boundary.utf8.count), !boundary.hasSuffix(" "),
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Takes the next bytes of the body, and hands over what they amount to.
    ///
    /// - Throws: ``Malformed``, and whatever the handler throws; no more bytes may be fed then.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) throws -> Void) throws {
        pending.append(contentsOf: bytes)
        var start = 0
        while try advance(&start, handle) {}
        pending.removeSubrange(..<start)
    }

    /// To be called at the body's end.
    func finish() throws(Malformed) {
        guard state == .end else { throw Malformed(description: "ends before its last delimiter") }
    }

    /// Goes on as far as one state allows; false when that needs more bytes.
    private mutating func advance(_ start: inout Int, _ handle: (Event) throws -> Void) throws -> Bool {
        switch state {
        case .preamble, .content:
            let found = find(delimiter, from: start)
            let end = found ?? max(start, pending.count - delimiter.count + 1)
            if state == .content { try hand(start..<end, to: handle) }
            start = end + (found == nil ? 0 : delimiter.count)
            guard found != nil else { return false }
            state = .delimiter(inContent: state == .content)
            return true
        case .delimiter(let inContent):
            return try decide(&start, inContent, handle)
        case .headers:
            let found = find([13, 10, 13, 10], from: start)
            guard (found ?? pending.count) - start <= Self.maximumHeaderBytes else {
                throw Malformed(description: "has a part with more than \(Self.maximumHeaderBytes) bytes of headers")
            }
            guard let end = found else { return false }
            try begin(headers: String(decoding: pending[start..<end], as: UTF8.self), handle)
            start = end + 4
            state = .content
            return true
        case .end:
            start = pending.count
            return false
        }
    }

    /// A delimiter is one only when a line's end or the last two dashes follow.
    private mutating func decide(
        _ start: inout Int, _ inContent: Bool, _ handle: (Event) throws -> Void
    ) throws -> Bool {
        let word = pending[start...].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? pending.count
        let next = String(decoding: pending[word...].prefix(2), as: UTF8.self)
        switch next {
        case _ where word - start > Self.maximumPadding: break
        case "", "\r": return false
        case "-" where word == start: return false
        case "\r\n",
            "--" where word == start:
            if inContent { try handle(.partEnd) }
            state = next == "--" ? .end : .headers
            start = word
            return true
        default: break
        }
        if inContent { try delimiter.withUnsafeBytes { try handle(.data($0)) } }
        state = inContent ? .content : .preamble
        return true
    }

    private mutating func begin(headers: String, _ handle: (Event) throws -> Void) throws {
        partCount += 1
        guard partCount <= Self.maximumParts else {
            throw Malformed(description: "has more than \(Self.maximumParts) parts")
        }
        guard let part = MultipartHeaders(headers) else {
            throw Malformed(description: "has a part without a name (Content-Disposition: form-data; name=…)")
        }
        try handle(.part(part))
    }

    private func hand(_ range: Range<Int>, to handle: (Event) throws -> Void) throws {
        guard !range.isEmpty else { return }
        try pending.withUnsafeBytes { try handle(.data(UnsafeRawBufferPointer(rebasing: $0[range]))) }
    }

    private func find(_ needle: [UInt8], from start: Int) -> Int? {
        pending.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var index = start
            while index + needle.count <= bytes.count {
                guard let found = memchr(base + index, CInt(needle[0]), bytes.count - needle.count - index + 1) else {
                    return nil
                }
                index = UnsafeRawPointer(found) - base
                if memcmp(found, needle, needle.count) == 0 { return index }
                index += 1
            }
            return nil
        }
    }
}

/// What a part says of itself.
struct MultipartHeaders: Hashable {
    let name: String
    /// Nil for a field; also an empty name makes a file.
    let fileName: String?

    /// Reads the lines of the headers; nil when they do not name the part.
    init?(_ text: String) {
        let disposition = text.split(separator: "\r\n").lazy
            .compactMap { line -> Substring? in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].lowercased() == "content-disposition" else { return nil }
                return parts[1].drop { $0 == " " || $0 == "\t" }
            }
            .first
        guard let disposition, let form = ContentDisposition.form(String(disposition)) else { return nil }
        (name, fileName) = form
    }
}
