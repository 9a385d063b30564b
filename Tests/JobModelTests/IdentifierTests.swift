import JobModel
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct IdentifierTests {
    @Test(arguments: ["a", "0", "job_1-2.3:4", String(repeating: "x", count: 128)])
    func idsOfTheGrammarAreTaken(text: String) {
        #expect(JobID(text)?.description == text)
    }

    @Test(arguments: [
        "", "stream", "_a", ".a", "-a", "a/b", "a b", "ä", "a\n", "a\0", String(repeating: "x", count: 129), "..",
    ])
    func otherTextIsNoId(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func madeIdsSayWhenAndDiffer() {
        var generator = SeededGenerator(seed: 1)
        let now = Timestamp(milliseconds: 1_759_933_184_539)
        let ids = Set((0..<1000).map { _ in JobID.make(at: now, using: &generator) })
        #expect(ids.count == 1000)
        #expect(ids.allSatisfy { $0.description.hasPrefix("job_1759933184539_") && JobID($0.description) == $0 })
    }
}
