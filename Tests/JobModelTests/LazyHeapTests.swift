import JobModel
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LazyHeapTests {
    @Test(arguments: 0..<10)
    func elementsComeInOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let numbers = (0..<500).map { _ in Int.random(in: 0..<100, using: &generator) }
        var heap = LazyHeap<Int>()
        for number in numbers { heap.insert(number) }
        var sorted: [Int] = []
        while let first = heap.first(where: { _ in true }) {
            sorted.append(first)
            heap.removeFirst()
        }
        #expect(sorted == numbers.sorted())
    }

    @Test func staleEntriesAreDroppedOnTheWay() {
        var heap = LazyHeap<Int>()
        for number in 0..<10 { heap.insert(number) }
        #expect(heap.first { $0 >= 7 } == 7)
        #expect(heap.count == 3)
    }

    @Test func memoryFollowsTheLiveEntries() {
        var heap = LazyHeap<Int>()
        for number in 0..<10_000 {
            heap.insert(number)
            heap.compact(live: 1) { $0 == number }
        }
        #expect(heap.count < 100)
    }
}
