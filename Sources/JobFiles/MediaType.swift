import CMagic
import Glibc

/// The media type of a file, found from its content.
package enum MediaType {
    /// What is known of nothing.
    package static let unknown = "application/octet-stream"

    /// Looks at a file's content; blocks, and answers nil when there is no regular file of this path.
    package static func ofFile(at path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return ofFile(descriptor)
    }

    /// Looks at a descriptor's content; blocks, and leaves the descriptor's position where it was.
    ///
    /// An empty file is `application/x-empty`.
    package static func ofFile(_ descriptor: CInt) -> String {
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_size == 0 { return "application/x-empty" }
        // The beginning is enough for libmagic.
        let count = 64 * 1024
        let beginning = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(descriptor, buffer.baseAddress, count, 0))
        }
        let type = ofBeginning(beginning)
        switch type {
        case "application/zip",
            unknown where beginning.starts(with: ZipArchive.signature):
            return OfficePackage.mediaType(in: descriptor, byteCount: Int(status.st_size)) ?? type
        case "application/pdf" where !beginning.starts(with: pdfSignature) && !isLatePDF(beginning, type):
            return isText(beginning) ? "text/plain" : unknown
        case unknown,
            _ where type.hasPrefix("text/"):
            return isLatePDF(beginning, type) ? "application/pdf" : type
        default: return type
        }
    }

    private static let pdfSignature = Array("%PDF-".utf8)

    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) || $0 == 0x1B }
    }

    private static func ofBeginning(_ bytes: [UInt8]) -> String {
        guard let tables = MagicTables.take() else { return unknown }
        defer { MagicTables.giveBack(tables) }
        guard let type = magic_buffer(tables, bytes, bytes.count) else { return unknown }
        let text = String(cString: type)
        return text.contains("/") && !text.contains(" ") ? text : unknown
    }

    /// Whether a PDF begins behind up to 1,024 other bytes, as readers of PDF allow.
    ///
    /// A text that only speaks of PDF has no object of one.
    private static func isLatePDF(_ bytes: [UInt8], _ type: String) -> Bool {
        guard let start = bytes.prefix(1024 + 8).firstRange(of: pdfSignature)?.lowerBound, start <= 1024,
            bytes.count >= start + 8, (0x30...0x39).contains(bytes[start + 5]), bytes[start + 6] == UInt8(ascii: ".")
        else { return false }
        return type == unknown || bytes[start...].firstRange(of: Array(" obj".utf8)) != nil
    }
}
