import Glibc

/// CGI's `NAME=value` pairs, one behind the other in one piece of memory, because nobody looks at most of them.
package struct CGIParameters: Sendable {
    /// Each pair ends with a zero byte.
    private var bytes: [UInt8] = []
    /// Where each pair starts: every request is asked for some ten of its thirty pairs.
    private var starts: [Int] = []

    /// Makes a list without pairs.
    package init() {
        bytes.reserveCapacity(1024)
        starts.reserveCapacity(40)
    }

    /// Takes pairs as they are written.
    init(_ pairs: [String]) {
        self.init()
        for pair in pairs { Array(pair.utf8).withUnsafeBytes { append($0) } }
    }

    /// Adds one pair, without a zero byte in or behind it.
    package mutating func append(_ pair: UnsafeRawBufferPointer) {
        starts.append(bytes.count)
        bytes.append(contentsOf: pair)
        bytes.append(0)
    }

    /// The value of the first pair with this name; bytes that are no UTF-8 are replaced.
    subscript(name: StaticString) -> String? { value(prefix: "", name: name) }

    /// The value of a header, whose name is given in CGI's form without `HTTP_`.
    subscript(header name: StaticString) -> String? { value(prefix: "HTTP_", name: name) }

    /// The values of all pairs with this name.
    func values(_ name: StaticString) -> [String] { values(prefix: "", name: name) }

    /// The values of all headers with this name.
    func values(header name: StaticString) -> [String] { values(prefix: "HTTP_", name: name) }

    private func values(prefix: StaticString, name: StaticString) -> [String] {
        var values: [String] = []
        find(prefix: prefix, name: name) { value in
            values.append(value)
            return true
        }
        return values
    }

    private func value(prefix: StaticString, name: StaticString) -> String? {
        var found: String?
        find(prefix: prefix, name: name) { value in
            found = value
            return false
        }
        return found
    }

    /// Hands out the values of the pairs with a name until `take` wants no more.
    private func find(prefix: StaticString, name: StaticString, _ take: (String) -> Bool) {
        let length = prefix.utf8CodeUnitCount + name.utf8CodeUnitCount
        bytes.withUnsafeBytes { bytes in
            for (index, start) in starts.enumerated() {
                // Without the zero byte.
                let end = (index + 1 < starts.count ? starts[index + 1] : bytes.count) - 1
                guard end - start > length, bytes[start + length] == UInt8(ascii: "=") else { continue }
                let pair = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                guard pair.begins(with: prefix),
                    UnsafeRawBufferPointer(rebasing: pair[prefix.utf8CodeUnitCount...]).begins(with: name)
                else { continue }
                let value = String(decoding: UnsafeRawBufferPointer(rebasing: pair[(length + 1)...]), as: UTF8.self)
                guard take(value) else { return }
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    package func begins(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
}
