import Testing

@testable import JobProcessing

struct SupervisorWordsTests {
    @Test func theyAreReadInPieces() {
        var words = SupervisorWords()
        var seen: [String] = []
        for byte in (SupervisorWords.begun(4711) + "exited 3\n").utf8 {
            words.add([byte])
            seen.append("\(words.process ?? 0) \(words.end)")
        }
        #expect(Set(seen) == ["0 ", "4711 ", "4711 exited 3"])
    }

    @Test func oneThatCouldNotBeForkedHasOnlyAnEnd() {
        var words = SupervisorWords()
        words.add(Array("shortage fork failed\n".utf8))
        #expect(words.process == nil && words.end == "shortage fork failed")
    }

    @Test func nothingMakesThemLong() {
        var words = SupervisorWords()
        words.add(Array(SupervisorWords.begun(1).utf8))
        for _ in 1...100 { words.add(Array(repeating: UInt8(ascii: "x"), count: 65_536)) }
        #expect(words.process == 1 && words.end == "")
    }
}
