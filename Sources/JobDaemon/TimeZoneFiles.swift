import Glibc
package import JobModel

/// The system's time zone database.
package enum TimeZoneFiles {
    private static let directories = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"]
    /// The largest of them have a few KiB.
    private static let maximumBytes = 1 << 20

    /// Reads the file of a zone; nil when there is none, or it is not one.
    package static func read(_ name: String) -> TimeZoneRules? {
        if name == "UTC" { return .utc }
        let isName =
            (1...64).contains(name.utf8.count) && !name.hasPrefix("/") && !name.contains("..")
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte & 0xDF) || "/_+-".utf8.contains(byte)
            }
        guard isName else { return nil }
        return directories.lazy.compactMap { bytes(of: "\($0)/\(name)") }.first.flatMap(TimeZoneRules.init)
    }

    private static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < maximumBytes {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
        return nil
    }
}
