import Glibc

/// The names in a directory, a few at a time: a directory may have millions.
///
/// Blocks, and belongs to one thread at a time. A name that comes or goes meanwhile may be among them or not.
package final class NamesInPieces {
    private let stream: OpaquePointer?

    /// One that cannot be read has no names.
    package init(_ directory: String) {
        stream = opendir(directory)
    }

    /// Up to so many names; none at the end.
    package func next(_ limit: Int) -> [String] {
        var names: [String] = []
        guard let stream else { return names }
        while names.count < limit, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    deinit {
        if let stream { closedir(stream) }
    }
}
