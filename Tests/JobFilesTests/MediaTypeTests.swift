import Glibc
import JobSystem
import JobTesting
import Testing

@testable import JobFiles

@Suite(.timeLimit(.minutes(5)))
struct MediaTypeTests {
    private let directory = TemporaryDirectory()
    /// One for all tests: none of them changes it.
    private static let types = TypeFinder.built

    @Test(
        arguments: [
            (Array("%PDF-1.7\n%\u{E9}\n1 0 obj\n".utf8), "application/pdf"),
            (Array("Only words, and a few lines of them.\nNothing more.\n".utf8), "text/plain"),
            (Array("Grüße aus Köln\n".utf8), "text/plain"),
            (
                [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8) + [
                    0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0,
                ],
                "image/png"
            ),
            ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF\0".utf8), "image/jpeg"),
            ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "application/gzip"),
            (Array("<!DOCTYPE html><html><body>x</body></html>".utf8), "text/html"),
            ([], "application/x-empty"), ([0], "application/octet-stream"),
        ] as [([UInt8], String)])
    func theTypeIsFoundFromTheContent(bytes: [UInt8], type: String) throws {
        #expect(try self.type(of: bytes) == type)
    }

    private func type(of bytes: [UInt8]) throws -> String {
        let path = directory.appending("lies.doc")
        FileOnDisk.write(bytes, to: path)
        return try type(at: path)
    }

    private func type(at path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return try Self.types.type(of: descriptor)
    }

    private static let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    @Test(arguments: [
        ("ten-bytes-before.pdf", "application/pdf"), ("macbinary.pdf", "application/pdf"), ("letter-usual.docx", word),
        ("letter-ct-d-r.docx", word), ("letter-r-d-ct.docx", word), ("notepad-utf16.txt", "text/plain"),
        ("windows-1252.txt", "text/plain"),
    ])
    func whatPeopleSendIsKnown(fixture: String, type: String) throws {
        #expect(try self.type(at: Fixture.path("files/\(fixture)")) == type)
    }

    /// As readers of PDF have it: the header is somewhere in the first 1,024 bytes.
    @Test(arguments: [
        "\0", "0123456789", "<html>\r\n", String(repeating: "a line of text\n", count: 20),
        String(repeating: "some text ", count: 100), String(repeating: "x", count: 1024),
    ])
    func aPDFMayBeginLate(before: String) throws {
        #expect(try type(of: Array("\(before)%PDF-1.4\n1 0 obj\n<<>>\nendobj\n".utf8)) == "application/pdf")
    }

    @Test(arguments: [
        (String(repeating: "x", count: 1025) + "%PDF-1.4\n1 0 obj\n", "text/plain"),
        ("A PDF begins with %PDF-1.4, as everybody knows.\n", "text/plain"),
        ("text\n%PDF-one 1 0 obj\n", "text/plain"),
    ])
    func aTextThatSpeaksOfPDFIsText(text: String, type: String) throws {
        #expect(try self.type(of: Array(text.utf8)) == type)
    }

    @Test(
        arguments: [
            ([("a.txt", 0, "x")], "application/zip"),
            (
                [("xl/workbook.xml", 0, "x"), ("[Content_Types].xml", 0, "x")],
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            ),
            (
                [("ppt\\presentation.xml", 0, "x"), ("/[content_types].XML", 0, "x")],
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            ),

            ([("[Content_Types].xml", 0, "x")], "application/zip"),
            (
                [("content.xml", 0, "x"), ("mimetype", 0, "application/vnd.oasis.opendocument.text\n")],
                "application/vnd.oasis.opendocument.text"
            ),
            ([("content.xml", 0, "x"), ("mimetype", 0, "text/html")], "application/zip"),
            ([("a", 0, "x"), ("mimetype", 0, "application/epub+zip")], "application/epub+zip"),
            (
                [
                    ("a", 0, "x"),
                    ("META-INF/manifest.xml", 0, #"<x media-type="application/vnd.oasis.opendocument.spreadsheet"/>"#),
                ],
                "application/vnd.oasis.opendocument.spreadsheet"
            ),
            ([("a", 0, "x"), ("mimetype", 9, "application/epub+zip")], "application/zip"),
        ] as [([(String, UInt8, String)], String)])
    func anOfficeFileIsKnownByWhatIsInIt(entries: [(String, UInt8, String)], type: String) throws {
        let archive = ZipFile(entries.map { ($0.0, $0.1, Array($0.2.utf8)) }).bytes
        #expect(try self.type(of: archive) == type)
    }

    /// Whatever is cut off or changed, nothing worse comes of it than that the type is not known.
    @Test func aBrokenArchiveIsOnlyAnArchive() throws {
        let archive = ZipFile([("a", 0, [1]), ("mimetype", 8, Self.packedMimetype)]).bytes
        var broken: [[UInt8]] = []
        for place in archive.indices {
            broken.append(Array(archive[..<place]))
            for byte in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var changed = archive
                changed[place] = byte
                broken.append(changed)
            }
        }
        for (number, bytes) in broken.enumerated() {
            let path = directory.appending("\(number)")
            FileOnDisk.write(bytes, to: path)
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            let type = OfficePackage.mediaType(in: descriptor, byteCount: bytes.count)
            #expect(
                type == nil || type == "application/zip"
                    || type?.hasPrefix("application/vnd.oasis.opendocument.") == true)
        }
    }

    @Test func anOpenDocumentMayPackItsMediaType() throws {
        let entries = [("content.xml", UInt8(0), Array("x".utf8)), ("mimetype", 8, Self.packedMimetype)]
        #expect(try type(of: ZipFile(entries).bytes) == "application/vnd.oasis.opendocument.text")
    }

    /// `application/vnd.oasis.opendocument.text`, by zlib.
    private static let packedMimetype: [UInt8] = [
        0x4B, 0x2C, 0x28, 0xC8, 0xC9, 0x4C, 0x4E, 0x2C, 0xC9, 0xCC, 0xCF, 0xD3, 0x2F, 0xCB, 0x4B, 0xD1,
        0xCB, 0x4F, 0x2C, 0xCE, 0x2C, 0xD6, 0xCB, 0x2F, 0x48, 0xCD, 0x4B, 0xC9, 0x4F, 0x2E, 0xCD, 0x4D,
        0xCD, 0x2B, 0xD1, 0x2B, 0x49, 0xAD, 0x28, 0x01, 0x00,
    ]

    @Test func lookingLeavesTheDescriptorWhereItWas() throws {
        let path = directory.appending("a")
        FileOnDisk.write("%PDF-1.7\n", to: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        lseek(descriptor, 3, SEEK_SET)
        #expect(try Self.types.type(of: descriptor) == "application/pdf")
        #expect(lseek(descriptor, 0, SEEK_CUR) == 3)
    }

    @Test func whatCannotBeReadIsUnknown() throws {
        #expect(["application/octet-stream", "application/x-empty"].contains(try type(at: directory.appending(""))))
        #expect(throws: SystemError.self) { try Self.types.type(of: -1) }
    }
}
