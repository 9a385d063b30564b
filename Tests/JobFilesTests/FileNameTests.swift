import JobFiles
import JobModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FileNameTests {
    @Test(arguments: [
        ("report.pdf", "report.pdf"), ("../x", "x"), ("a/b", "b"), ("/etc/passwd", "passwd"),
        (#"C:\Users\x\y.doc"#, "y.doc"),
        ("a/", "a"), ("a/\u{301}b", "\u{301}b"), ("a/.", "file"), ("a\0b", "ab"), ("a\nb\r\n.txt", "ab.txt"),
        ("\u{1B}[31mred", "[31mred"),
        ("a\u{7F}b\u{85}c", "abc"), ("  a b  ", "a b"), (".profile", ".profile"), ("...", "..."),
        ("Übersicht 表 😀.pdf", "Übersicht 表 😀.pdf"), ("e\u{301}.txt", "e\u{301}.txt"), ("\"';$(x)", "\"';$(x)"),
    ])
    func aNameIsItsLastPartWithoutWhatCannotBeSeen(name: String, safe: String) {
        #expect(FileName.safe(name) == safe)
    }

    @Test(arguments: [
        "", " ", ".", "..", "/", "//", "\\", "../..", "\0", "\n\t", "\u{200B}", "\u{202E}", "a/\u{FEFF}", "\u{200D}",
        "\u{200F} \u{200C}", "\u{FFFE}",
    ])
    func whatHasNoNameIsCalledFile(name: String) {
        #expect(FileName.safe(name) == FileName.unnamed)
    }

    /// What turns the direction of writing would show `cod.exe` as `exe.doc`.
    @Test(arguments: ["a\u{202E}cod.exe", "a\u{2066}cod.exe", "a\u{2069}cod.exe", "acod.\u{200B}exe"])
    func nothingInANameHidesItsEnding(name: String) {
        #expect(FileName.safe(name) == "acod.exe")
    }

    /// Joiners belong to the writing of Persian and Hindi and to emoji, some of which are newer than any table here.
    @Test(arguments: [
        "نامه\u{200C}ها.pdf", "क्\u{200D}ष.pdf", "👨\u{200D}👩\u{200D}👧.jpg", "🏴\u{E0067}\u{E0062}\u{E007F}.png",
        "a\u{200F}b.txt",
        "\u{1FAEA}.png", "\u{1FADF}\u{1F6D8}.png",
    ])
    func whatBelongsToTheWritingStays(name: String) {
        #expect(FileName.safe(name) == name)
    }

    @Test(arguments: [("a", ".pdf"), ("é", ".pdf"), ("😀", ".tar.pdf"), ("e\u{301}", ".pdf"), ("x/", "y.pdf")])
    func aLongNameKeepsItsEnding(repeated: String, ending: String) {
        let safe = FileName.safe(String(repeating: repeated, count: 4000) + ending)
        #expect(safe.hasSuffix(".pdf"))
        #expect(safe.utf8.count <= Limits.fileNameBytes)
        #expect(safe.utf8.count > Limits.fileNameBytes - 8 || safe == "y.pdf")
    }

    @Test(arguments: [254, 255, 256])
    func theLimitIsExact(count: Int) {
        let name = String(repeating: "a", count: count)
        #expect(FileName.safe(name).utf8.count == min(count, Limits.fileNameBytes))
    }

    @Test(arguments: [
        (".", "x", ""), ("a.", "x", ""), ("", ".", ""), ("e", "\u{301}", ""), ("e", "\u{301}", ".pdf"),
        ("", "a.b ", ""),
    ])
    func aLongNameOfAnyFormLeavesAName(start: String, repeated: String, ending: String) {
        let name = start + String(repeating: repeated, count: 4000) + ending
        let safe = FileName.safe(name)
        #expect(safe.utf8.count <= Limits.fileNameBytes)
        #expect(safe.utf8.count > Limits.fileNameBytes - 8)
        #expect(name.unicodeScalars.starts(with: safe.unicodeScalars.prefix(100)))
    }

    @Test func aSafeNameIsSafe() {
        for scalar in (0..<0x3000).compactMap(Unicode.Scalar.init) {
            let safe = FileName.safe("a\(Character(scalar))b")
            #expect(FileName.safe(safe) == safe)
            #expect(!safe.unicodeScalars.contains { $0.value < 0x20 || $0 == "/" || $0 == "\\" || $0.value == 0x7F })
        }
    }

    @Test func invalidUTF8IsMarked() {
        let name = String(decoding: [0x61, 0xFF, 0x2F, 0x62, 0xC3, 0x2E, 0x63] as [UInt8], as: UTF8.self)
        #expect(FileName.safe(name) == "b\u{FFFD}.c")
    }
}
