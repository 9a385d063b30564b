import Glibc
import JobFiles
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct MediaTypeTests {
    private let directory = TemporaryDirectory()

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
        let path = directory.appending("lies.doc")
        FileOnDisk.write(bytes, to: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(MediaType.ofFile(descriptor) == type)
    }

    @Test func lookingLeavesTheDescriptorWhereItWas() {
        let path = directory.appending("a")
        FileOnDisk.write("%PDF-1.7\n", to: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        lseek(descriptor, 3, SEEK_SET)
        #expect(MediaType.ofFile(descriptor) == "application/pdf")
        #expect(lseek(descriptor, 0, SEEK_CUR) == 3)
    }

    @Test func whatCannotBeReadIsUnknown() {
        #expect(["application/octet-stream", "application/x-empty"].contains(MediaType.ofFile(-1)))
    }
}
