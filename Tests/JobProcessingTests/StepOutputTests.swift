import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct StepOutputTests {
    private let bench = StepBench()

    @Test func bothStreamsComeLineByLine() async {
        let ended = await bench.run(script: "echo one; echo two >&2; echo; printf three; printf four >&2")
        #expect(ended.texts(.stdout) == ["one", "", "three"])
        #expect(ended.texts(.stderr) == ["two", "four"])
    }

    @Test func bytesThatAreNoTextAreMarked() async {
        let ended = await bench.run(script: #"printf 'a\377b\n\303\n\000\n'"#)
        #expect(ended.texts() == ["a\u{FFFD}b", "\u{FFFD}", "\0"])
        #expect(ended.exit == .exited(code: 0))
    }

    @Test(arguments: [("", StepProcess.Stream.stdout), ("exec >&2; ", .stderr)])
    func tenMegabytesWithoutALineFeedComeInPieces(redirection: String, stream: StepProcess.Stream) async {
        let ended = await bench.run(script: redirection + "head -c 10485760 /dev/zero | tr '\\0' x")
        #expect(ended.exit == .exited(code: 0))
        let texts = ended.texts(stream)
        #expect(texts.allSatisfy { $0.utf8.count <= LineSplitter.maximumBytes })
        #expect(texts.reduce(0) { $0 + $1.utf8.count } == 10_485_760)
    }

    @Test(arguments: ["", "exec >&2; "])
    func whoeverPrintsTooMuchIsEnded(redirection: String) async {
        let ended = await bench.run(script: redirection + "yes", limits: StepLimits(printedBytes: 100_000))
        #expect(ended.exit == .outputLimit)
        #expect(ended.lines.reduce(0) { $0 + $1.text.utf8.count + 1 } <= 100_000)
    }

    @Test func outputThatIsLeftInThePipeIsRead() async {
        let ended = await bench.run(script: "seq 1 5000")
        #expect(ended.texts() == (1...5000).map(String.init))
    }

    @Test func aStepThatClosesItsOutputGoesOn() async {
        let ended = await bench.run(script: "echo one; exec >&- 2>&-; head -c 1000 /dev/zero > made; exit 9")
        #expect(ended.exit == .exited(code: 9))
        #expect(ended.texts() == ["one"])
        #expect(FileOnDisk(bench.work + "/made")?.bytes.count == 1000)
    }

    @Test(arguments: 0...9)
    func linesAreTheSameHoweverTheyAreRead(position: Int) {
        let bytes = Array("a\n\nbé\ncd".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        splitter.add(Array(bytes[..<position])) { lines.append($0) }
        splitter.add(Array(bytes[position...])) { lines.append($0) }
        splitter.finish { lines.append($0) }
        #expect(lines == ["a", "", "bé", "cd"])
    }

    @Test(
        arguments: [
            ("10%\r20%\r30%\n", ["10%", "20%", "30%"]), ("\r10%\r20%", ["10%", "20%"]), ("a\r\nb\r\n", ["a", "b"]),
            ("a\r\n\r\nb", ["a", "", "b"]), ("a\r\r\nb", ["a", "b"]), ("a\r\n\nb", ["a", "", "b"]), ("\r\n", [""]),
            ("\n\n", ["", ""]), ("a\r", ["a"]), ("\r", []),
        ] as [(String, [String])])
    func aReturnEndsALineToo(text: String, expected: [String]) {
        for position in 0...text.utf8.count {
            var splitter = LineSplitter()
            var lines: [String] = []
            splitter.add(Array(text.utf8.prefix(position))) { lines.append($0) }
            splitter.add(Array(text.utf8.dropFirst(position))) { lines.append($0) }
            splitter.finish { lines.append($0) }
            #expect(lines == expected)
        }
    }

    @Test(arguments: [
        (8191, [8191]), (8192, [8192]), (8193, [8192, 1]), (16_384, [8192, 8192]), (16_385, [8192, 8192, 1]),
    ])
    func aLongLineIsCut(count: Int, pieces: [Int]) {
        var splitter = LineSplitter()
        var lines: [Int] = []
        splitter.add([UInt8](repeating: 0x78, count: count) + [0x0A]) { lines.append($0.utf8.count) }
        splitter.finish { _ in Issue.record("nothing is left") }
        #expect(lines == pieces)
    }
}
