import Glibc
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
        #expect(ended.result?["files"]?.array?.first?["sha256"] == .string(file.sha256))
        let artifact = try #require(ended.outcome?.artifacts.first)
        #expect(artifact.mediaType == "text/plain")
        let text = try #require(FileOnDisk(bench.area.path(of: artifact.name, of: .sample))?.text)
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
        #expect(ended.failure?.message == "The file a.txt is not what was uploaded.")
        #expect(ended.mayRetry == false)
    }

    @Test func aFileThatIsGoneIsAFailure() async throws {
        let bench = try ProcessorBench([Self.inspect])
        let file = try bench.store(Array("one".utf8), name: "a.txt")
        bench.area.remove(file.fileId)
        #expect(await bench.run([file]).failure?.code == "rejected")
        #expect(bench.area.runPaths() == [])
    }

    @Test func anExcerptIsTheBeginningInOneLine() {
        var statistics = TextStatistics()
        statistics.add("  One\n\n two\u{1B}\tthree\u{A0}four ".utf8)
        #expect(statistics.finish()["excerpt"] == "One two three four")
        statistics = TextStatistics()
        statistics.add(String(repeating: "é", count: 600).utf8)
        #expect(statistics.finish()["excerpt"]?.string?.count == TextStatistics.excerptLength)
    }

    @Test func bytesThatAreNoTextAreCounted() {
        var statistics = TextStatistics()
        statistics.add([0xFF, 0xFE, 0x20, 0xF0, 0x9F])
        let found = statistics.finish()
        #expect(found["words"] == 2)
        #expect(found["characters"] == 4)
    }

    @Test(
        arguments: [
            ("", nil, 0, 0), ("one two\nthree\t", nil, 3, 14), ("é😀 x", nil, 2, 4), ("one\u{C}two\u{C}", 2, 2, 6),
        ] as [(String, Int?, Int, Int)])
    func aTextIsCountedHoweverItIsCut(text: String, pages: Int?, words: Int, characters: Int) {
        for position in 0...text.utf8.count {
            var statistics = TextStatistics()
            statistics.add(text.utf8.prefix(position))
            statistics.add(text.utf8.dropFirst(position))
            let found = statistics.finish()
            #expect(found["pages"]?.integer.map { Int($0) } == pages)
            #expect(found["words"] == JSONValue(words))
            #expect(found["characters"] == JSONValue(characters))
        }
    }
}
