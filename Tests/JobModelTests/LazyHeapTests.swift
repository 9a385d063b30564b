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
            heap.sweep(live: 1) { $0 == number }
        }
        #expect(heap.count < 100)
    }

    /// A million wait, and half of them are cancelled: each costs as much as if there were a hundred.
    @Test func aSweepLooksAtAFewEntriesAndKeepsTheOrder() {
        var heap = LazyHeap<Int>()
        for number in 0..<20_000 { heap.insert(number) }
        var largest = 0
        for gone in stride(from: 0, to: 20_000, by: 2) {
            var looks = 0
            heap.sweep(live: 20_000 - gone / 2 - 1) { number in
                looks += 1
                return number % 2 == 1 || number > gone
            }
            largest = max(largest, looks)
        }
        #expect(largest <= 16)
        #expect(heap.count < 12_000)
        var order: [Int] = []
        while let first = heap.first(where: { $0 % 2 == 1 }) {
            order.append(first)
            heap.removeFirst()
        }
        #expect(order == Array(stride(from: 1, to: 20_000, by: 2)))
    }
}
