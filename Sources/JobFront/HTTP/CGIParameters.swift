import Glibc

/// CGI's `NAME=value` pairs, one behind the other in one piece of memory, because nobody looks at most of them.
struct CGIParameters: Sendable {
    /// Each pair ends with a zero byte.
    private var bytes: [UInt8] = []

    /// Makes a list without pairs.
    init() { bytes.reserveCapacity(1024) }

    /// Takes pairs as they are written.
    init(_ pairs: [String]) {
        self.init()
        for pair in pairs { Array(pair.utf8).withUnsafeBytes { append($0) } }
    }

    /// Adds one pair, without a zero byte in or behind it.
    mutating func append(_ pair: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: pair)
        bytes.append(0)
    }

    /// The value of the first pair with this name; bytes that are no UTF-8 are replaced.
    subscript(name: StaticString) -> String? { value(prefix: "", name: name) }

    /// The value of a header, whose name is given in CGI's form without `HTTP_`.
    subscript(header name: StaticString) -> String? { value(prefix: "HTTP_", name: name) }

    private func value(prefix: StaticString, name: StaticString) -> String? {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let end = rest.firstIndex(of: 0) {
                let pair = UnsafeRawBufferPointer(rebasing: rest[..<end])
                rest = rest[(end + 1)...]
                let length = prefix.utf8CodeUnitCount + name.utf8CodeUnitCount
                guard pair.count > length, pair[length] == UInt8(ascii: "="), pair.begins(with: prefix),
                    UnsafeRawBufferPointer(rebasing: pair[prefix.utf8CodeUnitCount...]).begins(with: name)
                else { continue }
                return String(decoding: UnsafeRawBufferPointer(rebasing: pair[(length + 1)...]), as: UTF8.self)
            }
            return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    func begins(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
}
