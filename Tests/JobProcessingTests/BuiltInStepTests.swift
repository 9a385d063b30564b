import Glibc
import JSON
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct BuiltInStepTests {
    private static let inspect = Step(name: "inspect", action: .builtIn(.inspect))

    @Test func aRealDocumentBecomesTextAndNumbers() async throws {
        let extract = try CommandTemplate(["pdftotext", "-enc", "UTF-8", "{input}", "{output:text.txt}"])
        let bench = try ProcessorBench([
            Self.inspect,
            Step(
                name: "extract-text", action: .command(extract),
                condition: StepCondition(mediaTypes: ["application/pdf"])),
            Step(
                name: "text-statistics", action: .builtIn(.textStatistics),
                condition: StepCondition(mediaTypes: ["application/pdf"])),
        ])
        let document = PDFDocument(pages: ["One page of words", "and a second"])
        let file = try bench.store(document.bytes, name: "report.pdf")
        let ended = await bench.run([file])
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.result?["pages"] == 2)
        #expect(ended.result?["words"] == 7)
        #expect(ended.result?["files"]?.array?.first?["mediaType"] == "application/pdf")
        #expect(ended.result?["files"]?.array?.first?["sha256"] == file.sha256.map(JSONValue.string))
        let artifact = try #require(ended.outcome?.artifacts.first)
        #expect(artifact.mediaType == "text/plain")
        let text = try #require(FileOnDisk(bench.area.path(of: artifact.name, of: .sample, run: 1))?.text)
        #expect(text.contains("One page of words"))
        #expect(text.contains("and a second"))
    }

    @Test func aDocumentThatIsNoneFailsWithWhatTheProgramSaid() async throws {
        let extract = try CommandTemplate(["pdftotext", "{input}", "{output:text.txt}"])
        let bench = try ProcessorBench([Step(name: "extract-text", action: .command(extract))])
        let ended = await bench.run([try bench.store(Array("%PDF-1.4\nnonsense\n".utf8), name: "x.pdf")])
        #expect(ended.failure?.code == "exit")
        #expect(ended.failure?.cause?.isEmpty == false)
        #expect(ended.outcome?.artifacts == [])
    }

    @Test func aFileThatIsNotWhatWasUploadedIsRejected() async throws {
        let bench = try ProcessorBench([Self.inspect])
        let file = try bench.store(Array("one".utf8), name: "a.txt")
        let path = bench.area.path(of: file.fileId)
        unlink(path)
        FileOnDisk.write("two", to: path)
        let ended = await bench.run([file])
        #expect(ended.failure?.code == "rejected")
        #expect(ended.failure?.message == "The file a.txt is not what was uploaded. Upload it again.")
        #expect(ended.mayRetry == false)
    }

    @Test func aFileThatIsGoneIsAFailure() async throws {
        let bench = try ProcessorBench([Self.inspect])
        let file = try bench.store(Array("one".utf8), name: "a.txt")
        bench.area.remove(file.fileId)
        #expect(await bench.run([file]).failure?.code == "rejected")
        #expect(bench.area.runPaths() == [])
    }

    @Test func whatNeedsNeitherProgramNorFileHasNothingOnTheDisk() async throws {
        let bench = try ProcessorBench([Self.inspect])
        // In the place of its directory.
        FileOnDisk.write("", to: bench.area.runPath(of: .sample, run: 1))
        let ended = await bench.run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.outcome?.message == nil)
        #expect(ended.reports.last?.message == "Inspect")
    }

    @Test func anExcerptIsTheBeginningInOneLine() {
        #expect(Self.counted("  One\n\n two\u{1B}\tthree\u{A0}four ")["excerpt"] == "One two three four")
        let long = Self.counted(String(repeating: "é", count: 600))
        #expect(long["excerpt"]?.string?.count == TextStatistics.excerptLength)
    }

    @Test(
        arguments: [
            ("", nil, 0, 0), ("one two\nthree\t", nil, 3, 14), ("é😀 x", nil, 2, 4), ("one\u{C}two\u{C}", 2, 2, 6),
        ] as [(String, Int?, Int, Int)])
    func aTextIsCounted(text: String, pages: Int?, words: Int, characters: Int) {
        let found = Self.counted(text)
        #expect(found["pages"]?.integer.map { Int($0) } == pages)
        #expect(found["words"] == JSONValue(words))
        #expect(found["characters"] == JSONValue(characters))
    }

    private static func counted(_ text: String) -> JSONObject {
        var statistics = TextStatistics()
        for scalar in text.unicodeScalars { statistics.add(scalar) }
        return statistics.result
    }

    @Test(arguments: ["files/notepad-utf16.txt", "files/windows-1252.txt"])
    func aTextIsReadInItsOwnEncoding(fixture: String) async throws {
        let bench = try ProcessorBench([Step(name: "count", action: .builtIn(.textStatistics))])
        let ended = await bench.run([try bench.store(Fixture.bytes(fixture), name: "a.txt")])
        #expect(ended.result?["excerpt"] == "Grüße aus Köln, it’s late. zwei Zeilen")
        #expect(ended.result?["words"] == 7)
        #expect(ended.result?["lines"] == 2)
        #expect(ended.result?["characters"] == 41)
    }

    /// A text that is longer than a piece decides as a whole: the byte that is not UTF-8 may be its last.
    @Test(arguments: [(UInt8(ascii: "."), 100_001), (0xE9, 100_001), (0xFF, 200_001)])
    func allOfATextDecidesItsEncoding(last: UInt8, characters: Int) async throws {
        let bench = try ProcessorBench([Step(name: "count", action: .builtIn(.textStatistics))])
        let bytes = Array(String(repeating: "é", count: 100_000).utf8) + [last]
        let ended = await bench.run([try bench.store(bytes, name: "a.txt")])
        #expect(ended.result?["characters"] == JSONValue(characters))
    }
}
