import Glibc

/// The media type of a file, found from its content: by code that reads bytes of strangers, and so only by ``TypeExec``.
package enum MediaType {
    /// What is known of nothing.
    package static let unknown = "application/octet-stream"

    /// The type of what is empty.
    private static let empty = "application/x-empty"

    /// Looks at a descriptor's content, of so many bytes; blocks, and leaves the descriptor's position where it was.
    static func ofFile(_ descriptor: CInt, byteCount: Int, by tables: MagicTables) -> String {
        guard byteCount > 0 else { return empty }
        // The beginning is enough for libmagic.
        let count = 64 * 1024
        let beginning = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(descriptor, buffer.baseAddress, count, 0))
        }
        let type = tables.mediaType(of: beginning) ?? unknown
        switch type {
        case "application/zip",
            unknown where beginning.starts(with: ZipArchive.signature):
            return OfficePackage.mediaType(in: descriptor, byteCount: byteCount) ?? type
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
