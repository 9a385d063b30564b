import JobTesting
import Testing

@testable import JobModel

struct SortedNumbersTests {
    @Test(arguments: 0..<5)
    func aSetOfNumbersIsSortedAndCounts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var numbers = SortedNumbers()
        var expected: Set<Int64> = []
        for step in 0..<6000 {
            let number = Int64.random(in: 0..<4000, using: &generator)
            if Int.random(in: 0..<5, using: &generator) < (step < 3000 ? 4 : 1) {
                numbers.insert(number)
                expected.insert(number)
            } else {
                numbers.remove(number)
                expected.remove(number)
            }
            guard step % 100 == 0 else { continue }
            #expect(numbers.count == expected.count && numbers.first == expected.min())
            #expect(numbers.count(below: number) == expected.filter { $0 < number }.count)
        }
    }
}
