import JobFiles
import JobModel
import Testing

struct FileNameTests {
    @Test(arguments: [
        ("contract.pdf", "contract.pdf"), ("../../etc/passwd", "passwd"), ("a/b\\c.txt", "c.txt"), ("..", "file"),
        (".", "file"), ("", "file"), ("///", "file"), ("a\0b", "ab"), ("a\r\nb\t.txt", "ab.txt"), (" a ", "a"),
        ("\u{202E}gnp.exe", "gnp.exe"), ("\u{7F}\u{9B}x", "x"), ("Übergröße.pdf", "Übergröße.pdf"),
        (".hidden", ".hidden"), ("👩‍👩‍👧.png", "👩👩👧.png"),
    ])
    func aNameIsMadeSafe(given: String, safe: String) {
        #expect(FileName.safe(given) == safe)
    }

    @Test(arguments: ["x", "ä", "👍"])
    func aLongNameKeepsItsEnding(character: String) {
        let safe = FileName.safe(String(repeating: character, count: 4000) + ".pdf")
        #expect(safe.utf8.count <= Limits.fileNameBytes && safe.hasSuffix("\(character).pdf"))
    }

    @Test func aLongEndingIsNone() {
        #expect(FileName.safe("a." + String(repeating: "x", count: 4000)).utf8.count <= Limits.fileNameBytes)
    }
}
