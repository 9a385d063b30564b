import CJobSystem

/// A few bytes that are kept with a file, whatever it is called and whoever opens it: an extended attribute (xattr(7)).
package struct FileNote: Sendable {
    /// Begins with `user.`.
    private let name: String

    package init(_ name: String) { self.name = name }

    /// Keeps bytes with an open file instead of those that were there; false where its file system cannot, or has no room.
    @discardableResult
    package func set(_ bytes: [UInt8], of descriptor: CInt) -> Bool {
        set_note(descriptor, name, bytes, bytes.count) == 0
    }

    /// What is kept with an open file; nil when that is nothing, or more than `limit` bytes.
    package func bytes(of descriptor: CInt, limit: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(0, get_note(descriptor, name, buffer.baseAddress, limit))
        }
        return bytes.isEmpty ? nil : bytes
    }
}
