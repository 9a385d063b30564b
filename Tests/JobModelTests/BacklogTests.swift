import JobModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct BacklogTests {
    @Test func theNewestStateStaysAndAFinalOneBeforeIt() {
        var backlog = Backlog<String, Int>()
        backlog.put(1, isFinal: false, for: "a")
        backlog.put(2, isFinal: false, for: "b")
        backlog.put(3, isFinal: true, for: "a")
        backlog.put(4, isFinal: false, for: "a")
        backlog.put(5, isFinal: false, for: "a")
        #expect(backlog.count == 2)
        let taken = take(&backlog)
        #expect(taken == ["a 3", "a 5", "b 2"] && backlog.isEmpty)
    }

    @Test func itWeighsWhatItHolds() {
        var backlog = Backlog<String, Int>()
        backlog.put(1, isFinal: true, weight: 10, for: "a")
        backlog.put(2, isFinal: false, weight: 5, for: "a")
        backlog.put(3, isFinal: false, weight: 7, for: "a")
        backlog.put(4, isFinal: false, weight: 100, for: "b")
        #expect(backlog.weight == 117)
        _ = backlog.popFirst()
        #expect(backlog.weight == 107 && backlog.count == 2)
        _ = backlog.popFirst()
        #expect(backlog.weight == 100 && backlog.count == 1)
    }

    @Test func manyThatComeAndGoKeepTheirOrder() {
        var backlog = Backlog<String, Int>()
        var expected: [String] = []
        var taken: [String] = []
        for number in 0..<5000 {
            backlog.put(number, isFinal: false, for: "j\(number)")
            expected.append("j\(number) \(number)")
            if number % 3 > 0, let (key, state) = backlog.popFirst() { taken.append("\(key) \(state)") }
        }
        taken += take(&backlog)
        #expect(taken == expected)
    }

    private func take(_ backlog: inout Backlog<String, Int>) -> [String] {
        var taken: [String] = []
        while let (key, state) = backlog.popFirst() { taken.append("\(key) \(state)") }
        return taken
    }
}
