import JobModel
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ShrinkTests {
    @Test func aDictionaryThatHasShrunkIsMovedIntoFittingRoom() {
        var numbers = Dictionary(uniqueKeysWithValues: (0..<100_000).map { ($0, $0) })
        for number in 1_000..<100_000 { numbers[number] = nil }
        #expect(numbers.isSparse && numbers.capacity >= 100_000)
        numbers.shrink()
        #expect(!numbers.isSparse && numbers.capacity < 4_000)
        #expect(numbers == Dictionary(uniqueKeysWithValues: (0..<1_000).map { ($0, $0) }))
    }

    @Test(arguments: [(capacity: 100_000, count: 50_000), (capacity: 1_000, count: 1)])
    func oneThatIsWellFilledOrSmallStays(capacity: Int, count: Int) {
        var numbers = [Int: Int](minimumCapacity: capacity)
        for number in 0..<count { numbers[number] = number }
        let before = numbers.capacity
        #expect(!numbers.isSparse)
        numbers.shrink()
        #expect(numbers.capacity == before)
    }

    @Test func aMapThatHasShrunkKnowsWhatItKnew() {
        var map = JobMap(rules: Rules(widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init()]))
        for number in 1...60_000 {
            map.admit(.job(.sample(jobId: .named("j\(number)"), status: .queued, number: Int64(number))))
        }
        #expect(!map.isSparse)
        for number in 11...60_000 { map.remove(.named("j\(number)")) }
        #expect(map.isSparse)
        map.shrink()
        #expect(!map.isSparse)
        #expect(map.queue("default").queued == 10)
        for number in 1...10 { #expect(map.record(.named("j\(number)"))?.job?.number == Int64(number)) }
    }
}
