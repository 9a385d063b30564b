import Glibc

/// What a ZIP archive is a package of, found from the names in it: their order is nobody's promise.
enum OfficePackage {
    /// The archive's own type when it is not a package; nil when it has no list of what is in it.
    static func mediaType(in descriptor: CInt, byteCount: Int) -> String? {
        ZipArchive(descriptor, byteCount: byteCount).map { package(in: $0) ?? "application/zip" }
    }

    private static func package(in archive: ZipArchive) -> String? {
        if let mimetype = archive.entry("mimetype"), let text = archive.text(of: mimetype, limit: 128), isKnown(text) {
            return text
        }
        if archive.entry("[content_types].xml") != nil {
            return offices.first { archive.hasEntry(below: $0.folder) }.map {
                "application/vnd.openxmlformats-officedocument.\($0.kind)"
            }
        }
        guard let manifest = archive.entry("meta-inf/manifest.xml"),
            let text = archive.text(of: manifest, limit: 64 * 1024)
        else { return nil }
        return openDocuments.map { openDocumentPrefix + $0 }.first { text.contains("\"\($0)\"") }
    }

    private static let offices: [(folder: String, kind: String)] = [
        ("word/", "wordprocessingml.document"), ("xl/", "spreadsheetml.sheet"),
        ("ppt/", "presentationml.presentation"),
    ]

    private static let openDocumentPrefix = "application/vnd.oasis.opendocument."
    private static let openDocuments = ["text", "spreadsheet", "presentation", "graphics"]

    /// OpenDocument and EPUB say in a file of their own what they are.
    private static func isKnown(_ text: String) -> Bool {
        (text.hasPrefix(openDocumentPrefix) || text == "application/epub+zip")
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
