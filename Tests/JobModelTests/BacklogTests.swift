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
        let taken = backlog.takeAll()
        #expect(taken.map(\.key) == ["a", "a", "b"] && taken.map(\.state) == [3, 5, 2])
        #expect(backlog.count == 0 && backlog.takeAll().isEmpty)
    }
}
